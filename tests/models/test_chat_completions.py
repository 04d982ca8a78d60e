"""Bodies of OpenAI's chat completions, written in the dialect of an endpoint and read however servers bend them."""

import json

import pytest

from quintain.models.chat_completions import BadBody, read_body
from quintain.models.dialects import DIALECTS, most_usage, write_body
from quintain.models.language_model import Sampling
from quintain.models.refusals import is_quota, is_too_long, reason_in, status_in
from quintain.records import Message
from quintain.usage import Usage

CHAT = [Message(role="system", content="Be brief."), Message(role="user", content="Hi")]


@pytest.mark.parametrize(
    ("dialect", "fields"),
    [
        ("standard", {"max_tokens": 9, "seed": 3, "temperature": 0.5, "top_p": 1.0}),
        ("reasoning", {"max_completion_tokens": 9}),
        ("mistral", {"max_tokens": 9, "random_seed": 3, "temperature": 0.5, "top_p": 1.0}),
        ("no-system", {"max_tokens": 9, "seed": 3, "temperature": 0.5, "top_p": 1.0}),
    ],
)
def test_a_dialect_names_limit_seed_and_draw_in_its_way(dialect, fields):
    sampling = Sampling(temperature=0.5, max_new_tokens=9)
    body = json.loads(write_body("m", CHAT, sampling, 3, DIALECTS[dialect], {"top_k": 1}))
    turns = body.pop("messages")
    assert body == {"model": "m", "top_k": 1, **fields}
    if dialect == "no-system":
        assert turns == [{"role": "user", "content": "Be brief.\n\nHi"}]
    else:
        assert [turn["role"] for turn in turns] == ["developer" if dialect == "reasoning" else "system", "user"]


def body(content="Yes", finish="stop", usage=True, **more):
    choice = {"message": {"content": content}, "finish_reason": finish}
    counts = {"usage": {"prompt_tokens": 5, "completion_tokens": 2}} if usage else {}
    return json.dumps({"choices": [choice], **counts, **more}).encode()


def test_a_reply_is_read_with_what_it_cost():
    reply = read_body(body(), prompt_bytes=100)
    assert (reply.text, reply.finish_reason, reply.usage, reply.estimated) == ("Yes", "stop", Usage(1, 5, 2), False)
    assert read_body(body(finish="length"), 0).finish_reason == "length"


def test_tokens_that_a_server_does_not_count_are_four_bytes_each():
    reply = read_body(body("12345", usage=False), prompt_bytes=9)
    # 9 / 4 and 5 / 4, rounded up
    assert (reply.usage, reply.estimated) == (Usage(1, 3, 2), True)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (body(None), "the reply has no content"),
        (body(finish="content_filter"), "finish_reason 'content_filter'"),
        (b'{"choices": []}', "holds 0 choices, one was asked for"),
        (b'{"choices": 3}', "no chat completion"),
        (b'{"error": {"message": "busy"}}', "the server says: busy"),
    ],
)
def test_a_reply_that_cannot_be_read_is_an_error_of_this_request(given, message):
    reply = read_body(given, 0)
    assert reply.finish_reason == "error"
    assert message in reply.text


@pytest.mark.parametrize(("given", "message"), [(b" ", "it is empty"), (b'{"choices": [', "in '{")])
def test_a_reply_that_did_not_arrive_whole_counts_as_none(given, message):
    with pytest.raises(BadBody, match=message):
        read_body(given, 0)


def test_errors_are_told_apart():
    assert status_in(b'{"error": {"code": 503}}') == 503
    assert status_in(body()) == 200
    assert reason_in(b'{"detail": "x"}') == "x"
    assert reason_in(b'{"error": {"message": "two\\nlines"}}') == "two lines"
    assert is_quota(b'{"error": {"code": "insufficient_quota"}}')
    assert is_too_long(b'{"error": {"message": "the maximum context length is 9"}}')
    assert not is_too_long(b'{"error": {"message": "busy"}}')


def test_a_call_costs_at_most_a_token_for_each_byte_and_sixteen_for_each_turn():
    # 9 + 16 and 2 + 16
    assert most_usage(CHAT, Sampling(max_new_tokens=7)) == Usage(1, 43, 7)
