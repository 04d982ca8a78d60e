"""Files at the root that nothing imports: README, citation, workflows, Dockerfile, badges. What they name is there."""

import importlib.util
import re
from pathlib import Path

import pytest
import yaml

import quintain

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
README = (ROOT / "README.md").read_text(encoding="utf-8")


def targets() -> set[str]:
    """Targets of the Makefile."""
    return set(re.findall(r"^([\w./-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))


def made(text: str) -> set[str]:
    """Targets that a text asks make for."""
    return {target for line in re.findall(r"\bmake ((?:[\w./-]+ ?)+)", text) for target in line.split()}


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_runs_what_the_makefile_has_on_a_python_that_we_support(workflow):
    jobs = yaml.safe_load(workflow.read_text(encoding="utf-8"))["jobs"]
    steps = [step for job in jobs.values() for step in job["steps"]]
    asked = {target for step in steps for target in made(str(step.get("run", "")))}
    assert asked <= targets()
    assert {step["with"]["python-version"] for step in steps if "python-version" in step.get("with", {})} <= {"3.11"}


def test_test_docs_release_and_slow_tests_have_a_workflow():
    assert [path.stem for path in WORKFLOWS] == ["docs", "release", "slow", "test"]


def test_the_slow_workflow_names_tests_that_are_there_and_leaves_out_those_that_others_run():
    jobs = yaml.safe_load((ROOT / ".github/workflows/slow.yml").read_text(encoding="utf-8"))["jobs"]
    *some, rest = jobs["slow"]["strategy"]["matrix"]["tests"]
    named = {ROOT / path for line in some for path in line.split()}
    assert all(path.is_file() for path in named)
    whole, *ignored = rest.split(" --ignore ")
    assert whole == "tests"
    left_out = {file for path in ignored for file in [ROOT / path, *(ROOT / path).glob("test_*.py")] if file.is_file()}
    assert left_out == named


def test_the_dockerfile_runs_make_run_and_copies_what_is_there():
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert text.rstrip().endswith('CMD ["make", "run"]')
    assert ".venv/.installed" in targets()
    for line in re.findall(r"^COPY --chown=quintain (.+)$", text, flags=re.MULTILINE):
        for source in line.split()[:-1]:
            assert (ROOT / source).exists(), source


def test_what_the_wheel_is_built_from_is_copied_before_it_is_installed():
    before = (ROOT / "Dockerfile").read_text(encoding="utf-8").partition("RUN make .venv/.installed")[0]
    copied = {
        word
        for line in re.findall(r"^COPY --chown=quintain (.+)$", before, flags=re.MULTILINE)
        for word in line.split()
    }
    import tomllib

    build = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]
    included = build["targets"]["wheel"]["force-include"]
    assert {path.partition("/")[0] for path in included} <= copied


def test_the_citation_names_this_version_and_licence():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == quintain.__version__
    assert citation["license"] == "Apache-2.0"
    assert citation["cff-version"] == "1.2.0"
    assert {"message", "title", "authors"} <= citation.keys()


def test_the_badges_say_what_the_package_says_and_the_readme_shows_them():
    spec = importlib.util.spec_from_file_location("generate_badges", ROOT / "docs/generate_badges.py")
    generator = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generator)
    for name, picture in generator.badges().items():
        assert (ROOT / "docs/assets" / name).read_text(encoding="utf-8") == picture, "python docs/generate_badges.py"
        assert f"docs/assets/{name}" in README


def test_the_readme_is_short_activates_its_environment_and_loads_no_picture_from_a_host():
    assert len(README.splitlines()) <= 150
    assert made("\n".join(re.findall(r"```bash\n(.*?)```", README, flags=re.DOTALL))) <= targets()
    assert "source .venv/bin/activate" in README
    pictures = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", README)
    assert pictures
    assert all((ROOT / picture).is_file() for picture in pictures)


def test_every_link_of_the_readme_leads_to_a_file():
    links = re.findall(r"(?<!!)\[[^\]]*\]\(([^)#]+)", README)
    assert [link for link in links if "://" not in link and not (ROOT / link).exists()] == []


def test_every_command_of_the_readme_is_one():
    from quintain.cli import COMMANDS

    shell = "\n".join(re.findall(r"```bash\n(.*?)```", README, flags=re.DOTALL))
    assert set(re.findall(r"^quintain ([\w-]+)", shell, flags=re.MULTILINE)) <= set(COMMANDS)
