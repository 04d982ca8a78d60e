"""A project that versions `hub` is under DVC like any other: repro, no-op, experiment, clone; with a teacher asked."""

import subprocess

import pytest
import yaml

from quintain.cli.new import lay_out
from quintain.web import write_warc
from tests.endpoint_server import EndpointServer
from tests.house.test_hub import KEY, PLACES, foreign_student, page, teacher
from tests.house.versioned_project import version

__all__ = ["foreign_student"]  # a fixture

pytestmark = pytest.mark.timeout(1800)

once_more = pytest.mark.slow
"""Mark of tests that hold in one what test_dvc_lifecycle.py holds of `dvc repro` and test_hub.py of a run of `hub`."""

SMALL = {
    "finetuning": {"sft": {"steps": 4, "batch_size": 2, "accumulation_steps": 1, "max_length": 1024}},
    "evaluation": {"by_benchmark": {"core": {"sampling": {"max_new_tokens": 8}}}, "resampling": {"replicates": 50}},
}


def merged(base, override):
    """The override's leaves in place of the base's."""
    if not isinstance(base, dict) or not isinstance(override, dict):
        return override
    return {**base, **{key: merged(base.get(key), value) for key, value in override.items()}}


def rewrite(file, values):
    present = yaml.safe_load(file.read_text()) if file.exists() else {}
    file.write_text(yaml.safe_dump(merged(present, values), sort_keys=False))


@pytest.fixture(scope="module")
def server():
    with EndpointServer(teacher) as server:
        yield server


@pytest.fixture(scope="module")
def project(tmp_path_factory, foreign_student, server, newcomer_env):
    """Pages and a model of one's own, a student that is fine-tuned, one benchmark, sizes for a look around."""
    root = tmp_path_factory.mktemp("hub") / "mine"
    lay_out(root, environment="hub")
    (root / "data/01_raw/pages").mkdir()
    write_warc([page(place) for place in PLACES.split()], root / "data/01_raw/pages/a.warc.gz")
    conf = root / "conf/hub"
    endpoint = {"address": server.address, "model": "teacher-1", "key_env": "TEACHER_KEY", "concurrency": 8}
    rewrite(
        conf / "globals.yml",
        {
            "student": {"source": str(foreign_student), "revision": ""},
            "adapter": {"r": 4, "lora_alpha": 8, "target_modules": "all-linear"},
            "pages": "data/01_raw/pages",
            "teacher": endpoint,
            "judge": endpoint,
            "pack": 1,
        },
    )
    for group, values in SMALL.items():
        rewrite(conf / f"parameters_{group}.yml", {group: values})
    (conf / "lifecycle.yml").write_text(
        "students:\n  base: {start: student}\n  webr: {from: base, by: finetuning}\nbenchmarks: [core]\n"
    )
    version(root, newcomer_env)
    return root


@pytest.fixture(scope="module")
def dvc(project, newcomer_env):
    def run(*arguments, cwd=project):
        process = subprocess.run(
            ["dvc", *arguments], cwd=cwd, env=newcomer_env | {"TEACHER_KEY": KEY}, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        assert process.returncode == 0, (process.stdout + process.stderr)[-6000:]
        return process.stdout

    return run


@pytest.fixture(scope="module")
def reproduced(dvc):
    return dvc("repro")


def test_every_stage_runs_in_the_environment_and_watches_its_files(project, foreign_student):
    stages = yaml.safe_load((project / "dvc.yaml").read_text())["stages"]
    assert all(stage["cmd"].endswith(" --env hub") for stage in stages.values())
    tuned = {path: keys for group in stages["finetuning-webr"]["params"] for path, keys in group.items()}
    assert tuned["conf/hub/globals.yml"] == ["adapter"]
    for file in ("base/parameters_training", "hub/parameters_finetuning", "hub/parameters_adapter"):
        assert tuned[f"conf/{file}.yml"] == ["finetuning.sft"]
    asked = {path: keys for group in stages["synthesis"]["params"] for path, keys in group.items()}
    assert {"teacher.address", "teacher.model"} <= set(asked["conf/hub/globals.yml"])
    assert any(str(foreign_student) in stage["deps"] for stage in stages.values())


@once_more
def test_repro_runs_every_stage_once(reproduced, project, dvc, server):
    stages = yaml.safe_load((project / "dvc.yaml").read_text())["stages"]
    assert [name for name in stages if f"Running stage '{name}'" not in reproduced] == []
    assert (project / "data/06_models/webr/base_model.json").is_file()
    asked = len(server.calls)
    assert asked > 0
    assert "Running stage" not in dvc("repro")
    assert len(server.calls) == asked


@once_more
def test_a_model_from_elsewhere_is_a_dependency_where_it_lies(project, reproduced, foreign_student):
    lock = yaml.safe_load((project / "dvc.lock").read_text())["stages"]
    assert any(str(foreign_student) == dep["path"] for stage in lock.values() for dep in stage.get("deps", []))


@pytest.fixture(scope="module")
def committed(reproduced, dvc, project, tmp_path_factory):
    dvc("remote", "add", "--default", "shelf", str(tmp_path_factory.mktemp("shelf")))
    for command in (["add", "--all"], ["commit", "--quiet", "--message", "What the first run made"]):
        subprocess.run(["git", *command], cwd=project, check=True)
    dvc("push")
    return project


@once_more
def test_a_clone_pulls_everything_and_is_up_to_date(committed, dvc, tmp_path):
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", str(committed), str(clone)], check=True)
    # Pages of one's own are an input that no stage writes; they travel as the user likes.
    (clone / "data/01_raw").mkdir(parents=True, exist_ok=True)
    (clone / "data/01_raw/pages").symlink_to(committed / "data/01_raw/pages")
    dvc("pull", "--allow-missing", cwd=clone)
    assert (clone / "data/06_models/webr/adapter_model.safetensors").is_file()
    assert "Running stage" not in dvc("repro", cwd=clone)


@once_more
@pytest.mark.parametrize(
    ("name", "change", "stage", "untouched"),
    [
        ("evaluation", "evaluation.resampling.replicates=60", "evaluation-webr-core", "finetuning-webr"),
        # What comes from globals.yml stands in a file of its own, or DVC could not change this one.
        ("finetuning", "finetuning.sft.steps=5", "finetuning-webr", "synthesis"),
    ],
)
def test_an_experiment_changes_a_parameter_of_the_environment(committed, dvc, project, name, change, stage, untouched):
    said = dvc("exp", "run", "--name", f"other-{name}", "-S", f"conf/hub/parameters_{name}.yml:{change}", stage)
    assert f"Running stage '{stage}'" in said
    assert f"Running stage '{untouched}'" not in said
    assert f"other-{name}" in dvc("exp", "show", "--json", "--force")
    subprocess.run(["git", "checkout", "--quiet", "."], cwd=project, check=True)
    dvc("checkout")
