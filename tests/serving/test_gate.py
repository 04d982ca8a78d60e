"""The gate hands a whole body on, or answers itself; an application of a few lines stands behind it."""

import asyncio
import json
from dataclasses import replace

import pytest

from quintain.serving.access import Access
from quintain.serving.gate import Gate
from quintain.serving.metrics import Metrics
from quintain.serving.request_limits import RequestLimits

LIMITS = RequestLimits(body_bytes=100, bodies_bytes=150, body_seconds=30)


class Echo:
    """Answers with the body it was given."""

    def __init__(self):
        self.bodies = []
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def __call__(self, scope, receive, send):
        self.bodies.append((await receive())["body"])
        await self.may_answer.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"ok"})


async def ask(gate, *pieces, headers=((b"host", b"localhost"),)):
    """Status, and the code of an error, for a body that comes in pieces; without any it never comes."""
    scope = {"type": "http", "path": "/v1/models", "headers": list(headers)}
    events = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]
    if events:
        events[-1]["more_body"] = False
    sent = []

    async def receive():
        if not events:
            await asyncio.Event().wait()
        return events.pop(0)

    async def send(event):
        sent.append(event)

    await gate(scope, receive, send)
    code = json.loads(sent[1]["body"])["error"]["code"] if sent[0]["status"] != 200 else None
    return sent[0]["status"], code


def run(scenario, limits=LIMITS, access=None):
    async def inside():
        echo, metrics = Echo(), Metrics()
        return await scenario(Gate(echo, access or Access(), limits, metrics), echo), metrics.text()

    return asyncio.run(inside())


def test_a_body_goes_on_whole_and_once():
    async def scenario(gate, echo):
        return await ask(gate, b"a" * 60, b"b" * 40), echo.bodies

    (answer, bodies), text = run(scenario)
    assert answer == (200, None)
    assert bodies == [b"a" * 60 + b"b" * 40]
    assert 'quintain_requests_total{status="200"} 1' in text


@pytest.mark.parametrize("pieces", [[b"a" * 101], [b"a" * 60, b"b" * 41], [b"a"] * 101])
def test_one_byte_too_many_is_refused(pieces):
    async def scenario(gate, echo):
        return await ask(gate, *pieces), await ask(gate, b"a" * 100), len(echo.bodies)

    (refused, next_one, passed), text = run(scenario)
    assert refused == (413, "body_too_large")
    assert (next_one, passed) == ((200, None), 1)
    assert 'quintain_errors_total{fault="client"} 1' in text


def test_bodies_in_flight_are_limited_together_and_room_comes_back():
    async def scenario(gate, echo):
        echo.may_answer.clear()
        first = asyncio.create_task(ask(gate, b"a" * 100))
        while not echo.bodies:
            await asyncio.sleep(0)
        refused = await ask(gate, b"b" * 51)
        fits = asyncio.create_task(ask(gate, b"b" * 50))
        echo.may_answer.set()
        return refused, await first, await fits, await ask(gate, b"b" * 100)

    answers, _ = run(scenario)
    assert answers == ((503, "server_busy"), (200, None), (200, None), (200, None))


def test_a_body_that_does_not_come_is_not_waited_for():
    async def scenario(gate, echo):
        return await ask(gate), echo.bodies

    answer, _ = run(scenario, replace(LIMITS, body_seconds=0.01))
    assert answer == ((408, "body_too_slow"), [])


def test_nothing_reaches_the_application_under_a_foreign_name_or_without_the_key():
    async def scenario(gate, echo):
        foreign = [(b"host", b"attacker.example")]
        return await ask(gate, b"x", headers=foreign), await ask(gate, b"x"), echo.bodies

    answers, _ = run(scenario, access=Access(key="s3cret"))
    assert answers == ((403, "unknown_host"), (401, "invalid_api_key"), [])


def test_wild_shapes_are_refused_by_their_limit():
    async def scenario(gate, echo):
        return await ask(gate, b"[" * 9 + b"1,2"), await ask(gate, b"1," * 9)

    answers, _ = run(scenario, replace(LIMITS, nesting=8, values=9))
    assert answers == ((400, "too_much_nesting"), (400, "too_much_values"))
