"""The tutorial on a benchmark of one's own as it stands: it runs, gates and registers, with nothing changed here."""

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[2] / "docs/tutorials/my-benchmark.md").read_text(encoding="utf-8")
FILES = {title: text for _, title, text in re.findall(r'```(\w+) title="([^"]+)"\n(.*?)```', PAGE, flags=re.DOTALL)}
COMMANDS = re.findall(r"```bash\n(.*?)```", PAGE, flags=re.DOTALL)
LIFECYCLE = "my-project/conf/hub/lifecycle.yml"


def install(source: Path, site: Path) -> None:
    """What `pip install ./sums` does, without a network."""
    project = tomllib.loads((source / "pyproject.toml").read_text())["project"]
    info = site / f"{project['name']}-{project['version']}.dist-info"
    info.mkdir(parents=True)
    (site / "sums.py").write_text((source / "sums.py").read_text())
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n")
    ((group, points),) = project["entry-points"].items()
    lines = "".join(f"{name} = {target}\n" for name, target in points.items())
    (info / "entry_points.txt").write_text(f"[{group}]\n{lines}")


@pytest.fixture(scope="module")
def project(tmp_path_factory, tiny_student):
    """The project of the tutorial on a tiny model, in an environment that has the package of the tutorial."""
    folder = tmp_path_factory.mktemp("plugin")
    for name in ("sums/sums.py", "sums/pyproject.toml"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(FILES[name])
    install(folder / "sums", folder / "site")
    path = os.pathsep.join(filter(None, [str(folder / "site"), os.environ.get("PYTHONPATH", "")]))
    shell = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PYTHONPATH": path, "PATH": shell, "OMP_NUM_THREADS": "1", "MODEL": str(tiny_student)}

    def run(commands, inside="my-project"):
        return subprocess.run(
            ["bash", "-euo", "pipefail", "-c", commands],
            cwd=folder / inside, env=environment, capture_output=True, text=True, timeout=500, check=False,
        )  # fmt: skip

    made = run(COMMANDS[0], ".")
    assert made.returncode == 0, made.stderr
    (folder / LIFECYCLE).write_text(FILES[LIFECYCLE])
    return folder / "my-project", run


def test_it_runs_and_becomes_a_version_that_the_gate_has_seen(project):
    root, run = project
    done = run(COMMANDS[1])
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    card = json.loads((root / "data/08_reporting/base/sums/scorecard.json").read_text())
    assert (card["benchmark"]["name"], card["benchmark"]["rules"], card["n_items"]) == ("sums", "sums", 16)
    assert 0 <= card["measures"]["score"]["value"] <= 1
    gate = json.loads((root / "data/08_reporting/base/gate.json").read_text())
    # An untrained model solves next to nothing, so that it is told from no broken one.
    assert gate["decision"]["outcome"] == "inconclusive", gate["decision"]
    assert "fails all 16 items" in json.dumps(gate) or "may be chance" in json.dumps(gate)
    shown = run(COMMANDS[2])
    assert shown.returncode == 0, shown.stderr
    assert "| model" in shown.stdout
    assert "score" in shown.stdout
    assert list((root / "data/08_reporting/scorecards").glob("*.html"))


def test_a_name_that_nobody_offers_stops_the_run_in_one_line(project):
    root, run = project
    (root.parent / LIFECYCLE).write_text(FILES[LIFECYCLE].replace("[sums]", "[sumz]"))
    done = run("kedro run --pipelines evaluation")
    assert done.returncode == 1
    assert "benchmarks: there is no 'sumz'; did you mean sums?; no package offers it" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
