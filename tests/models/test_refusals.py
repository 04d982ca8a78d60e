"""Errors of endpoints are understood in the forms and wordings of many providers."""

import json

import pytest

from quintain.models.refusals import is_of_request, is_quota, is_too_long, reason_in, status_in, status_of

TOO_LONG = [
    # OpenAI, Azure
    "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.",
    "Input tokens exceed the configured limit of 272000 tokens. Your messages resulted in 300000 tokens.",
    # vLLM, SGLang, TGI, llama.cpp, LM Studio
    "The decoder prompt (length 5000) is longer than the maximum model length of 4096.",
    "'max_tokens' is too large: 8000. This model's maximum context length is 4096 tokens and you ask for 100",
    "Requested token count exceeds the model's maximum context length of 4096 tokens.",
    "The input (5000 tokens) is longer than the model's context length (4096 tokens).",
    "`inputs` tokens + `max_new_tokens` must be <= 2048. Given: 3000 `inputs` tokens and 20 `max_new_tokens`",
    "Input validation error: `inputs` must have less than 1024 tokens. Given: 1500",
    "the request exceeds the available context size. try increasing the context size or enable context shift",
    "Trying to keep the first 5000 tokens when context the overflows. However, the model has a context length of 4096",
    # Anthropic, Bedrock
    "prompt is too long: 210000 tokens > 200000 maximum",
    "input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000, decrease input length",
    "Input is too long for requested model.",
    # Gemini
    "The input token count (1100000) exceeds the maximum number of tokens allowed (1048576).",
    "Unable to submit request because the input token count is 40000 but model only supports up to 32768.",
    # Mistral, Cohere, Groq, Cerebras, xAI, Fireworks, Moonshot, MiniMax, DashScope
    "Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length",
    "too many tokens: total number of tokens in the prompt cannot exceed 4081 - received 5000",
    "Please reduce the length of the messages or completion.",
    "Please reduce the length of the messages or completion. Current length is 9000 while limit is 8192",
    "This model's maximum prompt length is 131072 but the request contains 150000 tokens.",
    "The prompt is too long: 5000, model maximum context length: 4095",
    "Invalid request: Your request exceeded model token limit: 8192",
    "invalid params, context window exceeds limit (2013)",
    "Range of input length should be [1, 30720]",
    "输入长度超过模型最大上下文长度",
    "Malformed input request: expected maxLength: 20000, actual: 40000, please reformat your input and try again.",
    "The prompt has 5000 tokens, the model's context window has 4096.",
    "You passed 5000 input tokens and requested 100 output tokens. However, the model's context length is only 4096",
    "Sequence length 5000 is greater than the max position embeddings 4096",
    "tokens in request more than max tokens allowed",
    "Total tokens of image and text exceed max message tokens",
    "Token count exceeds limit",
    # our own
    "the chat is longer than the model's context of 256 tokens; shorten it",
]
OTHER = [
    "busy",
    "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
    "max_tokens: 10000 > 4096, which is the maximum allowed number of output tokens for claude",
    "Invalid max_tokens value, the valid range of max_tokens is [1, 8192]",
    "max_tokens is too large: 50000. This model supports at most 16384 completion tokens, whereas you provided 50000.",
    "`temperature` and `top_p` cannot both be specified for this model. Please use only one.",
    "seed: Extra inputs are not permitted",
    "Unsupported value: 'messages[0].role' does not support 'system' with this model.",
    'Invalid JSON payload received. Unknown name "seed": Cannot find field.',
    "messages: text content blocks must be non-empty",
    "Incorrect API key provided",
    "parameter.enable_thinking must be set to false for non-streaming calls",
    # of time, and of many requests together
    "context deadline exceeded (Client.Timeout exceeded while awaiting headers)",
    "context canceled",
    "The request rate exceeds the limit of tokens per minute",
]


def error(message):
    return json.dumps({"error": {"message": message}}, ensure_ascii=False).encode()


@pytest.mark.parametrize("message", TOO_LONG)
def test_a_chat_that_is_too_long_is_told_in_every_wording(message):
    assert is_too_long(error(message))
    assert is_of_request(400, error(message))


@pytest.mark.parametrize("message", OTHER)
def test_what_speaks_of_something_else_is_not_about_the_length_of_a_chat(message):
    assert not is_too_long(error(message))
    assert not is_of_request(400, error(message))


def test_a_code_is_enough():
    assert is_too_long(b'{"error": {"code": "context_length_exceeded", "message": "no"}}')
    assert is_of_request(413, b"<html>Request Entity Too Large</html>")
    assert is_of_request(400, b'{"error": {"code": "content_filter", "message": "no"}}')
    assert is_of_request(500, error("the request exceeds the available context size"))
    assert not is_of_request(503, error("the queue of requests exceeds its maximum length"))
    # more tokens than the account may have in a minute will never pass
    assert is_of_request(
        429, error("Request too large for gpt-4o on tokens per min (TPM): Limit 30000, Requested 50000")
    )
    assert not is_of_request(
        429, error("Rate limit reached on tokens per min (TPM): Limit 30000, Used 29000, Requested 5000")
    )


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"error": {"code": 503}}', 503),
        (b'{"error": {"code": "429", "message": "x"}}', 429),
        (b'[{"error": {"code": 400, "message": "x", "status": "INVALID_ARGUMENT"}}]', 400),
        (b'{"error": {"type": "rate_limit_error", "message": "x"}}', 429),
        (b'{"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}', 503),
        (b'{"error": {"type": "server_busy"}}', 503),
        (b'{"error": {"code": "InvalidParameter", "message": "x"}}', 400),
        (b'{"type": "error", "error": {"type": "authentication_error", "message": "x"}}', 401),
        (b'{"object": "error", "code": 404, "message": "error"}', 404),
        (b'{"error": "boom"}', 500),
        (b'{"error": null, "choices": []}', 200),
        (b'{"choices": [{"message": {"content": "an error"}}]}', 200),
        (b'{"choices": [{"message": {"content": "ha"}}], "error": {"code": 502}}', 200),
        (b"no JSON, an error", 200),
    ],
)
def test_an_error_with_status_200_stands_for_another_one(body, status):
    assert status_in(body) == status


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"detail": "x"}', "x"),
        (b'{"error": {"message": "two\\nlines"}}', "two lines"),
        (b'{"error": "x"}', "x"),
        (b'[{"error": {"message": "x"}}]', "x"),
        (
            b'{"detail": [{"loc": ["body", "seed"], "msg": "Extra inputs are not permitted"}]}',
            "body.seed: Extra inputs are not permitted",
        ),
        (b'{"success": false, "errors": [{"code": 7, "message": "x"}]}', "x"),
        (b'{"object": "error", "message": "x"}', "x"),
        (b'{"code": 7, "msg": "x"}', "x"),
        (b"\xef\xbb\xbf" + b'{"error": {"message": "x"}}', "x"),
        (b"<html>busy", "<html>busy"),
        (b"", "(no text)"),
    ],
)
def test_a_reason_is_read_from_every_form(body, reason):
    assert reason_in(body) == reason


@pytest.mark.parametrize(
    ("body", "unpaid"),
    [
        (b'{"error": {"code": "insufficient_quota"}}', True),
        (b'{"error": {"message": "Your credit balance is too low to access the API."}}', True),
        (b'{"error": {"message": "Insufficient Balance"}}', True),
        # Gemini says so of a limit per minute
        (b'{"error": {"code": 429, "message": "You exceeded your current quota, please check your plan"}}', False),
    ],
)
def test_an_account_that_has_to_be_paid_is_told_from_one_that_has_to_wait(body, unpaid):
    assert is_quota(body) == unpaid


@pytest.mark.parametrize("depth", [50, 400, 700, 900, 990, 100_000])
def test_no_nesting_is_too_deep_to_be_looked_into(depth):
    for body in (b"[" * depth + b'"error"' + b"]" * depth, b'{"error":' * depth + b'"x"' + b"}" * depth):
        assert status_in(body) in (200, 500)
        assert reason_in(body)
        assert not is_of_request(400, body)


def test_a_status_is_a_number_or_a_word():
    assert status_of({"status": "RESOURCE_EXHAUSTED"}) == 429
    assert status_of({"code": 1302, "message": "x"}) == 500
    assert status_of([{"code": 404}]) == 404
    assert status_of({"code": 503.5}) == 500
