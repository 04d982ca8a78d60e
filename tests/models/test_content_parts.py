"""Content as servers give it: text, parts, and reasoning among them or apart."""

import json

import pytest

from quintain.models.chat_completions import read_body
from quintain.models.content_parts import told_in
from quintain.reasoning import Told, tell_apart


@pytest.mark.parametrize(
    ("content", "reasoning", "told"),
    [
        ("42", None, Told("42", "")),
        ("42", "6 by 7", Told("42", "6 by 7")),
        (None, "6 by 7", Told("", "6 by 7")),
        (None, None, None),
        ([{"type": "thinking", "thinking": "6 by 7"}, {"type": "text", "text": "42"}], None, Told("42", "6 by 7")),
        ([{"type": "text", "text": "4"}, {"type": "text", "text": "2"}], None, Told("42", "")),
        (["4", {"text": "2"}], [{"type": "reasoning_text", "text": "6 by 7"}], Told("42", "6 by 7")),
    ],
)
def test_the_response_is_the_text_and_the_reasoning_stands_apart(content, reasoning, told):
    assert told_in(content, reasoning) == told


@pytest.mark.parametrize("content", [42, {"text": "42"}, [{"type": "image_url", "image_url": "x"}], [7]])
def test_content_that_is_neither_text_nor_reasoning_is_named(content):
    with pytest.raises(ValueError, match="neither text nor"):
        told_in(content)


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning"])
@pytest.mark.parametrize(("content", "finish", "told"), [
    ("Paris.", "stop", Told("Paris.", "I think.")),
    (None, "length", Told("", "I think.", cut=True)),
    ("Par", "length", Told("Par", "I think.")),
])  # fmt: skip
def test_a_field_of_reasoning_becomes_a_trace_before_the_response(field, content, finish, told):
    choice = {"message": {"content": content, field: "I think."}, "finish_reason": finish}
    reply = read_body(json.dumps({"choices": [choice]}).encode(), 0)
    assert (tell_apart(reply.text), reply.finish_reason) == (told, finish)
    assert tell_apart(reply.text).response == told.response
