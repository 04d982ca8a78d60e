"""The wheel carries what the code needs: prompts, configuration, suites."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)],
        check=True,
        capture_output=True,
    )
    return next(folder.glob("quintain-*.whl"))


@pytest.fixture(scope="module")
def unpacked(wheel, tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def test_every_prompt_and_every_setting_is_in_the_wheel(unpacked):
    for source, target in (
        (ROOT / "src/quintain/prompts", unpacked / "quintain/prompts"),
        (ROOT / "src/quintain/reporting/templates", unpacked / "quintain/reporting/templates"),
        (ROOT / "conf/base", unpacked / "quintain/starter/conf/base"),
        (ROOT / "conf/smoke", unpacked / "quintain/starter/conf/smoke"),
        (ROOT / "conf/ifbench", unpacked / "quintain/starter/conf/ifbench"),
        (ROOT / "conf/ifeval", unpacked / "quintain/starter/conf/ifeval"),
        (ROOT / "conf/retention", unpacked / "quintain/starter/conf/retention"),
        (ROOT / "src/quintain/benchmarks/harness/tasks", unpacked / "quintain/benchmarks/harness/tasks"),
        (ROOT / "conf/hub", unpacked / "quintain/starter/conf/hub"),
        (ROOT / "conf/smollm2", unpacked / "quintain/starter/conf/smollm2"),
    ):
        wanted = {
            path.relative_to(source)
            for path in source.rglob("*")
            if path.suffix in (".jinja", ".yml", ".yaml", ".css", ".js")
        }
        assert wanted
        assert wanted <= {path.relative_to(target) for path in target.rglob("*")}


def test_the_unpacked_wheel_renders_prompts_and_lays_out_a_project(unpacked, tmp_path):
    script = (
        f"import sys; sys.path.insert(0, {str(unpacked)!r})\n"
        "from pathlib import Path\n"
        "import quintain, quintain.cli.new as new, quintain.prompts as prompts\n"
        f"assert Path(quintain.__file__).is_relative_to({str(unpacked)!r}), quintain.__file__\n"
        "print(prompts.render('student/instruction', instruction='Hi')[0].content)\n"
        "new.lay_out(Path('mine'))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout == "Hi\n", done.stderr
    assert (tmp_path / "mine/conf/base/expectations/pages.yml").is_file()
