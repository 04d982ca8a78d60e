"""On a server, too, one process at a time moves the titles of a model."""

import logging
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from conftest_registry import candidate, good, half
from in_turn import NAME, POLICY

from quintain.errors import RegistryError
from quintain.registry import promotion, turns
from quintain.registry.promotion import CHAMPION, FORMER, holder, promote
from quintain.registry.registration import register
from quintain.registry.store import open_store
from tests.mlflow_server import mlflow_server

pytestmark = pytest.mark.timeout(3600)

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with mlflow_server(tmp_path_factory.mktemp("server")) as address:
        yield address


@pytest.fixture
def titled(server, tmp_path, monkeypatch):
    """A client of the server, whose model has a champion, version 1, and two that are better, 2 and 3."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DVC_EXP_NAME", raising=False)
    client = open_store(server)
    for digest, passes in zip("abc", (half, good, good), strict=True):
        register(client, server, "quintain", NAME, candidate(digest=digest * 64, passes=passes))
    client.set_registered_model_alias(NAME, CHAMPION, "1")
    return client, server


def at_once(*arguments):
    """Start a process for each, let them begin together; return the last word of each."""
    processes = [
        subprocess.Popen(
            [sys.executable, str(HERE / "in_turn.py"), *each],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for each in arguments
    ]  # fmt: skip
    for process in processes:
        assert process.stdout.readline() == "ready\n", process.communicate()[1]
    for process in processes:
        process.stdin.write("\n")
        process.stdin.flush()
    outputs = [process.communicate() for process in processes]
    assert [process.returncode for process in processes] == [0] * len(processes), outputs
    return [out.strip() for out, _ in outputs]


def claims(client):
    return [key for key in client.get_registered_model(NAME).tags if key.startswith(turns.CLAIM)]


def test_three_processes_that_count_in_turns_lose_no_number(titled):
    client, uri = titled
    counts = at_once(*[(uri, "count", "10")] * 3)
    assert max(map(int, counts)) == 30  # 3 processes, 10 times each
    assert claims(client) == []


def test_of_two_promotions_at_the_same_instant_the_second_is_held_against_the_first(titled):
    client, uri = titled
    decisions = at_once((uri, "promote", "2"), (uri, "promote", "3"))
    # Either order will do: the first goes over version 1; the second meets its equal, and nothing tells the two apart.
    assert decisions in (["promoted 1", "inconclusive 2"], ["inconclusive 3", "promoted 1"])
    won, lost = ("2", "3") if decisions[0] == "promoted 1" else ("3", "2")
    assert [str(holder(client, NAME, alias).version) for alias in (CHAMPION, FORMER)] == [won, "1"]
    assert client.get_model_version(NAME, lost).tags["gate.over"] == won
    assert claims(client) == []


def test_a_claim_of_a_process_that_was_killed_is_taken_away_and_named(titled, monkeypatch, caplog):
    client, uri = titled
    killed = subprocess.run(
        [sys.executable, str(HERE / "faulty_registration.py"), uri, "promote", "2", "set_registered_model_alias"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    (left,) = claims(client)
    assert str(holder(client, NAME, CHAMPION).version) == "1"
    monkeypatch.setattr(turns, "_PATIENCE_SECONDS", 1)
    with caplog.at_level(logging.WARNING):
        assert promote(client, uri, NAME, POLICY, "2").moved
    assert "is taken for dead" in caplog.text
    assert client.get_registered_model(NAME).tags.get(left) is None


def test_a_dry_run_asks_for_no_turn(titled):
    client, uri = titled
    client.set_registered_model_tag(NAME, f"{turns.CLAIM}0", "somebody, for ever")
    assert promote(client, uri, NAME, POLICY, "2", dry_run=True).decision.outcome == "promoted"
    client.delete_registered_model_tag(NAME, f"{turns.CLAIM}0")


def test_a_model_that_nobody_registered_is_said_to_have_no_version(titled):
    client, uri = titled
    with pytest.raises(RegistryError, match="nobody has no challenger"):
        promote(client, uri, "nobody", POLICY)


def test_a_title_that_is_moved_by_hand_while_the_gate_decides_is_left_where_it_is(titled, monkeypatch):
    client, uri = titled
    decide = promotion.decide

    def moved_meanwhile(*arguments):
        client.set_registered_model_alias(NAME, CHAMPION, "3")
        return decide(*arguments)

    monkeypatch.setattr(promotion, "decide", moved_meanwhile)
    with pytest.raises(RegistryError, match="went from version 1 to version 3 while the gate decided; ask it again"):
        promote(client, uri, NAME, POLICY, "2")
    assert str(holder(client, NAME, CHAMPION).version) == "3"
    assert claims(client) == []
