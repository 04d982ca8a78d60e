"""docs/tutorials/my-data.md: from a ShareGPT file to a trained, registered student that the gate has judged."""

import json

import pytest
from mlflow import MlflowClient

from quintain.models.folder import folder_digest
from tests.house.tutorial import Tutorial

pytestmark = [pytest.mark.timeout(900), pytest.mark.slow]

PLACES = "ferry mill library station orchard theatre lighthouse market bakery bridge museum quarry".split()
SIZES = {
    "parameters_finetuning": {
        "steps: 60": "steps: 4",
        "max_length: 512": "max_length: 128",
        "checkpoint_steps: 20": "checkpoint_steps: 2",
    },
    "parameters_evaluation": {"max_new_tokens: 256": "max_new_tokens: 8"},
}


def chats():
    """A row for each place behind those of the page, of which two cannot be learned from."""
    return [
        {"conversations": [{"from": "human", "value": f"When does the {place} open?"},
                           {"from": "gpt", "value": f"The {place} opens at {hour}."}]}
        for hour, place in enumerate(PLACES, start=1)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def walk(tmp_path_factory, tiny_student, newcomer_env):
    """The walk to its end, on a model of random weights, few rows and few items."""
    walk = Tutorial("my-data.md", tmp_path_factory.mktemp("my-data"), {**newcomer_env, "MODEL": str(tiny_student)})
    walk.run(0)
    walk.write("chats.json", json.dumps(json.loads(walk.files["chats.json"]) + chats()))
    walk.run(1)
    for title, sizes in SIZES.items():
        walk.write_smaller(f"my-data/conf/hub/{title}.yml", sizes)
    walk.write("my-data/conf/local/globals.yml", "pack: 1\n")
    for number in range(2, len(walk.blocks)):
        walk.run(number)
    return walk


def test_every_row_is_kept_or_dropped_with_its_reason(walk):
    assert "kept 13 of 15" in walk.output
    assert "taken for ShareGPT" in walk.output
    dropped = [json.loads(line) for line in (walk.inside / "data/01_raw/given/dropped.jsonl").read_text().splitlines()]
    assert sorted(row["reason"] for row in dropped) == ["empty-response", "tool-turn"]


def test_the_doctor_shows_what_is_learned(walk):
    said = " ".join(walk.output.split())  # the doctor's lines end at the width of a terminal
    assert "⟦At seven and at noon." in said or "⟦The ferry opens at 1." in said


def test_the_student_is_trained_from_the_model_on_those_rows_and_registered_with_where_it_comes_from(
    walk, tiny_student
):
    training = json.loads((walk.inside / "data/08_reporting/tuned/training.json").read_text())
    assert training["start_digest"] == folder_digest(tiny_student)
    client = MlflowClient(f"sqlite:///{walk.inside}/mlflow.db")
    (tuned,) = client.search_model_versions("name = 'quintain-student' and tag.student = 'tuned'")
    assert tuned.tags["base.digest"] == folder_digest(tiny_student)
    assert tuned.tags["model.digest"] == folder_digest(walk.inside / "data/06_models/tuned")


def test_the_gate_has_judged_it_and_the_comparison_stands_on_the_same_items(walk):
    gate = json.loads((walk.inside / "data/08_reporting/tuned/gate.json").read_text())
    assert gate["decision"]["outcome"] in ("promoted", "inconclusive", "refused")
    assert {"condition": "clean tree", "passed": True}.items() <= next(
        one for one in gate["decision"]["verdicts"] if one["condition"] == "clean tree"
    ).items()
    assert (walk.inside / "data/08_reporting/scorecards/tuned-vs-base.html").is_file()
