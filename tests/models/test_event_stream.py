"""A stream of events that nobody asked for is read like a reply in one piece."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quintain.models.chat_completions import BadBody, read_body
from quintain.models.event_stream import is_event_stream
from quintain.usage import Usage


def chunk(delta, finish=None, **more):
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}], **more}


def stream(*events, end="\n\n", done=True):
    lines = [f"data: {json.dumps(event, ensure_ascii=False)}" for event in events] + (["data: [DONE]"] if done else [])
    return "".join(line + end for line in lines).encode()


HELLO = [
    chunk({"role": "assistant", "content": ""}),
    chunk({"content": "He"}),
    chunk({"content": "llo"}, "stop"),
    {"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 2}},
]


@pytest.mark.parametrize("end", ["\n\n", "\r\n\r\n", "\r\r", "\n"])
def test_pieces_are_put_together_with_their_usage(end):
    reply = read_body(stream(*HELLO, end=end), 0)
    assert (reply.text, reply.finish_reason, reply.usage, reply.estimated) == ("Hello", "stop", Usage(1, 9, 2), False)


def test_comments_names_and_a_mark_of_byte_order_are_passed_over():
    body = b"\xef\xbb\xbf: OPENROUTER PROCESSING\n\nevent: chunk\nid: 7\n" + stream(*HELLO)
    assert is_event_stream(body.removeprefix(b"\xef\xbb\xbf"))
    assert read_body(body, 0).text == "Hello"


@pytest.mark.parametrize("name", ["reasoning", "reasoning_content"])
def test_reasoning_is_kept_apart(name):
    reply = read_body(stream(chunk({name: "6 x"}), chunk({name: " 7"}), chunk({"content": "42"}, "stop")), 0)
    assert (reply.text, reply.reasoning) == ("42", "6 x 7")


def test_parts_come_in_pieces_too():
    parts = [{"type": "thinking", "thinking": [{"type": "text", "text": "6"}]}, {"type": "text", "text": "42"}]
    reply = read_body(stream(chunk({"content": parts}), chunk({"content": "!"}, "stop")), 0)
    assert (reply.text, reply.reasoning) == ("42!", "6")


@pytest.mark.parametrize("name", ["tool_calls", "function_call"])
def test_a_call_in_the_middle_is_no_response(name):
    reply = read_body(stream(chunk({"content": "I look."}), chunk({name: {"name": "f"}}), chunk({}, "stop")), 0)
    assert (reply.finish_reason, reply.text) == ("error", "the reply calls a tool")


def test_a_whole_reply_as_the_only_event_is_read():
    whole = {"choices": [{"message": {"content": "Hello"}, "finish_reason": "stop"}]}
    assert read_body(stream(whole), 0).text == "Hello"


def test_halves_of_a_character_in_two_pieces_are_one():
    halves = [b'data: {"choices":[{"delta":{"content":"%s"}}], "x": NaN}' % half for half in (b"\\ud83d", b"\\ude00")]
    body = b"\n\n".join(halves) + b"\n\n" + stream(chunk({}, "stop"))
    assert read_body(body, 0).text == "😀"


def test_a_limit_is_one():
    assert read_body(stream(chunk({"content": "half"}, "length")), 0).finish_reason == "length"


def test_a_stream_without_a_reason_is_not_known_to_be_whole():
    reply = read_body(stream(chunk({"content": "half"})), 0)
    assert (reply.finish_reason, reply.passing) == ("error", True)


@pytest.mark.parametrize(
    "body",
    [
        stream(chunk({"content": "half"}), done=False),
        stream(*HELLO[:2], done=False)[:-12],
        b"data: \n\n",
        b": nothing\n\n",
    ],
)
def test_a_stream_that_ends_early_counts_as_no_reply(body):
    with pytest.raises(BadBody):
        read_body(body, 0)


def test_an_error_in_the_middle_is_an_error():
    reply = read_body(stream(*HELLO[:2], {"error": {"message": "busy", "code": 502}}, done=False), 0)
    assert (reply.finish_reason, reply.passing) == ("error", True)
    assert "the server says: busy" in reply.text


def test_two_choices_are_one_too_many():
    second = {"choices": [{"index": 1, "delta": {"content": "x"}, "finish_reason": "stop"}]}
    assert "holds 2 choices" in read_body(stream(*HELLO, second), 0).text


def test_events_of_another_kind_are_an_error_of_the_row():
    reply = read_body(stream({"type": "message_start", "message": {}}, {"type": "message_stop"}), 0)
    assert (reply.finish_reason, reply.passing) == ("error", False)


@given(st.lists(st.text(), min_size=1, max_size=8), st.sampled_from(["\n\n", "\r\n\r\n"]))
def test_whatever_the_words_are_they_come_out_as_they_went_in(words, end):
    events = [chunk({"content": word}) for word in words] + [chunk({}, "stop")]
    assert read_body(stream(*events, end=end), 0).text == "".join(words)
