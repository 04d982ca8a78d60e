"""`quintain dvc-sync` on a small Kedro project, and DVC itself on what it writes."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]

# Two pipelines: `make` writes numbers and counts them, `use` scales them for the students a and b.
FILES = {
    "pyproject.toml": """
[project]
name = "shop"
version = "0.1"
[tool.kedro]
package_name = "shop"
project_name = "shop"
kedro_init_version = "1.7.0"
source_dir = "src"
""",
    "src/shop/__init__.py": "",
    "src/shop/settings.py": "",
    "src/shop/arithmetic.py": "def scaled(numbers, params):\n    return [params['factor'] * n for n in numbers]\n",
    "src/shop/pipelines/__init__.py": "",
    "src/shop/pipelines/make/__init__.py": """
from kedro.pipeline import Pipeline, node

def numbers(params):
    return list(range(params["n"])), {"n": params["n"]}

def create_pipeline():
    return Pipeline([node(numbers, inputs="params:make", outputs=["numbers", "count"])])
""",
    "src/shop/pipelines/use/__init__.py": """
from kedro.pipeline import Pipeline, node
from shop.arithmetic import scaled

def student(name):
    return Pipeline([node(scaled, ["numbers", "params:use"], "scaled")], namespace=name, inputs={"numbers"})

def create_pipeline():
    return student("a") + student("b")
""",
    "src/shop/pipeline_registry.py": """
from shop.pipelines import make, use

def register_pipelines():
    pipelines = {"make": make.create_pipeline(), "use": use.create_pipeline()}
    return {**pipelines, "__default__": sum(pipelines.values())}
""",
    "conf/base/catalog.yml": """
numbers: {type: json.JSONDataset, filepath: data/numbers.json}
count: {type: json.JSONDataset, filepath: data/count.json, metadata: {dvc: metric}}
"{student}.scaled": {type: json.JSONDataset, filepath: "data/{student}/scaled.json", metadata: {dvc: uncached}}
""",
    "conf/base/parameters.yml": "make: {n: 4}\na: {use: {factor: 2}}\nb: {use: {factor: 3}}\n",
    ".gitignore": "__pycache__/\ndata/numbers.json\n",
}


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    project = tmp_path_factory.mktemp("shop")
    for name, text in FILES.items():
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text(text)
    (project / "conf/local").mkdir()
    shutil.copy(ROOT / ".dvcignore", project)
    run(project, "git", "init", "--quiet")
    run(project, "dvc", "init", "--quiet")
    return project


def run(project, *command):
    bin_folder = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | {"PATH": bin_folder, "DVC_NO_ANALYTICS": "1", "KEDRO_DISABLE_TELEMETRY": "1"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)


def sync(project, *options):
    return run(project, sys.executable, "-m", "quintain", "dvc-sync", *options)


@pytest.fixture(scope="module")
def synced(project):
    process = sync(project)
    assert process.returncode == 0, process.stderr
    return process.stdout


def test_the_file_is_written_once_and_then_in_step(project, synced):
    assert "dvc.yaml written: 3 stages" in synced
    first = (project / "dvc.yaml").read_text()
    assert "in step" in sync(project).stdout
    assert (project / "dvc.yaml").read_text() == first


def test_check_agrees_from_any_folder_of_the_project(project, synced):
    process = sync(project / "conf/base", "--check")
    assert (process.returncode, "in step" in process.stdout) == (0, True)


def test_the_stage_names_what_its_pipeline_and_student_read(project, synced):
    stage = yaml.safe_load((project / "dvc.yaml").read_text())["stages"]["use-b"]
    assert stage["deps"] == ["data/numbers.json", "src/shop/arithmetic.py", "src/shop/pipelines/use/__init__.py"]
    assert stage["params"] == [{"conf/base/parameters.yml": ["b.use"]}]
    assert stage["outs"] == [{"data/b/scaled.json": {"cache": False}}]


def test_check_shows_the_difference_and_changes_nothing(project, synced):
    target = project / "dvc.yaml"
    in_step = target.read_text()
    behind = in_step.replace("  - data/numbers.json\n", "", 1)
    target.write_text(behind)
    process = sync(project, "--check")
    assert process.returncode == 1
    assert "+++ pipelines" in process.stdout
    assert "+    - data/numbers.json" in process.stdout
    assert "run `quintain dvc-sync`" in process.stderr
    assert target.read_text() == behind
    target.write_text(in_step)


def test_outside_a_project_it_says_so(tmp_path):
    process = sync(tmp_path)
    assert process.returncode == 1
    assert "is not in a Kedro project" in process.stderr
    assert "Traceback" not in process.stderr


@pytest.fixture(scope="module")
def reproduced(project, synced):
    process = run(project, "dvc", "repro")
    assert process.returncode == 0, process.stdout + process.stderr
    return process.stdout


def test_dvc_runs_every_stage_with_real_kedro(project, reproduced):
    assert [line for line in reproduced.splitlines() if "Running stage" in line] == [
        "Running stage 'make':", "Running stage 'use-a':", "Running stage 'use-b':",
    ]  # fmt: skip
    # 0 1 2 3, times 3
    assert yaml.safe_load((project / "data/b/scaled.json").read_text()) == [0, 3, 6, 9]


def test_a_second_repro_is_a_no_op(project, reproduced):
    assert list(project.rglob("__pycache__"))  # compiled by the run just before, and no change to DVC
    assert "Running stage" not in run(project, "dvc", "repro").stdout


@pytest.mark.parametrize(
    ("file", "old", "new", "stages"),
    [
        ("conf/base/parameters.yml", "factor: 2", "factor: 5", ["use-a"]),
        ("src/shop/arithmetic.py", "params['factor'] * n", "n * params['factor']", ["use-a", "use-b"]),
        ("src/shop/pipelines/make/__init__.py", "list(range", "sorted(range", ["make"]),
    ],
)
def test_a_change_reruns_only_the_stages_that_it_concerns(project, reproduced, file, old, new, stages):
    before = (project / file).read_text()
    (project / file).write_text(before.replace(old, new))
    shown = run(project, "dvc", "status").stdout
    (project / file).write_text(before)
    assert [line.rstrip(":") for line in shown.splitlines() if line and not line[0].isspace()] == stages


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ("src/shop/arithmetic.py", ["2 of 3 stages depend on it, 0 come after them", "use-a  depends on src/shop"]),
        ("make.n", ["1 of 3 stages depend on it, 2 come after", "make   reads make in conf/base/parameters.yml",
                    "use-b  after make"]),
        ("a", ["1 of 3 stages depend on it", "use-a  reads a.use in conf/base/parameters.yml"]),
        ("src/shop/settings.py", ["no stage of 3 depends on it"]),
    ],
)  # fmt: skip
def test_why_names_the_stages_that_a_change_makes_stale(project, synced, changed, expected):
    process = sync(project, "--why", changed)
    assert process.returncode == 0, process.stderr
    for part in expected:
        assert part in process.stdout


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ("make.m", "make.m is no parameter of the environment base and no file of this project; did you mean make.n"),
        (
            "src/shop/arithmetics.py",
            "no src/shop/arithmetics.py, and no stage reads or writes it; did you mean src/",
        ),
    ],
)
def test_why_answers_what_is_not_there_with_what_is(project, synced, changed, message):
    process = sync(project, "--why", changed)
    assert process.returncode == 1
    assert message in " ".join(process.stderr.split())


def test_metrics_are_shown(project, reproduced):
    assert "data/count.json" in run(project, "dvc", "metrics", "show").stdout
