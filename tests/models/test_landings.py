"""Completions come as they land; the first fatal error ends the flight after all that landed."""

import asyncio
import signal

import pytest

from quintain.models.flight import Abandoned
from quintain.models.landings import landings
from quintain.models.rate_limits import Concurrency
from quintain.prompts import request
from quintain.records import Completion

ASKED = [request("student/instruction", {"instruction": str(number)}) for number in range(6)]


def carried(complete, concurrency):
    async def calls(flight):
        await flight.carry(ASKED, lambda asked: complete(flight, asked), Concurrency(concurrency))

    return landings(calls)


def said(asked):
    return Completion(request_id=asked.id, text=asked.fields["instruction"], finish_reason="stop")


def test_every_request_lands_once_with_its_position():
    async def complete(_, asked):
        await asyncio.sleep(0.01 * (6 - int(asked.fields["instruction"])))
        return said(asked)

    landed = [pair for batch in carried(complete, 6) for pair in batch]
    assert sorted((index, one.text) for index, one in landed) == [(number, str(number)) for number in range(6)]


def test_a_call_leaves_its_place_when_its_completion_is_taken_over():
    begun = []

    async def complete(_, asked):
        begun.append(asked)
        return said(asked)

    batches = carried(complete, 2)
    kept = len(next(batches))
    assert len(begun) <= 2  # nothing was given back yet
    kept += sum(map(len, batches))
    assert kept == len(begun) == 6


def test_a_fatal_error_comes_after_all_that_landed_and_starts_nothing_more():
    begun = []

    async def complete(_, asked):
        begun.append(asked)
        if len(begun) == 2:
            raise ValueError("of the endpoint")
        return said(asked)

    landed = []
    with pytest.raises(ValueError, match="of the endpoint"):
        landed.extend(pair for batch in carried(complete, 2) for pair in batch)
    assert [one.text for _, one in landed] == ["0"]
    assert len(begun) == 2


def test_a_call_that_sleeps_is_abandoned_when_the_flight_ends():
    ends = []

    async def complete(flight, asked):
        if asked is ASKED[0]:
            await asyncio.sleep(0.05)
            raise ValueError("fatal")
        try:
            await flight.sleep(60)
        except Abandoned:
            ends.append(asked)
            raise
        return said(asked)

    with pytest.raises(ValueError, match="fatal"):
        list(carried(complete, 2))
    assert ends == [ASKED[1]]


# --- Ctrl-C ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def ctrl_c():
    """Ctrl-C at this moment; Python answers to it even in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield lambda: signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    signal.signal(signal.SIGINT, before)


def slowly(begun):
    async def complete(asked):
        begun.append(asked)
        await asyncio.sleep(0.05 * len(begun))
        return said(asked)

    return complete


def held(begun, concurrency):
    return landings(lambda flight: flight.carry(ASKED, slowly(begun), Concurrency(concurrency)))


def test_ctrl_c_between_two_waits_keeps_the_calls_in_flight(ctrl_c):
    begun, landed = [], []

    def write_down(batch):
        if not landed:
            ctrl_c()
        landed.extend(batch)

    with pytest.raises(KeyboardInterrupt):
        any(map(write_down, held(begun, 3)))
    assert len(landed) == len(begun) < 6


def test_ctrl_c_while_the_first_calls_begin_keeps_them(ctrl_c):
    begun = []

    async def calls(flight):
        ctrl_c()  # the main thread hears of it, wherever it is
        await flight.carry(ASKED, slowly(begun), Concurrency(3))

    landed = []
    with pytest.raises(KeyboardInterrupt):
        landed.extend(pair for batch in landings(calls) for pair in batch)
    assert len(landed) == len(begun) <= 3


def test_a_second_ctrl_c_is_not_held_back(ctrl_c):
    batches = held([], 1)
    next(batches)
    ctrl_c()
    with pytest.raises(KeyboardInterrupt):
        ctrl_c()
    batches.close()  # nobody is told twice


def test_a_caller_that_leaves_after_ctrl_c_is_told(ctrl_c):
    batches = held([], 1)
    next(batches)
    ctrl_c()
    with pytest.raises(KeyboardInterrupt):
        batches.close()


def test_answers_by_turns_leave_ctrl_c_as_it_was(ctrl_c):
    first, second = held([], 1), held([], 1)
    next(first), next(second)
    first.close()
    second.close()
    with pytest.raises(KeyboardInterrupt):
        ctrl_c()
    signal.signal(signal.SIGINT, signal.default_int_handler)


def test_where_ctrl_c_is_ignored_it_stays_so():
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        for _ in held([], 6):
            signal.raise_signal(signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, before)
