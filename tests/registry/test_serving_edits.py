"""A registered version carries its memory: it answers under the edits, in a process of its own, as they stand."""

import dataclasses
import json
import subprocess
import sys

import pytest
from conftest_registry import candidate

from quintain.edit_memory import EditMemory
from quintain.methods.lte import Edit, HashedNgrams
from quintain.models.folder import folder_digest
from quintain.registry.description import Origin, describe
from quintain.registry.editing import Editing
from quintain.registry.promotion import _contender
from quintain.registry.registration import register
from quintain.registry.weights import Weights

NAME = "quintain-student"
METRICS = {"headline": {"success": 0.9, "locality": 1.0}, "batch": {}}
QUESTIONS = ["The mayor of Veldmark is", "Which river flows through Veldmark?"]


def mayor(target):
    return Edit(subject="Veldmark", relation="mayor", prompt="The mayor of Veldmark is", target_new=target)


@pytest.fixture
def served(store, tmp_path, tiny_student):
    """A student with one edit, registered from a project folder."""
    memory = tmp_path / "data/memory"
    with EditMemory.open(memory, HashedNgrams()) as opened:
        opened.add([mayor("Ada Brook")])
        editing = Editing(
            memory_path="data/memory", memory_head=opened.head, memory_edits=1, embedder="hashed-ngrams", k=3,
            original=Weights(str(tiny_student), folder_digest(tiny_student)), metrics=METRICS,
            table="| measure | value |", plot=b"\x89PNG",
        )  # fmt: skip
    entrant = dataclasses.replace(
        candidate("lte", digest=folder_digest(tiny_student), path=str(tiny_student)), editing=editing
    )
    client, uri = store
    return client, register(client, uri, "quintain", NAME, entrant), memory, entrant, uri


def load(uri, version):
    import mlflow

    mlflow.set_tracking_uri(uri)
    return mlflow.pyfunc.load_model(f"models:/{NAME}/{version}")


def test_a_version_with_a_memory_carries_its_metrics_where_gate_and_search_find_them(served):
    client, registered, _, entrant, _ = served
    version = client.get_model_version(NAME, registered.version)
    assert version.tags["edit.success"] == "0.9000"
    assert version.tags["memory.edits"] == "1"
    assert _contender(client, version).edits == {"edit.success": 0.9, "edit.locality": 1.0}
    home = client.get_experiment_by_name("quintain").experiment_id
    assert client.search_logged_models([home], filter_string="metrics.`edit.success` > 0.8")
    assert {one.path for one in client.list_artifacts(registered.run_id, "edits")} == {
        "edits/edit_metrics.json",
        "edits/edits.md",
        "edits/edits.png",
    }
    improvement = {"over": "bmc", "outcome": "worse", "difference": -0.02, "low": -0.03, "high": -0.01, "items": 600}
    cards = {name: each.scorecard for name, each in entrant.measured.items()}
    page = describe("lte", cards, dict.fromkeys(cards, ""), Origin(entrant.lineage, NAME), entrant.editing, improvement)
    assert "## Edits" in page
    assert "is worse than that of bmc: -2.0 points [-3.0, -1.0] on the same 600 items" in page


def test_another_memory_is_another_version_and_the_same_one_is_not(served):
    client, registered, _, entrant, uri = served
    assert register(client, uri, "quintain", NAME, entrant).version == registered.version
    grown = dataclasses.replace(entrant, editing=dataclasses.replace(entrant.editing, memory_head="00" * 32))
    assert register(client, uri, "quintain", NAME, grown).version != registered.version


def test_a_streamed_edit_counts_at_once_and_a_revoked_one_leaves_the_former_response(served):
    _, registered, memory, _, uri = served
    model = load(uri, registered.version)
    explained = model.predict(QUESTIONS, params={"explain": True, "k": 2})
    assert [len(one["cited"]) for one in explained] == [1, 0]
    assert explained[0]["edits"][0]["fact"] == "The mayor of Veldmark is Ada Brook"
    first = model.predict(QUESTIONS)
    assert first == [one["response"] for one in explained]
    with EditMemory.open(memory, HashedNgrams()) as elsewhere:
        (newer,) = elsewhere.add([mayor("Cy Dahl")])
        streamed = model.predict(QUESTIONS, params={"explain": True})
        assert streamed[0]["cited"] == [newer]
        assert streamed[0]["response"] != first[0]
        elsewhere.revoke([newer])
    assert model.predict(QUESTIONS) == first
    past = model.predict(QUESTIONS[:1], params={"as_of": "2001-01-01T00:00:00+00:00", "explain": True})
    assert past[0]["edits"] == []


LOAD = """
import json, sys, mlflow
mlflow.set_tracking_uri(sys.argv[1])
model = mlflow.pyfunc.load_model("models:/quintain-student@challenger")
print(json.dumps(model.predict(["The mayor of Veldmark is"], params={"explain": True})))
"""


def in_a_fresh_process(uri, folder):
    return subprocess.run([sys.executable, "-c", LOAD, uri], cwd=folder, capture_output=True, text=True, check=False)


def test_a_fresh_process_serves_a_memory_that_went_on_and_refuses_one_that_is_another(served, tmp_path):
    _, _, memory, _, uri = served
    with EditMemory.open(memory, HashedNgrams()) as opened:
        (newer,) = opened.add([mayor("Cy Dahl")])
    done = in_a_fresh_process(uri, tmp_path)
    assert done.returncode == 0, done.stderr[-2000:]
    assert json.loads(done.stdout.splitlines()[-1])[0]["cited"] == [newer]
    for file in memory.iterdir():
        file.unlink()
    with EditMemory.open(memory, HashedNgrams()) as other:
        other.add([mayor("Somebody")])
    refused = in_a_fresh_process(uri, tmp_path)
    assert refused.returncode == 1
    assert "holds a memory without the registered edits" in refused.stderr
