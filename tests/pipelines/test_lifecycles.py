"""Any part of the lifecycle in any order, run for real at smoke size: in the embedded world and on a foreign model."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from mlflow import MlflowClient

from quintain.cli.new import lay_out
from quintain.models.folder import folder_digest

SMALL = (
    "finetuning.sft.steps=3,finetuning.sft.batch_size=2,finetuning.sft.accumulation_steps=1,finetuning.sft.lora={},"
    "finetuning.sft.max_length=256,preference.training.steps=3,preference.training.batch_size=2,"
    "preference.training.accumulation_steps=1,preference.training.lora={},preference.rows.max_length=256,"
    "editing.sft.steps=3,editing.sft.batch_size=2,editing.sft.accumulation_steps=1,editing.sft.lora={},"
    "editing.sft.max_length=256,editing.evaluation.trials.asked=3,editing.evaluation.fluency.cases=0,"
    "editing.labels.max_new_tokens=8,evaluation.by_benchmark.core.sampling.max_new_tokens=8,"
    "evaluation.resampling.replicates=200"
)


def write_lifecycle(root: Path, environment: str, document: dict) -> None:
    (root / f"conf/{environment}/lifecycle.yml").write_text(yaml.safe_dump(document, sort_keys=False))


def kedro_run(root: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "kedro", "run", *arguments], cwd=root, capture_output=True, text=True, timeout=500
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def training(root: Path, student: str) -> dict:
    return json.loads((root / f"data/08_reporting/{student}/training.json").read_text())


def digest(root: Path, student: str) -> str:
    return folder_digest(root / f"data/06_models/{student}")


def registered(root: Path) -> list[str]:
    versions = MlflowClient(f"sqlite:///{root}/mlflow.db").search_model_versions("name = 'quintain-student'")
    return [version.tags["student"] for version in sorted(versions, key=lambda version: int(version.version))]


@pytest.fixture(scope="module")
def grown(tmp_path_factory):
    """Distillation before fine-tuning, two preference students from one start, editing from `base`, in one tree."""
    root = tmp_path_factory.mktemp("grown") / "project"
    lay_out(root, environment="smoke")
    write_lifecycle(
        root,
        "smoke",
        {
            "students": {
                "base": {"start": "world"},
                "wise": {"from": "base", "by": "distillation"},
                "webr": {"from": "wise", "by": "finetuning"},
                "firm": {"from": "webr", "by": "preference"},
                "gentle": {"from": "webr", "by": "preference", "with": {"preference.training.beta": 5.0}},
                "edited": {"from": "base", "by": "editing"},
            },
            "benchmarks": ["almanac"],
        },
    )
    kedro_run(root, "--env", "smoke")
    return root


def test_every_student_is_made_from_the_one_that_the_tree_names(grown):
    assert training(grown, "wise_round_1")["start_digest"] == digest(grown, "base")
    assert training(grown, "webr")["start_digest"] == digest(grown, "wise")
    assert training(grown, "firm")["start_digest"] == training(grown, "gentle")["start_digest"] == digest(grown, "webr")
    assert training(grown, "edited")["start_digest"] == digest(grown, "base")


def test_two_students_of_one_kind_differ_in_what_they_override(grown):
    def pairs(student):
        return (grown / f"data/05_model_input/{student}/preference_tokens.jsonl").read_text()

    assert pairs("firm") == pairs("gentle")
    assert digest(grown, "firm") != digest(grown, "gentle")


def test_every_student_is_scored_and_registered_in_the_order_of_descent(grown):
    students = ["base", "wise_round_1", "wise", "webr", "firm", "gentle", "edited"]
    for student in students:
        assert (grown / f"data/08_reporting/{student}/almanac/scorecard.json").is_file()
        assert json.loads((grown / f"data/08_reporting/{student}/gate.json").read_text())
    # A loop that stops passes its student on: equal weights are one version.
    different = {}
    for student in students:
        different.setdefault(digest(grown, student), student)
    assert registered(grown) == list(different.values())
    assert (grown / "data/06_models/edited_memory").is_dir()


@pytest.fixture(scope="module")
def mine(tmp_path_factory, tiny_student):
    """A project on a model of one's own, with own pairs and preferences; evaluated."""
    root = tmp_path_factory.mktemp("mine") / "project"
    lay_out(root, environment="hub", recipe="evaluate", student=str(tiny_student))
    towns = "Arden Brill Cole Dunmore Esk Farrow Glen Holt Ilk Jura Kell Lorn".split()
    pairs = [
        {
            "instruction": f"Tell me about {town}.",
            "response": f"{town} is kind. The mayor is kind.",
            "kind": "distilled",
        }
        for town in towns
    ]
    preferences = [
        {"prompt": f"Tell me about {town}.", "chosen": f"{town} is a town.", "rejected": f"{town} was a list."}
        for town in towns
    ]
    given = root / "data/01_raw/given"
    given.mkdir(parents=True)
    for name, rows in {"pairs": pairs, "preferences": preferences}.items():
        (given / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    globals_file = root / "conf/hub/globals.yml"
    settings = yaml.safe_load(globals_file.read_text())
    settings |= {"pack": 1, "pairs": "data/01_raw/given/pairs.jsonl", "adapter": {}}
    settings |= {"preferences": "data/01_raw/given/preferences.jsonl"}
    globals_file.write_text(yaml.safe_dump(settings))
    kedro_run(root, "--params", SMALL)
    return root


def test_evaluation_alone_adopts_the_model_and_scores_it(mine, tiny_student):
    assert digest(mine, "base") == folder_digest(tiny_student)
    assert training(mine, "base")["source"] == str(tiny_student)
    assert (mine / "data/08_reporting/base/core/scorecard.json").is_file()
    assert registered(mine)[0] == "base"
    assert not (mine / "data/01_raw/world.json").exists()


@pytest.mark.parametrize(
    ("student", "tree"),
    [
        ("tuned", {"from": "base", "by": "finetuning", "on": "given"}),
        # Nobody here can bridge, so the pairs are learned as they are.
        (
            "preferred",
            {"from": "base", "by": "preference", "on": "given", "with": {"preference.pairs.pairs": "unbridged"}},
        ),
        # Editing on own edits is in tests/house/test_hub.py: a student of random weights never ends a response, so it
        # cannot label the rows without an edit itself.
    ],
)
def test_one_training_alone_on_data_of_ones_own(mine, student, tree):
    write_lifecycle(mine, "hub", {"students": {"base": {"start": "student"}, student: tree}, "benchmarks": ["core"]})
    kedro_run(mine, "--params", SMALL)
    assert training(mine, student)["start_digest"] == digest(mine, "base")
    assert digest(mine, student) != digest(mine, "base")
    assert student in registered(mine)


def test_fine_tuning_rows_come_from_the_users_own_file(mine):
    assert training(mine, "tuned")["rows"] == 12
