"""Whatever happens to the file of a ledger, what can be read of it is read, kept, and the rest is named."""

import random
import shutil
import sqlite3
import subprocess
import sys

import pytest
from click.testing import CliRunner

from quintain.cli.ledger import command
from quintain.errors import LedgerError
from quintain.models.language_model import Sampling
from quintain.models.ledger import Ledger, call_key
from quintain.models.ledger_file import journal_mode
from quintain.models.ledger_repair import repair
from quintain.models.ledger_salvage import faults_of, salvage
from quintain.prompts import request
from quintain.records import Completion
from quintain.usage import Usage

PAGE = 4096


def calls_of(count):
    """Calls of all sizes: some hundreds fill a page, others take many."""
    rng = random.Random(0)
    calls = []
    for index in range(count):
        text = f"{index} " + "é" * rng.choice([0, 50, 500, 3000, 9000])
        asked = request("student/instruction", {"instruction": text})
        said = Completion(
            request_id=asked.id, text="a" * rng.choice([1, 100, 5000]), finish_reason="stop",
            prompt_tokens=1 + index, completion_tokens=2,
        )  # fmt: skip
        calls.append((call_key("m", Sampling(), asked), asked, said))
    return calls


CALLS = calls_of(120)
ANSWERS = {key: said for key, _, said in CALLS}


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    path = tmp_path_factory.mktemp("sound") / "ledger.sqlite"
    ledger = Ledger(path)
    ledger.keep("teacher", "synthesis", "m", CALLS)
    ledger.count_reuse("teacher", "synthesis", "m", 7)
    ledger.count_failures("teacher", "synthesis", "m", Usage(1, 40, 4))
    return path


@pytest.fixture
def path(sound, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # outside of a project
    shutil.copy(sound, tmp_path / "ledger.sqlite")
    return tmp_path / "ledger.sqlite"


def run(*arguments):
    return CliRunner().invoke(command, [*map(str, arguments)], catch_exceptions=False)


def change(path, *statements):
    connection = sqlite3.connect(path)
    with connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()


def test_a_sound_ledger_has_no_faults_and_is_left_alone(path):
    before = path.read_bytes()
    assert run("check", path).output.endswith("120 answers can be read, 0 faults\n")
    assert "nothing was changed" in run("repair", path).output
    assert path.read_bytes() == before


def test_page_by_page_gives_what_sqlite_gives(path):
    left = salvage(path)
    assert left.accounts() == Ledger(path).accounts()
    assert left.spent("teacher", "m") == Ledger(path).spent("teacher", "m")
    rows = sqlite3.connect(path)
    kept = []
    salvage(path, kept.append)
    assert sorted(kept) == rows.execute("SELECT * FROM calls ORDER BY key").fetchall()
    rows.close()


def damage(raw, seed):
    """One of the ways in which a file suffers; deterministic."""
    rng = random.Random(seed)
    pages = len(raw) // PAGE
    spoiled = bytearray(raw)
    if seed % 4 == 0:  # a page with anything in it; the first one apart
        at = rng.randrange(1, pages) * PAGE
        spoiled[at : at + PAGE] = rng.randbytes(PAGE)
    elif seed % 4 == 1:  # a page of zeros
        at = rng.randrange(1, pages) * PAGE
        spoiled[at : at + PAGE] = bytes(PAGE)
    elif seed % 4 == 2:  # cut off
        del spoiled[rng.randrange(PAGE, len(raw)) :]
    else:  # some bits
        for _ in range(20):
            spoiled[rng.randrange(100, len(raw))] ^= 1 << rng.randrange(8)
    return bytes(spoiled)


@pytest.mark.parametrize("seed", range(16))
def test_what_can_be_read_of_a_damaged_file_is_kept_and_nothing_else(path, seed):
    path.write_bytes(damage(path.read_bytes(), seed))
    before = path.read_bytes()
    checked = run("check", path)
    left, faults = faults_of(path)
    assert (checked.exit_code == 1) == bool(faults)
    assert path.read_bytes() == before
    if not faults:
        assert seed % 4 == 3  # bits that nothing stands on
        return
    assert "The file as it was" in run("repair", path).output
    (kept,) = set(path.parent.glob("*.damaged-*")) - set(path.parent.glob("*-wal")) - set(path.parent.glob("*-shm"))
    assert kept.read_bytes() == before
    assert run("check", path).exit_code == 0
    found = Ledger(path).answered(list(ANSWERS))
    assert found.keys() == left.calls.keys()
    assert all(found[key] == ANSWERS[key] for key in found)
    # The largest call takes about fifteen pages, a leaf holds some dozen at most.
    assert seed % 4 == 2 or len(found) >= 120 - 20


def test_rows_are_found_without_their_tree(path):
    raw = bytearray(path.read_bytes())
    interior = [at for at in range(PAGE, len(raw), PAGE) if raw[at] in (2, 5)]  # pages above the leaves
    assert interior
    for at in interior:
        raw[at : at + PAGE] = bytes(PAGE)
    path.write_bytes(raw)
    assert "answers stand on pages that SQLite does not find" in run("check", path).output or faults_of(path)[1]
    repair(path)
    assert Ledger(path).answered(list(ANSWERS)) == ANSWERS


@pytest.mark.parametrize("header", [bytes(100), b"no database" * 10, b"SQLite format 3\x00" + bytes(84)])
def test_rows_are_found_without_the_header(path, header):
    raw = path.read_bytes()
    path.write_bytes(header[:100] + raw[100:])
    assert run("check", path).exit_code == 1
    repair(path)
    assert Ledger(path).answered(list(ANSWERS)) == ANSWERS
    assert run("check", path).exit_code == 0


def test_answers_in_a_log_that_a_kill_left_behind_are_kept(path):
    more = request("student/instruction", {"instruction": "more"})
    key = call_key("m", Sampling(), more)
    script = (
        "import os, sqlite3, sys\n"
        "c = sqlite3.connect(sys.argv[1]); c.execute('PRAGMA journal_mode=WAL')\n"
        "c.execute('PRAGMA wal_autocheckpoint=0')\n"
        "row = c.execute('SELECT * FROM calls LIMIT 1').fetchone()\n"
        "c.execute('INSERT INTO calls VALUES (?,?,?,?,?,?,?,?,?,?)', (sys.argv[2], *row[1:])); c.commit(); os._exit(9)"
    )
    subprocess.run([sys.executable, "-c", script, str(path), key], check=False)
    log = path.with_name("ledger.sqlite-wal")
    assert log.stat().st_size > 0
    assert key in salvage(path).calls
    raw = bytearray(path.read_bytes())
    raw[:PAGE] = bytes(PAGE)  # the log holds a page 1 that is newer
    path.write_bytes(raw)
    repair(path)
    assert len(Ledger(path).answered([*ANSWERS, key])) == 121


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE calls SET completion = x'ff' WHERE rowid = 3", "its answer cannot be read"),
        ("UPDATE calls SET completion = '[' WHERE rowid = 3", "its answer cannot be read"),
        ("UPDATE calls SET completion = CAST(replace(completion, 'aa', 'ab') AS BLOB) WHERE rowid < 9", "its answer"),
        ("UPDATE calls SET request = '{\"id\": ' WHERE rowid = 3", "its request cannot be read"),
        ("UPDATE calls SET prompt_tokens = 4611686018427387905 WHERE rowid < 4", "it counts 4611686018427387905"),
        ("UPDATE calls SET prompt_tokens = -3 WHERE rowid = 3", "it counts -3 + 2 tokens, its answer 3 + 2"),
        ("UPDATE calls SET completion_tokens = 'two' WHERE rowid = 3", "it counts 3 + 'two'"),
        ("UPDATE calls SET stage = CAST(x'ff' AS TEXT) WHERE rowid = 3", "its stage is no text"),
        ("UPDATE calls SET answered_at = 'then' WHERE rowid = 3", "its time is none"),
        ("DROP TABLE reuses", "the table or index `reuses` is missing"),
        ("DROP TABLE reserved", "the table or index `reserved` is missing"),
        ("DROP INDEX spending", "the table or index `spending` is missing"),
        ("DROP TABLE calls", "the table or index `calls` is missing"),
    ],
)
def test_a_fault_in_a_row_or_table_is_named_and_mended(path, statement, fault):
    change(path, statement)
    checked = run("check", path)
    assert checked.exit_code == 1
    assert fault in checked.output
    assert run("repair", path).exit_code == 0
    assert run("check", path).exit_code == 0
    if "DROP TABLE calls" not in statement:
        found = Ledger(path).answered(list(ANSWERS))
        assert len(found) >= 112
        assert all(found[key] == ANSWERS[key] for key in found)


def test_an_answer_whose_request_is_lost_is_kept_and_says_so(path):
    change(path, "UPDATE calls SET request = x'00' WHERE rowid = 3")
    repair(path)
    assert Ledger(path).answered(list(ANSWERS)) == ANSWERS
    connection = sqlite3.connect(path)
    (asked,) = connection.execute("SELECT request FROM calls WHERE key = ?", (CALLS[2][0],)).fetchone()
    connection.close()
    assert CALLS[2][1].id.encode() in asked
    assert b"the ledger was damaged" in asked


def test_counts_and_what_is_reserved_survive_a_repair(path):
    before = Ledger(path).spent("teacher", "m")
    change(
        path,
        "INSERT INTO reserved VALUES ('r', 'teacher', 'm', 1, 100, 50, 'gone', 1, 0.5)",
        "UPDATE calls SET answered_at = 'then' WHERE rowid = 3",
    )
    repair(path)
    # a call that nobody is left to settle may have been paid
    assert Ledger(path).spent("teacher", "m") == before + Usage(1, 100, 50)
    (account,) = Ledger(path).accounts()
    assert (account.calls, account.cached) == (120, 7)


def test_a_ledger_in_use_is_not_repaired(path):
    change(path, "UPDATE calls SET answered_at = 'then' WHERE rowid = 3")
    before = path.read_bytes()
    script = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('SELECT * FROM calls').fetchone()\n"
        "print('open', flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as user:
        assert user.stdout.readline() == "open\n"
        with pytest.raises(LedgerError, match="is in use by another process; end the runs"):
            repair(path)
        user.communicate("\n")
    assert path.read_bytes() == before
    assert not list(path.parent.glob("*.damaged-*"))


def test_damaged_pages_take_no_other_answer_down(path, caplog):
    raw = bytearray(path.read_bytes())
    leaves = [at for at in range(PAGE, len(raw), PAGE) if raw[at] == 13]
    raw[leaves[-1] : leaves[-1] + PAGE] = b"\xff" * PAGE
    path.write_bytes(raw)
    ledger = Ledger(path)
    found = ledger.answered(list(ANSWERS))
    assert 90 < len(found) < 120
    assert all(found[key] == ANSWERS[key] for key in found)
    assert f"{120 - len(found)} answers of the ledger" in caplog.text
    assert ledger.accounts()[0].calls >= len(found)
    assert ledger.spent("teacher", "m").calls >= len(found)


def test_spent_prints_calls_and_tokens_by_model_role_and_stage(path):
    lines = run("spent", path).output.splitlines()
    assert lines[0].split()[:4] == ["model", "role", "stage", "calls"]
    # 120 calls of 1 to 120 tokens, and 40 of a failed one; 2 each and 4
    assert lines[1].split() == ["m", "teacher", "synthesis", "120", "7", f"{120 * 121 // 2 + 40:,}", "244"]


def test_a_missing_ledger_is_said_and_not_made(tmp_path):
    with pytest.raises(LedgerError, match="there is no ledger"):
        run("spent", tmp_path / "none.sqlite")
    assert not (tmp_path / "none.sqlite").exists()


def test_a_file_system_of_several_machines_gets_a_journal_that_they_can_share(tmp_path):
    mounts = tmp_path / "mounts"
    mounts.write_text(f"/dev/sda / ext4 rw 0 0\nserver:/x {tmp_path.resolve()}/far nfs4 rw 0 0\nbroken\n")
    (tmp_path / "far").mkdir()
    assert journal_mode(tmp_path / "far/ledger.sqlite", mounts) == "DELETE"
    assert journal_mode(tmp_path / "ledger.sqlite", mounts) == "WAL"
    assert journal_mode(tmp_path / "ledger.sqlite", tmp_path / "none") == "WAL"
