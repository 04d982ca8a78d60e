"""Whatever dies or fills up on the way, nothing is half-registered, and doing it again heals."""

import re
import signal
import sqlite3
import time
from pathlib import Path

import pytest
from conftest_registry import candidate, good, half

from quintain.errors import RegistryError
from quintain.registry.promotion import CHAMPION, FORMER, holder
from quintain.registry.registration import CHALLENGER, register, versions
from quintain.registry.store import open_store
from tests.registry.faulty_registration import fill_disk, main
from tests.registry.warm_process import WarmProcess

NAME = "quintain-student"


def start(store, *arguments, before=None):
    _, uri = store
    return WarmProcess(Path(uri.removeprefix("sqlite:///")).parent, main, uri, *arguments, before=before)


def run(store, *arguments, before=None):
    process = start(store, *arguments, before=before)
    out, errors = process.communicate(timeout=300)
    return process.returncode, out.strip().rpartition("\n")[2], errors


def title(store, alias):
    version = holder(store[0], NAME, alias)
    return str(version.version) if version else ""


def statuses(client):
    home = client.get_experiment_by_name("quintain").experiment_id
    return sorted(run.info.status for run in client.search_runs([home]))


@pytest.fixture
def two_registered(store):
    client, uri = store
    for letter, passes in (("a", half), ("b", good)):
        register(client, uri, "quintain", NAME, candidate(digest=letter * 64, passes=passes))
    return store


def test_two_processes_that_register_one_student_at_once_make_one_version(store):
    both = [start(store, "register", "a") for _ in range(2)]
    outputs = [process.communicate(timeout=300) for process in both]
    assert [process.returncode for process in both] == [0, 0], outputs
    assert {out.split()[-1] for out, _ in outputs} == {"1"}
    assert len(versions(store[0], NAME)) == 1


@pytest.mark.parametrize(
    ("call", "left"),
    [("log_artifacts", ["FINISHED", "KILLED"]), ("create_model_version", ["FINISHED", "FINISHED"])],
)
def test_killed_before_its_version_nothing_is_registered_and_a_second_run_is_whole(store, call, left):
    client, _ = store
    assert run(store, "register", "a", call)[0] == -signal.SIGKILL
    assert versions(client, NAME) == []
    assert run(store, "register", "a")[:2] == (0, "1")
    assert title(store, CHALLENGER) == "1"
    # The run that was killed half-way is closed by the second one; no run seems to go on for ever.
    assert statuses(client) == left


def test_killed_before_its_alias_a_version_gets_it_from_a_second_run(store):
    assert run(store, "register", "a", "set_registered_model_alias")[0] == -signal.SIGKILL
    assert (len(versions(store[0], NAME)), title(store, CHALLENGER)) == (1, "")
    assert run(store, "register", "a")[:2] == (0, "1")
    assert (len(versions(store[0], NAME)), title(store, CHALLENGER)) == (1, "1")


def test_killed_between_two_aliases_there_is_a_champion_and_asked_again_the_title_moves(two_registered):
    store = two_registered
    assert run(store, "promote", "1")[:2] == (0, "promoted")
    assert run(store, "promote", "2", "set_registered_model_alias", "2")[0] == -signal.SIGKILL
    assert (title(store, CHAMPION), title(store, FORMER)) == ("1", "1")
    code, _, errors = run(store, "rollback")
    assert code == 1
    assert "nothing to undo" in errors
    assert run(store, "promote", "2")[:2] == (0, "promoted")
    assert (title(store, CHAMPION), title(store, FORMER)) == ("2", "1")
    # A rollback that is killed half-way has given the title back.
    assert run(store, "rollback", "", "set_registered_model_alias", "2")[0] == -signal.SIGKILL
    assert title(store, CHAMPION) == "1"


def test_another_program_that_writes_is_waited_for_and_then_named(store):
    client, uri = store
    other = sqlite3.connect(uri.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    began = time.monotonic()
    with pytest.raises(RegistryError, match="is locked by another program; .* run this again"):
        register(client, uri, "quintain", NAME, candidate())
    assert time.monotonic() - began < 15
    other.execute("COMMIT")
    other.close()
    assert register(client, uri, "quintain", NAME, candidate()).version == "1"


def test_a_full_disk_is_one_clear_error_and_with_room_again_the_student_registers(store):
    client, _ = store
    code, _, errors = run(store, "register", "a", before=fill_disk)
    assert code == 1
    assert re.search(r"RegistryError: the MLflow store .* could not be written; is the disk full", errors), errors[
        -3000:
    ]
    assert versions(client, NAME) == []
    assert run(store, "register", "a")[:2] == (0, "1")


def test_a_deleted_registry_is_made_anew(two_registered, tmp_path):
    for file in tmp_path.glob("mlflow.db*"):
        file.unlink()
    code, version, errors = run(two_registered, "register", "b")
    assert (code, version) == (0, "1"), errors
    assert run(two_registered, "promote", "1")[:2] == (0, "promoted")


def test_what_is_no_database_is_named(tmp_path):
    (tmp_path / "mlflow.db").write_bytes(b"not a database" * 100)
    with pytest.raises(RegistryError, match="file is not a database"):
        open_store(f"sqlite:///{tmp_path / 'mlflow.db'}")
