"""An endpoint answers what it can; what it cannot is said per request, or once for all."""

import asyncio
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time

import pytest

from quintain.errors import BudgetSpent, ConfigError, ModelError
from quintain.models import flight, retries
from quintain.models.budget import Budget
from quintain.models.endpoint import EndpointModel
from quintain.models.endpoint_settings import EndpointSettings
from quintain.models.http_session import proxy_of
from quintain.models.language_model import Sampling
from quintain.models.ledger import Ledger
from quintain.models.ledgered_model import LedgeredModel
from quintain.prompts import request
from quintain.records import Message, Request
from quintain.usage import Price
from tests.endpoint_server import EndpointServer, Said, refused, said


@pytest.fixture(autouse=True)
def _quick_retries(monkeypatch):
    monkeypatch.setattr(retries, "_FIRST_SECONDS", 0.01)


@pytest.fixture
def server():
    with EndpointServer(lambda call: said(call.prompt.upper())) as running:
        yield running


def ask(*texts, sample=0):
    return [request("student/instruction", {"instruction": text}, sample=sample) for text in texts]


def model(server, sampling=None, **settings):
    settings = EndpointSettings(address=server.address, model="tester", **settings)
    return EndpointModel(settings, sampling or Sampling(max_new_tokens=16))


def texts(completions):
    return [completion.text for completion in completions]


def only(server, reply, **settings):
    """The one completion that a reply gives."""
    server.reply = reply if callable(reply) else lambda _: reply
    return model(server, **settings).generate(ask("hi"))[0]


# --- what is asked ---------------------------------------------------------------------------------------------------


def test_completions_come_in_the_order_of_the_requests_with_their_usage(server):
    server.reply = lambda call: said(call.prompt.upper(), after_seconds=0.05 if call.prompt == "a" else 0)
    completions = model(server).generate(ask("a", "b c"))
    assert texts(completions) == ["A", "B C"]
    assert [(one.prompt_tokens, one.completion_tokens, one.finish_reason) for one in completions] == [
        (5, 1, "stop"),
        (5, 2, "stop"),
    ]


def test_a_request_carries_the_sampling_of_the_role(server):
    model(server, Sampling(temperature=0.7, top_p=0.9, max_new_tokens=33)).generate(ask("a"))
    body = server.calls[0].body
    assert {name: body[name] for name in ("model", "temperature", "top_p", "max_tokens", "messages")} == {
        "model": "tester",
        "temperature": 0.7,
        "top_p": 0.9,
        "max_tokens": 33,
        "messages": [{"role": "user", "content": "a"}],
    }


def test_each_sample_has_a_seed_of_its_own_and_the_same_one_every_time(server):
    for sample in (0, 1, 0):
        model(server).generate(ask("a", sample=sample))
    first, second, again = (call.body["seed"] for call in server.calls)
    assert first == again != second


SYSTEM = Request(
    prompt="x@1",
    fields={},
    messages=(Message(role="system", content="Be kind."), Message(role="user", content="Hi")),
)


@pytest.mark.parametrize(
    ("dialect", "fields", "turns"),
    [
        ("standard", {"max_tokens", "seed", "temperature", "top_p"}, [("system", "Be kind."), ("user", "Hi")]),
        ("reasoning", {"max_completion_tokens"}, [("developer", "Be kind."), ("user", "Hi")]),
        ("mistral", {"max_tokens", "random_seed", "temperature", "top_p"}, [("system", "Be kind."), ("user", "Hi")]),
        ("no-system", {"max_tokens", "seed", "temperature", "top_p"}, [("user", "Be kind.\n\nHi")]),
    ],
)
def test_a_dialect_decides_the_fields_and_the_system_turn(server, dialect, fields, turns):
    model(server, Sampling(temperature=1.0), dialect=dialect).generate([SYSTEM])
    body = server.calls[0].body
    assert set(body) == {"model", "messages"} | fields
    assert [(turn["role"], turn["content"]) for turn in body["messages"]] == turns


def test_a_dialect_that_sets_no_temperature_refuses_one(server):
    with pytest.raises(ConfigError, match=r"'reasoning' draw at temperature 1 .* set sampling.temperature"):
        model(server, Sampling(temperature=0.0), dialect="reasoning")


def test_extra_fields_reach_the_server_and_change_the_name(server):
    asked = model(server, extra={"reasoning_effort": "low"})
    asked.generate(ask("a"))
    assert server.calls[0].body["reasoning_effort"] == "low"
    assert asked.name != model(server).name
    assert model(server).name == model(server, concurrency=2, requests_per_minute=60).name


def test_a_notebook_that_runs_a_loop_already_can_ask(server):
    async def cell():
        return model(server).generate(ask("a"))

    assert texts(asyncio.run(cell())) == ["A"]


def test_a_proxy_of_the_environment_is_for_other_machines(server, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "near.example")
    assert texts(model(server).generate(ask("a"))) == ["A"]
    assert proxy_of("http://far.example/v1") == "http://127.0.0.1:9"
    assert proxy_of("http://near.example/v1") is None


# --- one bad reply ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (said(None), "the reply has no content"),
        (said("half", "content_filter"), "finish_reason 'content_filter'"),
        (said("x", choices=[]), "the reply holds 0 choices, one was asked for"),
        (said("x", choices=[{"message": {"content": "a"}}] * 2), "the reply holds 2 choices"),
        (Said(body=b'{"id": "nothing else"}'), "the reply holds 0 choices"),
        (Said(body=b'{"choices": [{"message": "x"}]}'), r"no chat completion: .*\$.choices"),
        (Said(body=b'["a list"]'), "no chat completion"),
        (refused(400, "this model's maximum context length is 4096 tokens"), "HTTP 400: this model's maximum context"),
        (refused(422, "bad field"), "HTTP 422: bad field"),
        (Said(body=b""), r"no answer within 2 attempts \(`attempts`\); at last the reply is no JSON: it is empty"),
        (Said(body=b"<html>busy"), "the reply is no JSON: .*<html>busy"),
        (Said(body=b'{"choices": [{"mess'), "the reply is no JSON"),
        (Said(body=said("cut").body, cut=True), "the reply broke off"),
        (refused(500, "boom"), "at last HTTP 500: boom"),
        (said("late", after_seconds=0.5), r"no reply within 0.2 s \(`timeout_seconds`\)"),
    ],
)
def test_a_reply_that_is_no_answer_fails_its_request_alone_and_says_why(server, reply, reason):
    server.reply = lambda call: reply if call.prompt == "bad" else said("fine")
    bad, good = model(server, attempts=2, timeout_seconds=0.2).generate(ask("bad", "good"))
    assert bad.finish_reason == "error"
    assert re.search(reason, bad.text), bad.text
    assert good.text == "fine"


def test_a_reply_at_the_token_limit_says_so_even_without_a_word(server):
    assert only(server, said("half a", "length")).finish_reason == "length"
    silent = only(server, said(None, "length"))
    assert (silent.text, silent.finish_reason) == ("", "length")


def test_a_refusal_of_the_model_is_what_it_said(server):
    message = {"content": None, "refusal": "I will not."}
    reply = said("", choices=[{"message": message, "finish_reason": "stop"}])
    assert only(server, reply).text == "I will not."


def test_a_server_that_does_not_count_gets_its_tokens_guessed(server):
    done = only(server, said("four score and seven", usage=None))
    # "hi" is 2 bytes, the text 20: 1 and 5 tokens of four bytes
    assert (done.prompt_tokens, done.completion_tokens) == (1, 5)
    assert done.origin.knobs == {"usage": "estimated"}


def test_a_server_that_counts_half_is_read(server):
    done = only(server, said("x", usage={"prompt_tokens": 7, "completion_tokens": None}))
    # what it leaves out is guessed: one byte is a token
    assert (done.text, done.prompt_tokens, done.completion_tokens) == ("x", 7, 1)
    assert done.origin.knobs == {"usage": "estimated"}


# --- retries ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "failure",
    [
        *(refused(status) for status in (408, 409, 429, 500, 502, 503, 529)),
        Said(body=b""),
        Said(body=b"{"),
        Said(body=said("cut").body, cut=True),
        said("late", after_seconds=0.5),
        Said(body=b'{"error": {"code": 503, "message": "overloaded"}}'),
    ],
)
def test_what_may_pass_is_tried_again(server, failure):
    done = only(server, lambda call: failure if call.attempt == 1 else said("there"), timeout_seconds=0.2)
    assert done.text == "there"
    assert len(server.calls) == 2


@pytest.mark.parametrize("status", [400, 413, 422])
def test_what_will_not_pass_is_asked_once(server, status):
    assert only(server, refused(status)).finish_reason == "error"
    assert len(server.calls) == 1


def test_a_deadline_ends_the_retries(server):
    server.reply = lambda _: refused(429)
    started = time.monotonic()
    done = model(server, deadline_seconds=0.3).generate(ask("a"))[0]
    assert done.text == "no answer within 0.3 s (`deadline_seconds`); at last HTTP 429: no"
    assert time.monotonic() - started < 1


def test_retry_after_pauses_every_request(server):
    server.reply = lambda call: refused(429, Retry_After="0.4") if call.order == 0 else said("there")
    asked = model(server, concurrency=1)
    assert texts(asked.generate(ask("a", "b"))) == ["there", "there"]
    first, *later = (call.at for call in server.calls)
    assert min(later) - first >= 0.4


def test_a_server_that_is_asked_too_fast_is_asked_by_fewer(server):
    def at_most_four(call):
        return refused(429) if server.in_flight > 4 else said("there", after_seconds=0.02)

    server.reply = at_most_four
    asked = model(server, concurrency=16)
    assert set(texts(asked.generate(ask(*map(str, range(100)))))) == {"there"}
    assert asked._sender.concurrency.limit < 16


def test_no_more_calls_are_in_flight_than_allowed(server):
    server.reply = lambda _: said("x", after_seconds=0.01)
    model(server, concurrency=3).generate(ask(*map(str, range(30))))
    assert server.peak == 3


def test_requests_per_minute_are_kept(server):
    started = time.monotonic()
    model(server, requests_per_minute=1200).generate(ask(*map(str, range(30))))
    # 20 per second: 20 at once, then 10 more take half a second
    assert time.monotonic() - started >= 0.45


# --- the endpoint as a whole -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        (refused(401, "who are you"), r"refuses with HTTP 401: who are you; set the key that `key_env` names"),
        (refused(402, "pay first"), r"HTTP 402: pay first; the account has to be paid"),
        (refused(403, "not you"), r"HTTP 403: not you; the key may not use this model"),
        (refused(404, "no model x"), r"HTTP 404: no model x; see whether `model` is served"),
        (Said(307, b"", {"Location": "http://elsewhere/"}), r"HTTP 307: .*name the address that answers itself"),
        (
            Said(429, b'{"error": {"message": "used up", "code": "insufficient_quota"}}'),
            r"HTTP 429: used up; the account has to be paid",
        ),
        (refused(429, "tomorrow", Retry_After="86400"), r"asks to wait 86400 s, longer than `deadline_seconds`"),
        (
            refused(400, "unknown field seed"),
            r"20 requests in a row failed, the last one: HTTP 400: unknown field seed",
        ),
        (refused(500, "boom"), r"20 requests in a row failed, the last one: no answer within 6 attempts"),
    ],
)
def test_an_endpoint_that_answers_nobody_is_one_error_and_not_a_thousand(server, reply, message):
    server.reply = lambda _: reply
    with pytest.raises(ModelError, match=message):
        model(server, concurrency=8).generate(ask(*map(str, range(1000))))
    assert len(server.calls) <= 200


def test_requests_that_are_too_long_do_not_speak_against_the_endpoint(server):
    server.reply = lambda _: refused(400, "maximum context length is 4096 tokens")
    done = model(server).generate(ask(*map(str, range(40))))
    assert {one.finish_reason for one in done} == {"error"}


@pytest.mark.parametrize("host", ["127.0.0.1", "nowhere.invalid"])
def test_an_endpoint_that_is_not_there_is_said_within_seconds(host):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://{host}:{free.getsockname()[1]}/v1"
    asked = EndpointModel(EndpointSettings(address=address, model="x"), Sampling())
    started = time.monotonic()
    with pytest.raises(ModelError, match=r"cannot be reached: .*Is the server up, and is `address` right\?"):
        asked.generate(ask(*map(str, range(1000))))
    assert time.monotonic() - started < 8


def test_what_was_answered_before_the_endpoint_failed_is_kept(server, tmp_path):
    server.reply = lambda call: said(call.prompt.upper()) if call.order < 10 else refused(401)
    ledger = Ledger(tmp_path / "ledger.sqlite")
    with pytest.raises(ModelError, match="HTTP 401"):
        LedgeredModel(model(server, concurrency=2), ledger, "teacher").generate(ask(*map(str, range(50))))
    assert ledger.spent("teacher", model(server).name).calls == 10


def test_an_answer_is_in_the_ledger_before_slower_ones_have_come(server, tmp_path):
    ledger = Ledger(tmp_path / "ledger.sqlite")
    seen = []

    def reply(call):
        if call.prompt == "last":
            time.sleep(0.2)  # the others have time to arrive and to be kept
            seen.append(ledger.spent("teacher", model(server).name).calls)
        return said("x")

    server.reply = reply
    LedgeredModel(model(server, concurrency=4), ledger, "teacher").generate(ask("a", "b", "c", "d", "last"))
    assert seen[0] >= 1


# --- budget ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("budget", "most_calls"),
    [
        (Budget(calls=7), 7),
        # A call says 5 + 1 tokens; the last one that fits reserves 2 bytes + 16 for the turn + 16 to write = 34.
        (Budget(tokens=60), (60 - 34) // 6 + 1),
        # 5 x 1 + 1 x 10 = 15 per million and call; reserved are 18 x 1 + 16 x 10 = 178
        (Budget(money=400e-6), (400 - 178) // 15 + 1),
    ],
)
def test_a_budget_stops_before_it_is_exceeded_and_keeps_what_was_answered(server, tmp_path, budget, most_calls):
    ledger = Ledger(tmp_path / "ledger.sqlite")
    asked = model(server, budget=budget, price=Price(input=1, output=10), concurrency=3)
    with pytest.raises(BudgetSpent, match=r"does not hold one more call: .*raise `budget` and run again"):
        LedgeredModel(asked, ledger, "teacher").generate(ask(*map(str, range(10, 60))))
    spent = ledger.spent("teacher", asked.name)
    assert spent.calls == len(server.calls) == most_calls
    assert spent.tokens <= (budget.tokens or 1e9)
    assert Price(input=1, output=10).of(spent) <= (budget.money or 1)


def test_refused_attempts_cost_nothing(server):
    server.reply = lambda call: refused(500) if call.attempt == 1 else said("x")
    asked = model(server, budget=Budget(calls=5))
    assert len(asked.generate(ask(*"abcde"))) == 5


def test_an_attempt_that_may_have_been_paid_counts_against_the_budget(server):
    server.reply = lambda _: Said(body=said("cut").body, cut=True)
    with pytest.raises(BudgetSpent, match=r"2 calls"):
        model(server, budget=Budget(calls=2)).generate(ask("a"))
    assert len(server.calls) == 2


# --- structured replies ----------------------------------------------------------------------------------------------

SCORE = {"type": "object", "properties": {"score": {"type": "integer", "maximum": 10}}, "required": ["score"]}


def judged(server, *replies):
    server.reply = lambda call: said(replies[min(call.order, len(replies) - 1)])
    return model(server, structured={"student/instruction": SCORE}).generate(ask("Judge."))[0]


def test_a_structured_reply_is_asked_for_and_checked(server):
    assert judged(server, '{"score": 7}').text == '{"score": 7}'
    assert server.calls[0].body["response_format"]["json_schema"]["schema"] == SCORE


@pytest.mark.parametrize("bad", ["Seven.", '{"score": 70}', "{}", '```json\n{"score": 7}\n```'])
def test_a_reply_that_does_not_fit_is_repaired_once(server, bad):
    done = judged(server, bad, '{"score": 7}')
    assert (done.text, done.finish_reason) == ('{"score": 7}', "stop")
    assert [turn["role"] for turn in server.calls[1].body["messages"]] == ["user", "assistant", "user"]
    assert done.prompt_tokens == 10  # both calls were paid


def test_a_reply_that_still_does_not_fit_is_an_error_that_says_why(server):
    done = judged(server, '{"score": 70}')
    assert done.finish_reason == "error"
    assert done.text.endswith("even after one repair: at $.score: 70 is greater than the maximum of 10")
    assert len(server.calls) == 2


def test_tokens_of_failed_calls_are_in_the_accounts(server, tmp_path):
    server.reply = lambda _: said("Seven.")
    ledger = Ledger(tmp_path / "ledger.sqlite")
    asked = model(server, structured={"student/instruction": SCORE})
    LedgeredModel(asked, ledger, "judge", "evaluation").generate(ask("Judge."))
    account = ledger.accounts()[0]
    assert (account.calls, account.prompt_tokens, account.completion_tokens) == (0, 10, 2)
    assert account.money({asked.name: Price(input=1, output=1)}) == pytest.approx(12e-6)
    assert ledger.spent("judge", asked.name).tokens == 12


# --- endings ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def ctrl_c_after():
    """Press Ctrl-C some seconds later; Python answers to it even in the background, and none outlives the test."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    timers = []

    def press(seconds):
        timers.append(threading.Timer(seconds, os.kill, (os.getpid(), signal.SIGINT)))
        timers[-1].start()

    yield press
    for timer in timers:
        timer.cancel()
        timer.join()
    signal.signal(signal.SIGINT, before)


def test_ctrl_c_keeps_the_calls_in_flight_and_starts_no_more(server, tmp_path, ctrl_c_after):
    def reply(call):
        if call.order == 3:
            ctrl_c_after(0.3)
        return said(call.prompt, after_seconds=1.5)

    server.reply = reply
    ledger = Ledger(tmp_path / "ledger.sqlite")
    asked = LedgeredModel(model(server, concurrency=4), ledger, "teacher")
    with pytest.raises(KeyboardInterrupt):
        asked.generate(ask(*map(str, range(100))))
    assert len(server.calls) == ledger.spent("teacher", asked.name).calls == 4


def test_a_second_ctrl_c_leaves_at_once(server, ctrl_c_after):
    def reply(call):
        if call.order == 0:  # apart, for two signals that wait at the same time are one
            ctrl_c_after(0.5)
            ctrl_c_after(2.5)
        return said(call.prompt, after_seconds=28)

    server.reply = reply
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        model(server, concurrency=4).generate(ask("a", "b"))
    assert time.monotonic() - started < 25


def test_a_caller_that_leaves_cancels_what_is_in_flight(server):
    server.reply = lambda call: said("x", after_seconds=0 if call.prompt == "quick" else 5)
    started = time.monotonic()
    arrivals = model(server).stream(ask("quick", "slow"))
    assert next(arrivals)[0][1].text == "x"
    arrivals.close()
    assert time.monotonic() - started < 2


def test_calls_that_do_not_land_in_time_are_given_up_when_the_endpoint_fails(server, monkeypatch):
    monkeypatch.setattr(flight, "GRACE_SECONDS", 0.1)
    server.reply = lambda call: refused(401) if call.prompt == "b" else said("x", after_seconds=5)
    started = time.monotonic()
    with pytest.raises(ModelError, match="HTTP 401"):
        model(server).generate(ask("a", "b"))
    assert time.monotonic() - started < 2


WORKER = """
import sys
from pathlib import Path
from quintain.models import retries
from quintain.models.endpoint import EndpointModel
from quintain.models.endpoint_settings import EndpointSettings
from quintain.models.language_model import Sampling
from quintain.models.ledger import Ledger
from quintain.models.ledgered_model import LedgeredModel
from quintain.prompts import request
from quintain.records import content_id
retries._FIRST_SECONDS = 0.01
address, ledger = sys.argv[1:]
settings = EndpointSettings(address=address, model="x", concurrency=8, timeout_seconds=0.3)
asked = [request("student/instruction", {"instruction": f"line {i}"}) for i in range(300)]
model = LedgeredModel(EndpointModel(settings, Sampling()), Ledger(Path(ledger)), "teacher")
done = model.generate(asked)
print(content_id([(one.text, one.finish_reason, one.id) for one in done]))
"""


def run_worker(address, ledger):
    return subprocess.Popen(
        [sys.executable, "-c", WORKER, address, str(ledger)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def unreliable(call):
    """Every way to fail, each for another line and at the first attempt."""
    number = int(call.prompt.split()[1])
    failures = {
        3: refused(429, Retry_After="0.05"),
        7: refused(500),
        11: said("late", after_seconds=1),
        13: Said(body=refused(500).body, cut=True),
        17: Said(body=b""),
        19: Said(body=b"<html>gateway</html>"),
    }
    if call.attempt == 1 and number % 20 in failures:
        return failures[number % 20]
    return said(f"reply to {number}", after_seconds=0.01)


def test_a_run_that_is_killed_again_and_again_gives_what_an_undisturbed_run_gives(server, tmp_path):
    server.reply = unreliable
    whole, errors = run_worker(server.address, tmp_path / "whole.sqlite").communicate(timeout=500)
    assert whole, errors
    server.forget()
    path = tmp_path / "killed.sqlite"
    Ledger(path)
    for at_least in (60, 180):
        worker = run_worker(server.address, path)
        while len(kept(path)) < at_least:
            assert worker.poll() is None, worker.stderr.read()
            time.sleep(0.005)
        worker.kill()
        worker.communicate()
        known, seen = kept(path), len(server.calls)
    output, errors = run_worker(server.address, path).communicate(timeout=500)
    assert output == whole, errors
    # Nothing is asked again that the ledger had when the process was killed, and it has all that was answered, but
    # for the 8 calls in flight at each of the two kills.
    assert not known & {call.prompt for call in server.calls[seen:]}
    answered = [call.prompt for call in server.calls if unreliable(call).body.startswith(b'{"object"')]
    assert len(set(answered)) == 300
    assert len(answered) <= 300 + 2 * 8 + sum(unreliable(call).after_seconds == 1 for call in server.calls)


def kept(path):
    """What the ledger can answer."""
    with sqlite3.connect(path) as connection:
        found = {json.loads(row[0])["fields"]["instruction"] for row in connection.execute("SELECT request FROM calls")}
    connection.close()
    return found


def test_a_kill_loses_at_most_the_calls_in_flight(server, tmp_path):
    server.reply = lambda call: said(call.prompt)
    path = tmp_path / "ledger.sqlite"
    Ledger(path)
    worker = run_worker(server.address, path)
    while len(kept(path)) < 50:
        assert worker.poll() is None, worker.stderr.read()
    worker.kill()
    worker.communicate()
    assert len(server.calls) - len(kept(path)) <= 8  # `concurrency`
