"""On the real tree: a stage depends on the code that it runs, and on nothing of rooms that it has no use for.

One traced run of the lifecycle at smoke sizes serves all; see `stage_tracer`.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.house.versioned_project import EVERY_KIND

pytestmark = pytest.mark.timeout(1800)

ROOT = Path(__file__).parents[2]
SOURCE = "src/quintain/"

# Hooks and settings are run by Kedro for every stage, `quiet_tools` by Kedro and MLflow in every process, and change no
# result; the registry of pipelines makes the stages.
OF_KEDRO = (
    "hooks/", "settings.py", "pipeline_registry.py", "lifecycle/", "offline.py", "quiet_tools.py", "__init__.py",
    "errors.py",
)  # fmt: skip

FORBIDDEN = {
    "world": ("reporting", "registry", "serving", "web", "methods", "edit_memory", "benchmarks", "prompts"),
    "synthesis": ("registry", "serving", "edit_memory", "training", "methods/lion", "methods/bmc", "methods/lte"),
    "finetuning": ("web", "reporting", "registry", "serving", "methods", "almanac", "benchmarks", "prompts", "quality"),
    "distillation": ("web", "registry", "serving", "edit_memory", "methods/webr", "methods/bmc", "methods/lte"),
    "preference": ("registry", "serving", "edit_memory", "methods/webr", "methods/lion", "methods/lte"),
    "editing": ("web", "registry", "methods/webr", "methods/lion", "methods/bmc"),
    "evaluation": ("web", "registry", "serving", "training", "edit_memory", "methods"),
    "registration": ("web", "training", "methods/webr", "methods/lion", "methods/bmc", "quality"),
}

# An edited student is asked under its memory, as it is served.
NEEDS = {"evaluation-lte-almanac": ("edit_memory", "methods/lte", "serving/student.py", "serving/embedders.py")}


def stages_of(project):
    return yaml.safe_load((project / "dvc.yaml").read_text())["stages"]


def sources_of(stage):
    return {path.removeprefix(SOURCE) for path in stage["deps"] if path.startswith(SOURCE)}


def holds(paths, file):
    return any(file == path or file.startswith(f"{path}/") for path in paths)


@pytest.fixture(scope="module")
def committed():
    return stages_of(ROOT)


@pytest.mark.parametrize("pipeline", FORBIDDEN)
def test_a_stage_does_not_depend_on_rooms_that_it_has_no_use_for(committed, pipeline):
    mine = {name: sources_of(stage) for name, stage in committed.items() if name.partition("-")[0] == pipeline}
    assert mine
    found = {
        f"{name}: {path}" for name, paths in mine.items() for path in paths for room in FORBIDDEN[pipeline]
        if (holds([room], path) or holds([path], room)) and not holds(NEEDS.get(name, ()), path)
    }  # fmt: skip
    assert found == set()


def test_no_stage_depends_on_hooks_settings_or_the_command_line(committed):
    kept = {path for stage in committed.values() for path in sources_of(stage)}
    assert [path for path in sorted(kept) if path.startswith(("hooks", "cli", "settings", "pipeline_registry"))] == []


@pytest.fixture(scope="module")
def traced(tmp_path_factory):
    """A copy of this repository that versions the smoke sizes and a stage of every kind: the files that each ran."""
    project = tmp_path_factory.mktemp("traced") / "project"
    project.mkdir()
    for folder in ("src", "conf"):
        shutil.copytree(ROOT / folder, project / folder, ignore=shutil.ignore_patterns("__pycache__", "local"))
    (project / "conf/local").mkdir()
    (project / "conf/smoke/lifecycle.yml").write_text(EVERY_KIND)
    pyproject = (ROOT / "pyproject.toml").read_text()
    (project / "pyproject.toml").write_text(f'{pyproject}\n[tool.quintain]\nenvironment = "smoke"\n')
    environment = os.environ | {"PYTHONPATH": str(project / "src"), "OMP_NUM_THREADS": "1"}
    environment.pop("MLFLOW_TRACKING_URI", None)
    for command in (
        [sys.executable, "-m", "quintain", "dvc-sync"],
        [sys.executable, str(Path(__file__).with_name("stage_tracer.py")), str(project), str(project / "ran.json")],
    ):
        done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    ran = {
        "-".join((pipeline, *namespace.split("."))).rstrip("-"): files
        for pipeline, namespaces in json.loads((project / "ran.json").read_text()).items()
        for namespace, files in namespaces.items()
    }
    return stages_of(project), ran


def test_every_stage_ran(traced):
    stages, ran = traced
    assert set(ran) == set(stages)
    assert all("pipelines/" in str(files) for files in ran.values())


def test_what_a_stage_runs_is_among_its_dependencies(traced):
    stages, ran = traced
    missing = {
        name: [file for file in files if not file.startswith(OF_KEDRO) and not holds(sources_of(stages[name]), file)]
        for name, files in ran.items()
    }
    words_only = {file for files in missing.values() for file in files if file.endswith("__init__.py")}
    assert [file for file in words_only if "import" in (ROOT / SOURCE / file).read_text()] == []
    assert {name: left for name, files in missing.items() if (left := sorted(set(files) - words_only))} == {}
