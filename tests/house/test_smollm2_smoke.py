"""conf/smollm2 at a smoke size, in one process: a pretrained model fine-tuned, edited, scored and registered, in CI.

The whole family, a score for every student, the commands of the tutorial and `make real` are the slow tests of
test_real_model.py.
"""

import itertools
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from mlflow import MlflowClient

from quintain.cli.new import lay_out
from quintain.models.folder import folder_digest
from tests.small_smollm2 import ENVIRONMENT, bring_model, make_small, users_shell

pytestmark = pytest.mark.timeout(3600)

# Distillation and preference training would take twice the time, and so would thirty items for each student.
LIFECYCLE = """\
students:
  base: {start: student, benchmarks: []}
  sft: {from: base, by: finetuning, on: packs, benchmarks: []}
  lte: {from: sft, by: editing, on: packs}
benchmarks: [starter]
"""
STUDENTS = ["base", "sft", "lte"]


@pytest.fixture(scope="module")
def project(tmp_path_factory, newcomer_env, mlflow_tables) -> Path:
    """What `quintain new --env smollm2` lays out, without git and DVC, after one run."""
    project = tmp_path_factory.mktemp("smoke") / "real"
    lay_out(project, environment=ENVIRONMENT)
    bring_model(project)
    make_small(project)
    (project / "conf" / ENVIRONMENT / "lifecycle.yml").write_text(LIFECYCLE)
    shutil.copy(mlflow_tables, project / "mlflow.db")
    command = ["kedro", "run", "--env", ENVIRONMENT]
    done = subprocess.run(command, cwd=project, env=users_shell(newcomer_env), stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stdout[-6000:]
    return project


def reported(project: Path, *path: str) -> dict[str, Any]:
    return json.loads(project.joinpath("data/08_reporting", *path).read_text())


def test_the_first_is_the_imported_model_and_each_other_one_is_trained_from_the_one_before(project):
    digests = {name: folder_digest(project / "data/06_models" / name) for name in STUDENTS}
    assert digests["base"] == folder_digest(project / "models/smollm2")
    for before, after in itertools.pairwise(STUDENTS):
        training = reported(project, after, "training.json")
        assert (training["start_digest"], training["steps"]) == (digests[before], 1)


def test_each_is_an_adapter_of_the_imported_model(project):
    base = folder_digest(project / "models/smollm2")
    for name in STUDENTS[1:]:
        folder = project / "data/06_models" / name
        assert json.loads((folder / "base_model.json").read_text())["digest"] == base
        assert not (folder / "model.safetensors").exists()


def test_the_edited_student_is_scored_under_its_memory(project):
    assert (project / "data/06_models/lte_memory/log.sqlite").is_file()
    card = reported(project, "lte", "starter", "scorecard.json")
    assert card["n_scored"] == card["n_items"] == 1 * 6 * 5  # groups × categories × levels
    assert card["memory"]


def test_it_is_registered_and_six_groups_of_items_make_no_champion(project):
    versions = MlflowClient(f"sqlite:///{project}/mlflow.db").search_model_versions("name = 'quintain-student'")
    assert [each.tags["student"] for each in versions] == ["lte"]
    gate = reported(project, "lte", "gate.json")
    assert gate["decision"]["outcome"] == "inconclusive"
    assert "only 6 groups of items" in json.dumps(gate)
