"""A record leads back through a real ledger to the words that made it."""

import contextlib
import sqlite3

import pytest

from quintain.errors import LedgerError
from quintain.models.language_model import Sampling
from quintain.models.ledger import Ledger
from quintain.models.ledgered_model import LedgeredModel
from quintain.models.trace import trace
from quintain.prompts import request
from quintain.records import Completion, InstructionPair, Origin


class Echo:
    name = "echo:test"
    sampling = Sampling()

    def generate(self, requests):
        return [
            Completion(request_id=asked.id, text=asked.messages[-1].content, finish_reason="stop") for asked in requests
        ]


@pytest.fixture
def asked(tmp_path):
    requests = [request("student/instruction", {"instruction": text}) for text in ("Who?", "What?", "When?")]
    for role, one in zip(("author", "teacher", "teacher"), requests, strict=True):
        LedgeredModel(Echo(), Ledger(tmp_path / "ledger.sqlite"), role).generate([one])
    return requests


def test_calls_come_back_last_first_and_the_page_is_left_out(asked, tmp_path):
    pair = InstructionPair(
        instruction="i", response="r", kind="web-as-response", origin=Origin(parents=(asked[2].id, asked[0].id, "page"))
    )
    calls = trace(pair, tmp_path / "ledger.sqlite")
    assert [(call.role, call.model, call.completion.text) for call in calls] == [
        ("teacher", "echo:test", "When?"),
        ("author", "echo:test", "Who?"),
    ]
    assert calls[0].request == asked[2]


def test_a_record_without_calls_has_none(asked, tmp_path):
    pair = InstructionPair(instruction="i", response="r", kind="distilled")
    assert trace(pair, tmp_path / "ledger.sqlite") == []


def test_a_file_that_is_no_ledger_is_named(tmp_path):
    pair = InstructionPair(instruction="i", response="r", kind="distilled", origin=Origin(parents=("a",)))
    with pytest.raises(LedgerError, match=r"missing\.sqlite could not be read"):
        trace(pair, tmp_path / "missing.sqlite")


def damage(ledger, asked, column):
    with contextlib.closing(sqlite3.connect(ledger)) as connection, connection:
        connection.execute(
            f"UPDATE calls SET {column} = ? WHERE json_extract(CAST(request AS TEXT), '$.id') = ?",  # noqa: S608
            (b"{", asked.id),
        )


def test_a_damaged_call_of_another_record_hides_no_call(asked, tmp_path):
    damage(tmp_path / "ledger.sqlite", asked[1], "request")
    pair = InstructionPair(instruction="i", response="r", kind="distilled", origin=Origin(parents=(asked[0].id,)))
    assert [call.completion.text for call in trace(pair, tmp_path / "ledger.sqlite")] == ["Who?"]


def test_a_damaged_call_of_the_record_is_counted_and_left_out(asked, tmp_path, caplog):
    damage(tmp_path / "ledger.sqlite", asked[0], "completion")
    pair = InstructionPair(instruction="i", response="r", kind="distilled", origin=Origin(parents=(asked[0].id,)))
    assert trace(pair, tmp_path / "ledger.sqlite") == []
    assert f"1 of 1 calls of {pair.id} are damaged" in caplog.text


@pytest.mark.parametrize("name", ["what?1", "%41", "a#b", "[x]"])
def test_a_ledger_may_lie_in_a_folder_of_any_name(name, tmp_path):
    (tmp_path / name).mkdir()
    one = request("student/instruction", {"instruction": "Who?"})
    LedgeredModel(Echo(), Ledger(tmp_path / name / "ledger.sqlite"), "author").generate([one])
    pair = InstructionPair(instruction="i", response="r", kind="distilled", origin=Origin(parents=(one.id,)))
    assert [call.request for call in trace(pair, tmp_path / name / "ledger.sqlite")] == [one]
