"""Bodies of OpenAI's chat completions are read however servers bend them."""

import json

import pytest

from quintain.models.chat_completions import BadBody, read_body
from quintain.usage import Usage


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


def said(message, finish="stop", **more):
    return json.dumps({"choices": [{"message": message, "finish_reason": finish}], **more}).encode()


@pytest.mark.parametrize(
    ("message", "text", "reasoning"),
    [
        ({"content": [{"type": "text", "text": "4"}, {"type": "text", "text": "2"}]}, "42", ""),
        ({"content": [{"type": "thinking", "thinking": "6 x 7"}, {"type": "text", "text": "42"}]}, "42", "6 x 7"),
        # Mistral's reasoning is a list in a part
        (
            {
                "content": [
                    {"type": "thinking", "thinking": [{"type": "text", "text": "6"}, {"type": "text", "text": "!"}]},
                    "42",
                ]
            },
            "42",
            "6!",
        ),
        ({"content": "42", "reasoning_content": "6 x 7"}, "42", "6 x 7"),
        ({"content": "42", "reasoning": "6 x 7"}, "42", "6 x 7"),
        ({"content": "42", "reasoning_details": [{"type": "reasoning.text", "text": "6 x 7"}]}, "42", "6 x 7"),
        ({"content": "42", "reasoning": None, "reasoning_content": 7}, "42", ""),
        ({"content": [{"text": "thought", "thought": True}, {"text": "42"}]}, "42", "thought"),
        ({"content": [{"type": "text", "text": {"value": "42", "annotations": []}}]}, "42", ""),
        ({"content": [{"type": "text", "text": None}, {"type": "text", "text": "42"}]}, "42", ""),
        ({"content": [{"type": "refusal", "refusal": "No."}]}, "No.", ""),
        ({"content": "42", "tool_calls": [], "audio": None, "role": 7}, "42", ""),
    ],
)
def test_words_are_read_in_whatever_form_they_come(message, text, reasoning):
    reply = read_body(said(message), 0)
    assert (reply.text, reply.finish_reason, reply.reasoning) == (text, "stop", reasoning)


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ({"content": [{"type": "image_url", "image_url": {"url": "x"}}]}, "a part of type 'image_url'"),
        ({"content": [{"type": "text", "text": "Look:"}, {"type": "tool_use", "name": "f"}]}, "type 'tool_use'"),
        ({"content": 42}, "a part that is int"),
        ({"content": [None]}, "an empty part"),
        ({"content": {"answer": "42"}}, "a part of type 'text'"),
        ({"content": []}, "no content"),
        ({"content": None, "reasoning_content": "6 x 7"}, "reasoning without a response"),
        ({"content": "", "reasoning": "6 x 7"}, "reasoning without a response"),
        ({"content": [{"type": "thinking", "thinking": "6 x 7"}]}, "reasoning without a response"),
        # Gemini and Ollama say that they have stopped where they call
        ({"content": "Let me look.", "tool_calls": [{"function": {"name": "f"}}]}, "the reply calls a tool"),
        ({"content": "Let me look.", "function_call": {"name": "f"}}, "the reply calls a tool"),
    ],
)
def test_what_is_no_text_is_an_error_of_its_row(message, reason):
    reply = read_body(said(message), 40)
    assert reply.finish_reason == "error"
    assert reason in reply.text
    assert not reply.passing


@pytest.mark.parametrize(
    "reason",
    ["stop", "STOP", "end_turn", "endTurn", "stop_sequence", "eos", "eos_token", "COMPLETE", {"type": "stop"},
     {"reason": "endoftext"}],
)  # fmt: skip
def test_what_means_a_whole_answer_is_one(reason):
    assert read_body(said({"content": "x"}, reason), 0).finish_reason == "stop"


@pytest.mark.parametrize(
    "reason",
    [
        "length",
        "max_tokens",
        "MAX_TOKENS",
        "max_output_tokens",
        "model_length",
        "FinishReason.MAX_TOKENS",
        "max_new_tokens",
    ],
)
def test_a_limit_is_a_limit_under_every_name(reason):
    reply = read_body(said({"content": "half a"}, reason), 0)
    assert (reply.text, reply.finish_reason) == ("half a", "length")


@pytest.mark.parametrize(
    "reason",
    [
        "error",
        "network_error",
        "abort",
        "cancelled",
        "insufficient_system_resource",
        "OTHER",
        "unknown",
        "",
        None,
        7,
        [],
        "stopped?",
    ],
)
def test_every_other_reason_is_never_taken_as_whole(reason):
    reply = read_body(said({"content": "half a sen"}, reason, usage={"prompt_tokens": 9, "completion_tokens": 3}), 0)
    assert (reply.finish_reason, reply.passing, reply.usage) == ("error", True, Usage(1, 9, 3))
    assert "does not say that it is whole" in reply.text


@pytest.mark.parametrize("reason", ["content_filter", "SAFETY", "RECITATION", "sensitive", "guardrail_intervened"])
def test_a_filter_speaks_about_the_request(reason):
    reply = read_body(said({"content": "half"}, reason), 0)
    assert (reply.finish_reason, reply.passing, reply.of_request) == ("error", False, True)


def test_an_error_of_which_only_the_kind_is_told_is_no_empty_reply():
    reply = read_body(b'{"error": {"type": "server_busy"}}', 40)
    assert (reply.finish_reason, reply.passing) == ("error", True)


def test_a_stream_that_never_says_why_it_ends_is_believed_when_it_says_that_it_is_over():
    unsaid = b'data: {"choices": [{"index": 0, "delta": {"content": "x"}}]}\n\n'
    assert read_body(unsaid + b"data: [DONE]\n\n", 0, most_tokens=10).finish_reason == "stop"
    with pytest.raises(BadBody, match="ends before its completion does"):
        read_body(unsaid, 0, most_tokens=10)


def test_a_server_that_never_says_why_it_ends_is_believed_below_its_limit():
    unsaid = json.dumps(
        {"choices": [{"message": {"content": "x"}}], "usage": {"prompt_tokens": 1, "completion_tokens": 9}}
    )
    assert read_body(unsaid.encode(), 0, most_tokens=10).finish_reason == "stop"
    assert read_body(unsaid.encode(), 0, most_tokens=9).finish_reason == "length"


@pytest.mark.parametrize(
    ("answer", "passing"),
    [
        ({"error": {"message": "busy"}}, True),
        ({"error": "busy"}, True),
        ({"error": {"message": "busy", "code": "503"}}, True),
        ([{"error": {"code": 429, "message": "busy", "status": "RESOURCE_EXHAUSTED"}}], True),
        ({"object": "error", "message": "busy", "code": 500}, True),
        ({"type": "error", "error": {"type": "overloaded_error", "message": "busy"}}, True),
        ({"base_resp": {"status_code": 1002, "status_msg": "busy"}, "choices": None}, True),
        ({"detail": "busy"}, True),
        (
            {
                "choices": [
                    {"error": {"code": 502, "message": "busy"}, "message": {"content": "ha"}, "finish_reason": "stop"}
                ]
            },
            True,
        ),
        ({"error": {"message": "busy", "type": "invalid_request_error"}}, False),
        ({"error": {"message": "busy: maximum context length is 9 tokens"}}, False),
    ],
)
def test_an_error_inside_a_reply_is_never_an_answer(answer, passing):
    reply = read_body(json.dumps(answer).encode(), 40)
    assert (reply.finish_reason, reply.passing) == ("error", passing)
    assert "the server says: busy" in reply.text


@pytest.mark.parametrize(
    "error",
    [None, {}, "", False, [], {"code": 0, "message": ""}, {"code": None}, {"code": 0, "message": "success"}, "success"],
)
def test_an_error_that_says_nothing_is_none(error):
    assert read_body(body("Yes", error=error), 0).text == "Yes"


def test_a_mark_of_byte_order_and_a_number_that_is_none_hide_no_answer():
    assert read_body(b"\xef\xbb\xbf" + body(), 0).text == "Yes"
    assert read_body(b"\r\n\xef\xbb\xbf" + body(), 0).text == "Yes"
    assert read_body(b"\xef\xbb\xbf" + body(created=float("nan"), extra=float("-inf")), 0).text == "Yes"


@pytest.mark.parametrize(
    "odd", [{"id": 7}, {"created": "x"}, {"model": None}, {"usage": [1]}, {"usage": "5"}, {"object": []}]
)
def test_no_bookkeeping_takes_an_answer_away(odd):
    assert read_body(said({"content": "Yes"}, **odd), 0).text == "Yes"
