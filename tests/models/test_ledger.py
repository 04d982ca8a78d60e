"""The ledger keeps what was answered, counts what it cost, and says what is damaged."""

import dataclasses
import sqlite3

import pytest

from quintain.errors import LedgerError
from quintain.models.language_model import Sampling
from quintain.models.ledger import Ledger, call_key
from quintain.models.ledgered_model import LedgeredModel
from quintain.models.replay import ReplayModel
from quintain.usage import Usage
from tests.models.echo_model import Echo, ask, texts


@pytest.fixture
def ledger(tmp_path):
    return Ledger(tmp_path / "ledger.sqlite")


@pytest.mark.parametrize(
    "other",
    [
        (Sampling(temperature=0.5), ask("a")[0]),
        (Sampling(seed=1), ask("a")[0]),
        (Sampling(), ask("a", sample=1)[0]),
        (Sampling(), ask("b")[0]),
    ],
)
def test_whatever_may_change_an_answer_changes_the_key(other):
    assert call_key("m", *other) != call_key("m", Sampling(), ask("a")[0])
    assert call_key("other", Sampling(), ask("a")[0]) != call_key("m", Sampling(), ask("a")[0])


def columns(account):
    names = ("role", "stage", "model", "calls", "cached", "prompt_tokens", "completion_tokens")
    return tuple(getattr(account, name) for name in names)


def test_accounts_count_calls_and_tokens_by_role_and_stage(ledger):
    LedgeredModel(Echo(), ledger, "teacher", "synthesis").generate(ask("a", "b"))
    LedgeredModel(Echo(), ledger, "teacher", "synthesis").generate(ask("a", "b", "d", "d"))
    LedgeredModel(Echo(), ledger, "teacher", "distillation").generate(ask("a"))
    LedgeredModel(Echo(), ledger, "author", "synthesis").generate(ask("c"))
    # 2 prompt tokens and 3 completion tokens per call; a, b and the second d came from the ledger, then a once more
    assert [columns(account) for account in ledger.accounts()] == [
        ("author", "synthesis", "test:echo@1", 1, 0, 2, 3),
        ("teacher", "distillation", "test:echo@1", 0, 1, 0, 0),
        ("teacher", "synthesis", "test:echo@1", 3, 3, 6, 9),
    ]


OLD_SCHEMA = """
CREATE TABLE calls (key TEXT PRIMARY KEY, role TEXT NOT NULL, stage TEXT NOT NULL, model TEXT NOT NULL,
    prompt TEXT NOT NULL, request BLOB NOT NULL, completion BLOB NOT NULL, prompt_tokens INTEGER NOT NULL,
    completion_tokens INTEGER NOT NULL, answered_at REAL NOT NULL);
CREATE TABLE reuses (role TEXT NOT NULL, stage TEXT NOT NULL, model TEXT NOT NULL, calls INTEGER NOT NULL,
    PRIMARY KEY (role, stage, model));
INSERT INTO calls VALUES ('k', 'teacher', 's', 'm', 'p@1', '{}',
    '{"request_id":"r","text":"old","finish_reason":"stop"}', 3, 4, 0.0);
"""


@pytest.mark.parametrize("writable", [True, False])
def test_a_ledger_of_an_earlier_version_is_read_on(tmp_path, monkeypatch, writable):
    path = tmp_path / "old.sqlite"
    connection = sqlite3.connect(path)
    connection.executescript(OLD_SCHEMA)
    connection.close()
    monkeypatch.setattr("quintain.models.ledger_file.os.access", lambda *_: writable)
    old = Ledger(path)
    assert old.answered(["k"])["k"].text == "old"
    assert [columns(account) for account in old.accounts()] == [("teacher", "s", "m", 1, 0, 3, 4)]
    assert old.spent("teacher", "m") == Usage(1, 3, 4)


def test_a_file_that_is_no_ledger_says_what_to_do(tmp_path):
    path = tmp_path / "ledger.sqlite"
    path.write_bytes(b"this is not a database, but long enough to be read as one" * 20)
    with pytest.raises(LedgerError, match=r"cannot be used: .*Move the file away"):
        Ledger(path)


def ruin(path, change, *values):
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("PRAGMA ignore_check_constraints=1")
        connection.execute(change, values)
    connection.close()


@pytest.mark.parametrize(
    "completion", [b'{"text": ', b"", b"\xff\xfe", 7, 2.5, "text", b"[" * 100_000, b"{}", b"null", b'{"text": "\xff"}']
)
def test_a_damaged_answer_is_asked_again_and_no_other(ledger, tmp_path, caplog, completion):
    LedgeredModel(Echo(), ledger, "teacher").generate(ask("a", "b", "c"))
    damaged = call_key(Echo.name, Sampling(), ask("b")[0])
    ruin(tmp_path / "ledger.sqlite", "UPDATE calls SET completion = ? WHERE key = ?", completion, damaged)
    again, third = Echo(), Echo()
    assert texts(LedgeredModel(again, ledger, "teacher").generate(ask("a", "b", "c"))) == ["A", "B", "C"]
    assert again.seen == ["b"]
    assert "1 answers of the ledger" in caplog.text
    assert "quintain ledger repair" in caplog.text
    LedgeredModel(third, ledger, "teacher").generate(ask("a", "b", "c"))
    assert third.seen == []


def test_an_answer_that_has_changed_is_not_handed_out(ledger, tmp_path):
    LedgeredModel(Echo(), ledger, "teacher").generate(ask("hot"))
    ruin(tmp_path / "ledger.sqlite", "UPDATE calls SET completion = CAST(replace(completion, 'HOT', 'HAT') AS BLOB)")
    again = Echo()
    assert texts(LedgeredModel(again, ledger, "teacher").generate(ask("hot"))) == ["HOT"]
    assert again.seen == ["hot"]


class Counting(Echo):
    """Says of each call how many tokens it took."""

    def __init__(self, **counts):
        super().__init__()
        self._counts = counts

    def generate(self, requests):
        return [
            dataclasses.replace(done, id="", **self._counts) if done.text == "ODD" else done
            for done in super().generate(requests)
        ]


@pytest.mark.parametrize("count", [2**62 + 1, 2**63, 10**40, -5, -(2**63), True, 2.5, "7", None])
def test_no_count_of_tokens_keeps_an_answer_from_being_kept(ledger, count):
    odd = Counting(prompt_tokens=count, completion_tokens=count)
    assert texts(LedgeredModel(odd, ledger, "teacher").generate(ask("a", "odd", "odd2", "b"))) == [
        "A",
        "ODD",
        "ODD2",
        "B",
    ]
    LedgeredModel(odd, ledger, "judge").generate(ask("x", "odd"))
    kept = ledger.answered([call_key(Echo.name, Sampling(), one) for one in ask("a", "odd2", "b", "x")])
    assert len(kept) == 4
    spent = ledger.spent("teacher", Echo.name)
    # three calls of 2 + 3 tokens, and one that is guessed from its text
    assert spent.calls == 4
    assert 15 < spent.tokens < 200


def test_a_ledger_that_holds_numbers_beyond_all_bounds_is_summed(ledger, tmp_path):
    LedgeredModel(Echo(), ledger, "teacher", "s").generate(ask(*"abcdef"))
    odd = [2**62 + 1, 2**62 + 1, -7, "many", 1.5, 2**63 - 1]
    for text, count in zip("abcdef", odd, strict=True):
        key = call_key(Echo.name, Sampling(), ask(text)[0])
        ruin(tmp_path / "ledger.sqlite", "UPDATE calls SET prompt_tokens = ? WHERE key = ?", count, key)
    ruin(tmp_path / "ledger.sqlite", "INSERT INTO reuses VALUES ('teacher', 's', ?, ?)", Echo.name, 2**63 - 1)
    ruin(
        tmp_path / "ledger.sqlite",
        "INSERT INTO failures VALUES ('teacher', 's', ?, ?, ?, -9)",
        Echo.name,
        2**63 - 1,
        "x",
    )
    spent = ledger.spent("teacher", Echo.name)
    assert spent.completion_tokens == 18
    # six requests of some hundred bytes each, four bytes a token
    assert 6 * 30 < spent.prompt_tokens < 6 * 200
    (account,) = ledger.accounts()
    assert (account.calls, account.prompt_tokens) == (6, spent.prompt_tokens)
    ledger.count_reuse("teacher", "s", Echo.name, 1)
    ledger.count_failures("teacher", "s", Echo.name, Usage(1, 2**63, 1))
    assert ledger.accounts()[0].calls == 6


def test_names_that_are_not_utf_8_hide_no_other(ledger, tmp_path):
    LedgeredModel(Echo(), ledger, "teacher", "s").generate(ask("a", "b"))
    key = call_key(Echo.name, Sampling(), ask("a")[0])
    ruin(tmp_path / "ledger.sqlite", "UPDATE calls SET stage = CAST(x'ff41' AS TEXT) WHERE key = ?", key)
    assert {account.stage for account in ledger.accounts()} == {"s", "\ufffdA"}


def test_a_place_that_cannot_be_written_says_what_to_do(tmp_path):
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(LedgerError, match=r"cannot be written: .*give access, then run again"):
        Ledger(tmp_path / "file" / "ledger.sqlite")


def test_a_ledger_that_stays_locked_says_what_to_do(tmp_path, ledger, monkeypatch):
    monkeypatch.setattr("quintain.models.ledger_file._WAIT_SECONDS", 0.1)
    holder = sqlite3.connect(tmp_path / "ledger.sqlite")
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(LedgerError, match="is locked by another process: .*Wait for that process, or end it"):
        LedgeredModel(Echo(), ledger, "teacher").generate(ask("a"))
    holder.close()


def test_a_replay_repeats_and_refuses_what_was_never_recorded(ledger, tmp_path):
    LedgeredModel(Echo(), ledger, "teacher").generate(ask("a"))
    replay = ReplayModel(tmp_path / "ledger.sqlite", "test:echo@1", Sampling())
    assert texts(replay.generate(ask("a", "a"))) == ["A", "A"]
    with pytest.raises(LedgerError, match="has no answer of test:echo@1 to request"):
        replay.generate(ask("b"))
    with pytest.raises(LedgerError, match="there is no ledger"):
        ReplayModel(tmp_path / "missing.sqlite", "x", Sampling())
