"""What was imported comes back with every column, whatever its format; what was changed since is not undone."""

import json
from dataclasses import replace

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quintain.errors import ConfigError
from quintain.given.columns import Columns
from quintain.given.exporting import Exporter, as_line
from quintain.given.importing import Imported, Importer
from quintain.given.layout import Layout
from quintain.given.rows import as_row
from quintain.given.sources import Source
from quintain.records import Dropped, InstructionPair, Message, PreferencePair
from tests.given.rows_of_others import ROWS, with_extras


def read(rows, layout=None):
    source = Source("mine.jsonl", "JSON lines", lambda: (as_row(f"line {n}", row) for n, row in enumerate(rows, 1)))
    return list(Importer().read(source, layout or Layout()))


def records(rows):
    found = read(rows)
    assert not [each for each in found if isinstance(each, Dropped)]
    return [each.record for each in found]


def through_a_file(record):
    """A record as it comes out of pairs.jsonl."""
    return msgspec.json.decode(msgspec.json.encode(record), type=type(record))


@pytest.mark.parametrize("kind", ROWS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_round_trip_keeps_every_field_and_their_order(kind, data):
    row = dict(data.draw(st.permutations(list(data.draw(with_extras(ROWS[kind])).items()))))
    (record,) = records([row])
    (back,) = Exporter().rows([through_a_file(record)])
    # Compared as JSON, where 1, 1.0 and true differ.
    assert json.dumps(back) == json.dumps(row)
    assert json.loads(as_line(back)) == row


def test_records_of_our_own_come_back_with_their_origin():
    pair = InstructionPair(instruction="Say it", response="It", kind="distilled", page_id="p")
    row = json.loads(msgspec.json.encode(pair))
    (record,) = records([row])
    assert (record.id, record.kind) == (pair.id, "distilled")
    assert list(Exporter().rows([through_a_file(record)])) == [row]


def test_a_response_that_was_changed_is_written_and_the_columns_beside_it_stay():
    chat = [{"role": "user", "content": "Who?", "name": "A"}, {"role": "assistant", "content": "Bo", "name": "B"}]
    (record,) = records([{"messages": chat, "score": 3}])
    changed = replace(record, response="Ada")
    (row,) = Exporter().rows([changed])
    assert row == {
        "messages": [{"role": "user", "content": "Who?"}, {"role": "assistant", "content": "Ada"}],
        "score": 3,
    }


def test_another_format_takes_the_chat_and_the_columns_beside_it():
    context = (
        Message(role="system", content="Be brief"), Message(role="user", content="Hi"),
        Message(role="assistant", content="Hello"),
    )  # fmt: skip
    pair = InstructionPair(instruction="Bye", response="Ciao", kind="given", context=context)
    written = {name: next(iter(Exporter(name).rows([pair]))) for name in ("alpaca", "sharegpt", "prompt-completion")}
    assert written == {
        "alpaca": {"instruction": "Bye", "input": "", "output": "Ciao", "system": "Be brief",
                   "history": [["Hi", "Hello"]]},
        "sharegpt": {"conversations": [
            {"from": "system", "value": "Be brief"}, {"from": "human", "value": "Hi"},
            {"from": "gpt", "value": "Hello"}, {"from": "human", "value": "Bye"}, {"from": "gpt", "value": "Ciao"}]},
        "prompt-completion": {
            "prompt": [{"role": "system", "content": "Be brief"}, {"role": "user", "content": "Hi"},
                       {"role": "assistant", "content": "Hello"}, {"role": "user", "content": "Bye"}],
            "completion": [{"role": "assistant", "content": "Ciao"}]},
    }  # fmt: skip


@pytest.mark.parametrize("name", ["messages", "sharegpt", "prompt-completion", "instruction-response"])
def test_a_response_without_loss_stays_one_in_every_format_that_has_turns(name):
    context = tuple(
        Message(role=role, content=text)
        for role, text in [("system", "s"), ("user", "a"), ("assistant", "b"), ("user", "c"), ("assistant", "d")]
    )
    pair = InstructionPair(instruction="e", response="f", kind="given", context=context, unlearned=(1,))
    (row,) = Exporter(name).rows([pair])
    (back,) = records([row])
    assert (back.context, back.unlearned) == (context, (1,))


def test_a_column_that_is_not_in_the_record_goes_along_into_another_format():
    (record,) = records([{"webpage": "W", "author": "A", "request": "R", "response": "S"}])
    assert next(iter(Exporter("alpaca").rows([record]))) == {
        "instruction": "R", "input": "W", "output": "S", "author": "A"
    }  # fmt: skip


def test_columns_of_other_names_come_back_in_their_places():
    row = {"id": 1, "question": "Q", "meta": None, "answer": "A"}
    (found,) = read([row], Layout(Columns({"instruction": "question", "response": "answer"})))
    assert list(next(iter(Exporter().rows([through_a_file(found.record)])))) == list(row)


def test_what_a_format_cannot_hold_is_left_out_and_named():
    twice = (Message(role="user", content="a"), Message(role="user", content="b"))
    pair = InstructionPair(instruction="c", response="d", kind="given", context=twice)
    exporter = Exporter("alpaca")
    assert list(exporter.rows([pair])) == []
    assert exporter.refused == [f"{pair.id}: not-alternating: Alpaca's history holds pairs of a user's and an "
                                "assistant's turn"]  # fmt: skip
    exporter = Exporter("messages")
    assert list(exporter.rows([PreferencePair(prompt="p", chosen="c", rejected="r")])) == []
    assert "OpenAI's messages cannot hold it" in exporter.refused[0]


def test_a_column_that_the_new_format_uses_otherwise_is_counted():
    (record,) = records([{"instruction": "a", "output": "b", "messages": "not a chat"}])
    exporter = Exporter("messages")
    (row,) = exporter.rows([record])
    assert row["messages"][0]["content"] == "a"
    assert exporter.left_out == {"messages": 1}


@pytest.mark.parametrize("name", ["alpaka", "webr"])
def test_a_format_that_nobody_writes_is_named(name):
    with pytest.raises(ConfigError, match=f"there is no format '{name}' to write; there are .*alpaca"):
        Exporter(name)


def test_imported_rows_carry_file_and_line():
    (found,) = read([{"instruction": "a", "output": "b"}])
    assert isinstance(found, Imported)
    assert found.record.origin.knobs["source"] == "line 1"
