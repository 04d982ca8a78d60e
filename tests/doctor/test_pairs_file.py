"""Lines of a file of pairs: each becomes one row, or one reason, whatever it holds."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quintain.doctor.pairs_file import inspected_lines
from quintain.errors import RecordError
from quintain.training.row_rendering import encoder_of_folder

PAIR = {"instruction": "Tell me about the town.", "response": "The mayor is kind."}
TURNS = [{"role": "user", "content": "Hello."}, {"role": "assistant", "content": "Good day."}]
WHOLE = [{"role": "user", "content": PAIR["instruction"]}, {"role": "assistant", "content": PAIR["response"]}]


@pytest.fixture(scope="module")
def encoder(tiny_student):
    return encoder_of_folder(tiny_student)


@pytest.fixture
def inspect(tmp_path, encoder):
    def inspect(*rows, max_length=256):
        content = b"".join(row if isinstance(row, bytes) else json.dumps(row).encode() + b"\n" for row in rows)
        (tmp_path / "pairs.jsonl").write_bytes(content)
        return [json.loads(each.as_json()) for each in inspected_lines(tmp_path / "pairs.jsonl", encoder, max_length)]

    return inspect


def test_a_pair_is_kept_with_its_prompt_and_what_is_learned_of_it(inspect):
    assert inspect({"id": "a7", **PAIR}) == [
        {
            "id": "a7", "line": 1, "status": "kept", "reason": "",
            "prompt": "<bos><user>Tell me about the town.<assistant>", "learned": "The mayor is kind.<eos>",
        }
    ]  # fmt: skip


def test_a_row_without_an_id_has_the_number_of_its_line(inspect):
    assert [row["id"] for row in inspect(PAIR, {**PAIR, "id": 12}, {**PAIR, "id": ["no"]}, {**PAIR, "id": ""})] == [
        1, 12, 3, 4,
    ]  # fmt: skip


def test_turns_before_stand_in_the_prompt_however_they_are_written(inspect):
    rows = inspect(
        {**PAIR, "context": TURNS},
        {"messages": [*TURNS, *WHOLE]},
        {**PAIR, "messages": TURNS},
        {**PAIR, "messages": [*TURNS, WHOLE[0]]},
        {**PAIR, "messages": [*TURNS, *WHOLE]},
    )
    assert {row["status"] for row in rows} == {"kept"}
    assert {row["learned"] for row in rows} == {"The mayor is kind.<eos>"}
    assert len({row["prompt"] for row in rows}) == 1
    assert rows[0]["prompt"].index("Hello.") < rows[0]["prompt"].index("Good day.") < rows[0]["prompt"].index("Tell me")


def test_columns_that_are_empty_are_as_if_they_were_not_there(inspect):
    (row,) = inspect({**PAIR, "messages": None, "context": None})
    assert row["status"] == "kept"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"\n", "blank-line"),
        (b'{"instruction": "a", "resp\n', "unreadable-line: "),
        (b'{"instruction": "\xff"}\n', "unreadable-line: byte 18 is not UTF-8"),
        (b"[" * 100_000 + b"\n", "unreadable-line: brackets are nested too deep"),
        (b'["a", "b"]\n', "no-row: the line holds no object of JSON"),
        (b"12\n", "no-row: "),
        ({"instruction": "a"}, "no-row: "),
        ({"instruction": 5, "response": "b"}, "no-row: "),
        ({"messages": "a chat"}, "no-row: "),
        ({"messages": [{"role": "robot", "content": "a"}]}, "no-row: "),
        ({"messages": [["user", "a"]]}, "no-row: "),
        ({"messages": TURNS[:1]}, "no-response"),
        ({"messages": []}, "no-response"),
        ({"instruction": "a", "response": " \n"}, "empty-response"),
        ({"instruction": "a", "response": "<think>what?</think>"}, "reasoning-only"),
        ({"instruction": "a", "response": "b " * 300}, "too-long"),
        (b'{"instruction": "a", "response": "\\ud800"}\n', "broken-text"),
    ],
)
def test_a_line_that_nobody_can_learn_from_is_dropped_with_its_reason(inspect, line, reason):
    first, dropped, last = inspect(PAIR, line, PAIR)
    assert (first["status"], dropped["status"], last["status"]) == ("kept", "dropped", "kept")
    assert dropped["reason"].startswith(reason)
    assert dropped["learned"] == ""
    assert (dropped["line"], last["line"]) == (2, 3)


def test_what_is_too_long_shows_the_prompt_that_it_had(inspect):
    (row,) = inspect(PAIR, max_length=5)
    assert (row["reason"], row["prompt"], row["learned"]) == (
        "too-long", "<bos><user>Tell me about the town.<assistant>", "",
    )  # fmt: skip


def test_a_mark_of_bytes_and_a_line_separator_of_unicode_are_no_line(inspect):
    hostile = {"instruction": "a\u2028b\u0085c", "response": "d\u2029e"}
    rows = inspect(b"\xef\xbb\xbf", hostile, json.dumps(PAIR).encode() + b"\r\n")
    assert [(row["line"], row["status"]) for row in rows] == [(1, "kept"), (2, "kept")]
    assert rows[0]["learned"] == "d\u2029e<eos>"


def test_control_tokens_in_a_row_stay_text_and_are_shown_as_they_are(inspect):
    (row,) = inspect({"instruction": "a<eos><assistant>b", "response": "c<eos><user>d"})
    assert row["prompt"] == "<bos><user>a<eos><assistant>b<assistant>"
    assert row["learned"] == "c<eos><user>d<eos>"


def test_reasoning_before_a_response_is_not_learned(inspect):
    (row,) = inspect({"instruction": "How many?", "response": "<think>two or three?</think>\n\nThree."})
    assert row["learned"] == "Three.<eos>"


def test_a_file_that_cannot_be_read_is_one_error(tmp_path, encoder):
    with pytest.raises(RecordError, match=r"pairs.jsonl cannot be read: No such file"):
        list(inspected_lines(tmp_path / "pairs.jsonl", encoder, None))


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
TURN = st.dictionaries(st.sampled_from(["role", "content", "name"]), VALUES | st.sampled_from(["user", "assistant"]))
ROWS = st.dictionaries(
    st.sampled_from(["instruction", "response", "context", "messages", "id", "kind"]),
    VALUES | st.lists(TURN, max_size=3),
)


@settings(max_examples=60, deadline=None)
@given(lines=st.lists(st.binary(max_size=30) | ROWS.map(lambda row: json.dumps(row).encode()), max_size=5))
def test_every_line_gives_one_line_of_ascii_whatever_stands_in_it(tmp_path_factory, encoder, lines):
    file = tmp_path_factory.mktemp("any") / "pairs.jsonl"
    lines = [line.replace(b"\n", b"").replace(b"\r", b"") for line in lines]
    file.write_bytes(b"".join(line + b"\n" for line in lines))
    said = [each.as_json() for each in inspected_lines(file, encoder, 256)]
    assert len(said) == len(lines)
    for number, line in enumerate(said, start=1):
        assert line.isascii()
        assert len(line.splitlines()) == 1
        row = json.loads(line)
        assert row["line"] == number
        assert (row["status"] == "kept") == (row["reason"] == "") == (row["learned"] != "")
