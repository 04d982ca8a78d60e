"""Calls on an event loop: as many as there is room for, and an end that leaves none behind."""

import asyncio

import pytest

from quintain.models.concurrency import Concurrency
from quintain.models.flight import Abandoned, Flight
from quintain.prompts import request
from quintain.records import Completion

ASKED = [request("student/instruction", {"instruction": str(number)}) for number in range(4)]


def said(asked):
    return Completion(request_id=asked.id, text=asked.fields["instruction"], finish_reason="stop")


def batches_of(flight):
    """What was handed over until the end."""
    return [batch for _ in range(flight.batches.qsize()) if (batch := flight.batches.get()) is not None]


def test_a_call_that_landed_keeps_its_place_until_it_is_freed():
    begun = []

    async def complete(asked):
        begun.append(asked)
        return said(asked)

    async def calls(flight):
        carrying = asyncio.create_task(flight.carry(ASKED, complete, Concurrency(2)))
        await asyncio.sleep(0.05)
        assert begun == ASKED[:2]
        flight.free(1)
        await asyncio.sleep(0.05)
        assert begun == ASKED[:3]
        flight.free(2)
        await carrying

    flight = Flight()
    asyncio.run(flight.fly(calls))
    assert sorted(index for batch in batches_of(flight) for index, _ in batch) == [0, 1, 2, 3]


def test_a_stop_starts_nothing_more_and_cancels_after_its_grace_what_has_not_landed():
    begun = []

    async def complete(asked):
        begun.append(asked)
        await asyncio.sleep(0.01 if asked is ASKED[0] else 60)
        return said(asked)

    async def calls(flight):
        asyncio.get_running_loop().call_later(0.05, flight.stop, 0.01)
        await flight.carry(ASKED, complete, Concurrency(2))

    flight = Flight()
    asyncio.run(flight.fly(calls))
    assert flight.stopping
    assert begun == ASKED[:2]
    assert [index for batch in batches_of(flight) for index, _ in batch] == [0]


def test_the_first_fatal_error_is_raised_at_the_end_and_an_abandoned_call_is_none():
    async def complete(asked):
        if asked is ASKED[0]:
            raise Abandoned
        raise ValueError(f"call {asked.fields['instruction']}")

    flight = Flight()
    with pytest.raises(ValueError, match="call 1"):
        asyncio.run(flight.fly(lambda one: one.carry(ASKED, complete, Concurrency(1))))
    assert flight.batches.get() is None


def test_a_sleep_ends_early_when_the_flight_ends():
    async def calls(flight):
        await flight.sleep(0.01)
        asyncio.get_running_loop().call_later(0.01, flight.stop, 0.0)
        with pytest.raises(Abandoned):
            await flight.sleep(60)

    asyncio.run(asyncio.wait_for(Flight().fly(calls), 10))
