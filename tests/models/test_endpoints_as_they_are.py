"""Providers as they are: each refuses something, says it in its own words, and is read or gets out of the way."""

import json
import logging

import pytest

from quintain.errors import ModelError
from quintain.models import retries
from quintain.models.endpoint import EndpointModel
from quintain.models.endpoint_settings import EndpointSettings
from quintain.models.language_model import Sampling
from quintain.models.ledger import Ledger
from quintain.models.ledgered_model import LedgeredModel
from quintain.models.roles import Roles, bind
from quintain.prompts import request
from quintain.reasoning import tell_apart
from tests.endpoint_server import EndpointServer, Said, said


@pytest.fixture(autouse=True)
def _quick_retries(monkeypatch):
    monkeypatch.setattr(retries, "_FIRST_SECONDS", 0.01)


def ask(*texts):
    return [request("student/instruction", {"instruction": text}) for text in texts]


def model(server, sampling=None, **settings):
    settings = EndpointSettings(address=server.address, model="m", **settings)
    return EndpointModel(settings, sampling or Sampling(temperature=0.7, max_new_tokens=16))


def json_error(status, error):
    return Said(status, json.dumps(error).encode())


# --- what providers refuse -------------------------------------------------------------------------------------------


def claude(call):
    """Anthropic's OpenAI-compatible endpoint in front of a newer model."""
    body = call.body
    if {"temperature", "top_p"} <= set(body):
        message = "`temperature` and `top_p` cannot both be specified for this model. Please use only one."
    elif "seed" in body:
        message = "seed: Extra inputs are not permitted"
    else:
        return said(f"a town {call.order}")
    return json_error(400, {"type": "error", "error": {"type": "invalid_request_error", "message": message}})


def gemini(call):
    """Gemini's OpenAI-compatible endpoint: an error in a list, one unknown name at a time."""
    if "seed" not in call.body:
        return said(f"a town {call.order}")
    message = 'Invalid JSON payload received. Unknown name "seed": Cannot find field.'
    return json_error(400, [{"error": {"code": 400, "message": message, "status": "INVALID_ARGUMENT"}}])


def reasoner(call):
    """OpenAI's reasoning models: each refusal names one field."""
    body = call.body
    roles = {turn["role"] for turn in body["messages"]}
    if "max_tokens" in body:
        field, message = "max_tokens", "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."
    elif body.get("temperature", 1) != 1:
        field, message = "temperature", "Unsupported value: 'temperature' does not support 0.7 with this model."
    elif "system" in roles:
        field, message = "messages[0].role", "Unsupported value: 'messages[0].role' does not support 'system'."
    else:
        return said(f"a town {call.order}")
    return json_error(400, {"error": {"message": message, "param": field, "code": "unsupported_parameter"}})


PROVIDERS = [
    (claude, r"cannot both be specified.*`omit: \[seed, top_p\]`$", {"omit": ["seed", "top_p"]}, {}),
    (claude, "", {"dialect": "anthropic"}, {}),
    (gemini, r'Unknown name "seed".*`omit: \[seed\]`$', {"omit": ["seed"]}, {}),
    (gemini, "", {"dialect": "gemini"}, {}),
    (
        reasoner,
        r"Unsupported parameter.*`omit: \[temperature\]`, `rename: \{max_tokens: max_completion_tokens, "
        r"system: developer\}`, `sampling.temperature: 1`$",
        {"omit": ["temperature"], "rename": {"max_tokens": "max_completion_tokens", "system": "developer"}},
        {"temperature": 1.0},
    ),
    (reasoner, "", {"dialect": "reasoning"}, {"temperature": 1.0}),
]


def bound(server, tmp_path, sampling, **settings):
    binding = {"backend": "openai", "address": server.address, "model": "m", **settings}
    roles = Roles(ledger=str(tmp_path / "ledger.sqlite"), bindings={"teacher": binding})
    return bind("teacher", roles, stage="synthesis", sampling=sampling)


@pytest.mark.parametrize(("provider", "message", "settings", "sampling"), PROVIDERS)
def test_what_a_provider_refuses_is_found_out_and_what_to_write_is_right(
    tmp_path, provider, message, settings, sampling
):
    with EndpointServer(provider) as server:
        if message:
            with pytest.raises(ModelError, match=message):
                bound(server, tmp_path, Sampling(temperature=0.7)).generate(ask("a"))
            assert len(server.calls) < 20
        done = bound(server, tmp_path, Sampling(temperature=sampling.get("temperature", 0.7)), **settings)
        assert done.generate(ask("a"))[0].finish_reason == "stop"


def test_a_greedy_role_finds_it_out_as_well(tmp_path):
    with EndpointServer(gemini) as server:
        with pytest.raises(ModelError, match=r"`omit: \[seed\]`$"):
            bound(server, tmp_path, Sampling(temperature=0.0)).generate(ask(*map(str, range(50))))
        assert len(server.calls) < 25


def test_a_request_that_is_refused_for_itself_stops_nobody():
    def odd(call):
        return json_error(422, {"error": {"message": "messages: emoji"}}) if ":)" in call.prompt else said("x")

    with EndpointServer(odd) as server:
        done = model(server, concurrency=1).generate(ask("a :)", "b :)", "c :)", "d"))
    assert [one.finish_reason for one in done] == ["error", "error", "error", "stop"]


def test_a_long_page_in_the_words_of_tgi_is_no_fault_of_the_endpoint():
    message = "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 2048. Given: 3000 `inputs` tokens"
    with EndpointServer(lambda _: json_error(422, {"error": message, "error_type": "validation"})) as server:
        done = model(server).generate(ask(*map(str, range(60))))
    assert {one.finish_reason for one in done} == {"error"}
    assert len(server.calls) == 60


# --- what servers say ------------------------------------------------------------------------------------------------


def stream(*events):
    return Said(
        body=b"".join(b"data: " + json.dumps(event).encode() + b"\n\n" for event in events) + b"data: [DONE]\n\n",
        headers={"Content-Type": "text/event-stream"},
    )


def test_a_server_that_only_streams_is_read_in_one_attempt():
    pieces = [{"choices": [{"index": 0, "delta": {"content": text}}]} for text in ("He", "llo")]
    last = {
        "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 3, "completion_tokens": 2},
    }
    with EndpointServer(lambda _: stream(*pieces, last)) as server:
        (done,) = model(server).generate(ask("a"))
    assert (done.text, done.finish_reason, done.prompt_tokens) == ("Hello", "stop", 3)
    assert len(server.calls) == 1


def test_a_server_that_only_streams_may_be_asked_to():
    with EndpointServer(
        lambda call: said("x") if call.body.get("stream") else json_error(400, {"error": "no"})
    ) as server:
        assert model(server, extra={"stream": True}).generate(ask("a"))[0].text == "x"


@pytest.mark.parametrize("reason", ["error", "network_error", None, "cancelled"])
def test_half_an_answer_is_asked_for_again_and_kept_when_it_is_whole(reason, tmp_path):
    with EndpointServer(lambda call: said("ha", reason) if call.attempt == 1 else said("half")) as server:
        ledger = Ledger(tmp_path / "ledger.sqlite")
        assert LedgeredModel(model(server), ledger, "teacher").generate(ask("a"))[0].text == "half"
    assert len(server.calls) == 2


def test_half_an_answer_is_never_kept_and_asked_for_a_few_times_only(tmp_path):
    def reply(call):
        return said("ha", "error") if call.prompt == "bad" else said("x")

    with EndpointServer(reply) as server:
        ledger = Ledger(tmp_path / "ledger.sqlite")
        asked = LedgeredModel(model(server), ledger, "teacher")
        bad, good = asked.generate(ask("bad", "good"))
        assert (bad.finish_reason, good.text) == ("error", "x")
        assert "finish_reason 'error'" in bad.text
        assert len(server.calls) == 1 + 3
        # each of the three was paid: 5 + 1 tokens
        assert bad.prompt_tokens + bad.completion_tokens == 3 * 6
        asked.generate(ask("bad", "good"))
        assert len(server.calls) == 1 + 2 * 3


@pytest.mark.parametrize("body", [b"\x00\x01", b"<html>", b"data: {", b'{"choices": [{"mess'])
def test_a_body_that_nobody_can_read_is_paid_for_three_times_at_most(body):
    with EndpointServer(lambda _: Said(body=body)) as server:
        (done,) = model(server).generate(ask("a"))
    assert done.finish_reason == "error"
    assert len(server.calls) == 3


def test_reasoning_of_its_own_field_is_kept_beside_the_response():
    message = {"content": "42", "reasoning_content": "6 x 7"}
    with EndpointServer(lambda _: said("", choices=[{"message": message, "finish_reason": "stop"}])) as server:
        (done,) = model(server).generate(ask("a"))
    told = tell_apart(done.text)
    assert (told.response, told.reasoning) == ("42", "6 x 7")


def test_a_structured_reply_is_looked_at_behind_its_reasoning():
    schema = {"type": "object", "required": ["score"]}
    with EndpointServer(lambda _: said('<think>\nseven?\n</think>\n\n{"score": 7}')) as server:
        (done,) = model(server, structured={"student/instruction": schema}).generate(ask("a"))
    assert done.finish_reason == "stop"
    assert len(server.calls) == 1


@pytest.mark.parametrize(
    "usage", [{"prompt_tokens": 5.0, "completion_tokens": 2.0}, {"prompt_tokens": "5", "completion_tokens": "2"}]
)
def test_usage_in_floats_and_texts_is_read(usage):
    with EndpointServer(lambda _: said("a b", usage=usage)) as server:
        (done,) = model(server).generate(ask("a"))
    assert (done.prompt_tokens, done.completion_tokens, done.origin.knobs) == (5, 2, {})


# --- where the key goes ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_never_carries_the_key_elsewhere(status, monkeypatch):
    monkeypatch.setenv("SOME_KEY", "sk-secret")
    with EndpointServer(lambda _: said("x")) as other:
        target = f"{other.address}/chat/completions?key=sk-secret"
        with (
            EndpointServer(lambda _: Said(status, b"", {"Location": target})) as server,
            pytest.raises(ModelError, match=r"it points to http://127.* the key goes nowhere else") as caught,
        ):
            model(server, key_env="SOME_KEY").generate(ask("a"))
        assert other.calls == []
    assert "sk-secret" not in str(caught.value)


# --- load ------------------------------------------------------------------------------------------------------------


def one_at_a_time(server, seconds):
    """A server that works on all calls at once and is none the faster for it."""
    return lambda call: said(call.prompt, after_seconds=seconds * server.in_flight)


def test_a_slow_server_is_asked_by_few_and_no_call_is_sent_twice(tmp_path, caplog):
    caplog.set_level(logging.INFO)
    with EndpointServer(lambda _: said("x")) as server:
        # Sixty-four at once would take 64 x 0.05 = 3.2 s each, longer than the time-out.
        server.reply = one_at_a_time(server, 0.05)
        asked = model(server, concurrency=64, timeout_seconds=2)
        done = LedgeredModel(asked, Ledger(tmp_path / "l.sqlite"), "teacher").generate(ask(*map(str, range(120))))
        assert {one.finish_reason for one in done} == {"stop"}
        assert len(server.calls) == 120
        assert server.peak <= 16


def test_a_call_longer_than_the_time_out_is_waited_for_while_others_are_answered():
    with EndpointServer(lambda call: said("x", after_seconds=5 if call.prompt == "0" else 0.3)) as server:
        done = model(server, concurrency=2, timeout_seconds=2).generate(ask(*map(str, range(24))))
        assert {one.finish_reason for one in done} == {"stop"}
        assert len(server.calls) == 24


def test_time_outs_that_the_client_caused_end_no_run():
    with EndpointServer(lambda _: said("x")) as server:
        # Four at once take longer than the time-out, one alone does not.
        server.reply = one_at_a_time(server, 0.3)
        done = model(server, concurrency=64, timeout_seconds=1, attempts=2, deadline_seconds=3).generate(
            ask(*map(str, range(12)))
        )
    assert {one.finish_reason for one in done} == {"stop"}


def test_a_server_that_answers_nobody_ends_the_run_with_one_error():
    with (
        EndpointServer(lambda _: said("x", after_seconds=60)) as server,
        pytest.raises(
            ModelError, match=r"answers nothing: 2 requests in a row, alone in flight.* Raise `timeout_seconds`"
        ),
    ):
        model(server, concurrency=8, timeout_seconds=0.2, attempts=2).generate(ask(*map(str, range(100))))


def test_one_request_that_never_comes_back_ends_alone():
    with EndpointServer(lambda call: said("x", after_seconds=60 if call.prompt == "7" else 0)) as server:
        done = model(server, concurrency=4, timeout_seconds=0.3, attempts=2).generate(ask(*map(str, range(30))))
    assert [one.finish_reason for one in done].count("error") == 1
    assert "no reply within 0.3 s" in done[7].text


def test_a_fast_server_is_asked_by_as_many_as_are_allowed():
    with EndpointServer(lambda call: said(call.prompt, after_seconds=0.02)) as server:
        done = model(server, concurrency=16).generate(ask(*map(str, range(400))))
        assert {one.finish_reason for one in done} == {"stop"}
        assert server.peak > 4
