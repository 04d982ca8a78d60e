"""The last user turn is found whatever stands around it, and nothing else of a body changes."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quintain.serving.last_question import last_question


def body(*turns, **more):
    return json.dumps({"messages": list(turns), **more}).encode()


def user(content):
    return {"role": "user", "content": content}


def test_the_texts_of_a_content_in_parts_are_one_question():
    image = {"type": "image_url", "image_url": {"url": "u"}}
    found = last_question(body(user([{"type": "text", "text": "a"}, image, {"type": "text", "text": "b"}])))
    assert found.text == "a\nb"
    assert json.loads(found.rewritten("c"))["messages"][0]["content"] == [{"type": "text", "text": "c"}, image]


@pytest.mark.parametrize(("n", "choices"), [(None, 1), (3, 3), (0, 1), ("2", 1), (2.0, 1), (10**6, 1), (True, 1)])
def test_choices_are_a_small_number_or_one(n, choices):
    assert last_question(body(user("a"), n=n)).choices == choices


def test_halves_of_characters_and_marks_of_byte_order_hide_no_question():
    assert last_question(b'{"messages": [{"role": "user", "content": "fe\\ud800rry"}]}').text == "ferry"
    assert last_question(b"\xef\xbb\xbf" + body(user("a"))).text == "a"


def test_a_later_turn_of_a_model_or_a_tool_does_not_hide_the_question():
    assert (
        last_question(body(user("a"), user("b"), {"role": "assistant"}, {"role": "tool", "content": "c"})).text == "b"
    )


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=100, deadline=None)
@given(
    more=st.dictionaries(st.text(max_size=4), VALUES, max_size=4),
    before=st.lists(st.dictionaries(st.sampled_from(["role", "content", "name"]), VALUES, max_size=3), max_size=3),
    text=st.text(max_size=20),
)
def test_only_the_text_of_the_question_changes(more, before, text):
    sent = more | {"messages": [*before, user("who?") | {"name": "n"}]}
    assert json.loads(last_question(json.dumps(sent).encode()).rewritten(text)) == more | {
        "messages": [*before, {"role": "user", "content": text, "name": "n"}]
    }


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60))
def test_no_bytes_break_it(data):
    last_question(data)
    last_question(b'{"messages": [{"role": "user", "content": ' + data + b"}]}")
