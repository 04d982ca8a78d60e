"""A call is waited for while the server answers others, and not for ever."""

import asyncio

import pytest

from quintain.models.patience import Patience

ALWAYS = [tenth / 10 for tenth in range(1, 900)]


def waited(answers, timeout=0.2, most_seconds=80.0):
    """Seconds until a call that takes 80 is given up, with answers to others at these seconds."""

    async def run():
        loop, patience = asyncio.get_running_loop(), Patience(timeout)
        started = loop.time()
        for seconds in answers:
            loop.call_later(seconds, patience.heard)
        with pytest.raises(TimeoutError):
            async with patience.waiting(most_seconds):
                await asyncio.sleep(80)
        patience.heard()  # of nobody any more
        return loop.time() - started

    return asyncio.run(run())


def test_where_nothing_is_answered_the_time_out_counts():
    assert waited([]) >= 0.2


def test_each_answer_to_others_gives_as_long_again():
    assert waited([0.15, 0.3]) >= 0.5


def test_a_lost_call_is_given_up_however_many_others_are_answered():
    assert waited(ALWAYS) >= 0.8


def test_its_own_longest_time_is_never_passed():
    assert waited(ALWAYS, timeout=60, most_seconds=0.3) >= 0.3
    assert waited([], timeout=60, most_seconds=0.05) >= 0.05


def test_an_answer_in_time_passes_through():
    async def run():
        async with Patience(60).waiting(60):
            return "there"

    assert asyncio.run(run()) == "there"
