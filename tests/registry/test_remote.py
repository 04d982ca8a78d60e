"""An MLflow server works like the file, and one that is not there is known soon."""

import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest_registry import candidate, good, half

from quintain.datasets.model_ref import model_ref
from quintain.errors import RegistryError
from quintain.registry.policy import BenchmarkPolicy, PromotionPolicy
from quintain.registry.promotion import CHAMPION, FORMER, holder, promote, rollback
from quintain.registry.registration import CHALLENGER, find, own_tags, read_measured, register, versions
from quintain.registry.room import without_room
from quintain.registry.store import open_store
from tests.mlflow_server import mlflow_server

pytestmark = pytest.mark.timeout(400)

NAME = "quintain-student"
POLICY = PromotionPolicy(benchmarks={"default": BenchmarkPolicy(margin=0.05)}, most_unread=0.01, replicates=200)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with mlflow_server(tmp_path_factory.mktemp("server")) as address:
        yield address


@pytest.fixture
def remote(server, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DVC_EXP_NAME", raising=False)
    return open_store(server), server


LOAD = """
import sys, mlflow
mlflow.set_tracking_uri(sys.argv[1])
print(len(mlflow.pyfunc.load_model("models:/quintain-student@champion").predict(["Tell me about the town."])))
"""


def test_students_register_win_lose_and_are_loaded_by_alias_over_http(remote, tmp_path, tiny_student):
    client, uri = remote
    shutil.copytree(tiny_student, tmp_path / "data/06_models/base")
    digest = model_ref(tmp_path / "data/06_models/base").digest
    entrants = [candidate(digest=digest, passes=good), candidate("worse", digest="b" * 64, passes=half)]
    first, again, second = (register(client, uri, "quintain", NAME, entrants[i]) for i in (0, 0, 1))
    assert [(one.version, one.created) for one in (first, again, second)] == [("1", True), ("1", False), ("2", True)]
    assert read_measured(client, client.get_model_version(NAME, "1")) == entrants[0].measured
    assert holder(client, NAME, CHALLENGER).version in (2, "2")

    assert promote(client, uri, NAME, POLICY, "1").moved
    refused = promote(client, uri, NAME, POLICY, "2")
    assert (refused.decision.outcome, refused.moved) == ("refused", False)
    version = client.get_model_version(NAME, "2")
    assert version.tags["gate.outcome"] == "refused"
    assert "| macro HSR | **fail** | -15.0 points" in without_room(version.description)
    assert '"outcome": "refused"' in Path(client.download_artifacts(version.run_id, "gate.json")).read_text()

    loaded = subprocess.run([sys.executable, "-c", LOAD, uri], capture_output=True, text=True, check=False)
    assert loaded.stdout.split()[-1:] == ["1"], loaded.stderr[-2000:]

    assert promote(client, uri, NAME, POLICY, "2", force_reason="a customer insists").moved
    assert rollback(client, uri, NAME) == ("1", "2")
    assert {alias: str(holder(client, NAME, alias).version) for alias in (CHAMPION, FORMER)} == {
        CHAMPION: "1", FORMER: "2",
    }  # fmt: skip


def test_two_clients_that_register_one_student_at_once_keep_one_version(remote):
    # A server has no turns to take: both may look and find nothing, and both create.
    client, uri = remote
    entrant = candidate(digest="c" * 64)
    here = Path(__file__).parent / "faulty_registration.py"
    both = [
        subprocess.Popen(
            [sys.executable, str(here), uri, "register", "c"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    outputs = [process.communicate(timeout=300) for process in both]
    assert [process.returncode for process in both] == [0, 0], outputs
    mine = [one for one in versions(client, NAME) if one.tags["model.digest"] == "c" * 64]
    assert len(mine) == 1
    assert {out.split()[-1] for out, _ in outputs} == {str(mine[0].version)}
    assert find(client, NAME, own_tags(entrant)).version == mine[0].version


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1:9", "http://10.255.255.1:5000", "http://me:hunter2@nowhere.invalid:5000"],
    ids=["nobody listens", "packets are dropped", "no such host"],
)
def test_a_server_that_is_not_there_is_known_in_fifteen_seconds(address):
    began = time.monotonic()
    with pytest.raises(RegistryError, match="does not answer: .*Check tracking.yml or MLFLOW_TRACKING_URI") as caught:
        open_store(address)
    assert time.monotonic() - began < 15
    assert "hunter2" not in str(caught.value)


def test_a_server_that_accepts_and_says_nothing_is_known_in_fifteen_seconds():
    with socket.create_server(("127.0.0.1", 0)) as mute:
        began = time.monotonic()
        with pytest.raises(RegistryError, match="does not answer"):
            open_store(f"http://127.0.0.1:{mute.getsockname()[1]}")
        assert time.monotonic() - began < 15
