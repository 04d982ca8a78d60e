"""The number of calls in flight finds what a server bears, on a clock and with servers that the tests make up."""

import heapq
import random
from collections import deque

import pytest

from quintain.models.concurrency import Concurrency


def flown(most, seconds, calls, timeout=120.0, refuses_above=None, seed=0, tokens=lambda: 1):
    """Carry calls to a server that takes `seconds(calls in flight, random)` for each; the limit, peak and losses."""
    rng, concurrency = random.Random(seed), Concurrency(most, timeout)
    now, order, todo, late, refused, peak = 0.0, 0, calls, 0, 0, 0
    landing, weight = [], tokens()
    while todo or landing:
        while todo and concurrency.has_room(weight):
            call, weight = concurrency.start(weight, now), tokens()
            takes = seconds(concurrency.aloft, rng)
            fate = (
                "refused" if refuses_above and concurrency.aloft > refuses_above else "late" if takes > timeout else ""
            )
            order, todo, peak = order + 1, todo - 1, max(peak, concurrency.aloft)
            heapq.heappush(landing, (now + (0.1 if fate == "refused" else min(takes, timeout)), order, call, fate))
        now, _, call, fate = heapq.heappop(landing)
        if fate == "refused":
            concurrency.overloaded(call, now)
        elif fate == "late":
            concurrency.late(call, now)
        concurrency.end(call, now, answered=not fate)
        todo += bool(fate)
        refused, late = refused + (fate == "refused"), late + (fate == "late")
    return concurrency.limit, peak, late, refused


def test_it_starts_with_four_or_with_what_is_allowed():
    assert Concurrency(64).limit == 4
    assert Concurrency(3).limit == 3


def test_a_server_that_bears_everything_is_asked_all_at_once_after_a_few_rounds():
    limit, peak, late, _ = flown(64, lambda aloft, _: 10.0, 400)
    assert (limit, peak, late) == (64, 64, 0)


@pytest.mark.parametrize("seed", range(5))
def test_lengths_that_differ_hide_no_room(seed):
    assert flown(32, lambda aloft, rng: 10 * rng.lognormvariate(0, 0.6), 800, seed=seed)[0] >= 16


@pytest.mark.parametrize("alone_seconds", [2, 10, 25])
def test_a_server_that_does_one_thing_at_a_time_gets_few_and_no_call_is_lost(alone_seconds):
    limit, peak, late, _ = flown(64, lambda aloft, _: alone_seconds * aloft, 200)
    assert late == 0
    assert limit == 4
    assert peak <= 8


def test_a_server_that_cannot_even_take_the_first_four_in_time_gets_fewer():
    limit, _, late, _ = flown(64, lambda aloft, _: 50 * aloft, 60)
    assert limit <= 2
    assert late <= 10


def test_throughput_that_stops_rising_at_sixteen_stops_the_limit_near_it():
    _, peak, late, _ = flown(256, lambda aloft, _: 5 * max(1.0, aloft / 16), 600)
    assert late == 0
    assert 16 <= peak <= 48


def test_refusals_halve_the_limit_once_for_all_that_flew_together():
    concurrency = Concurrency(4)
    calls = [concurrency.start(1, 0) for _ in range(4)]
    for call in calls:
        concurrency.overloaded(call, 1)
        concurrency.end(call, 1, answered=False)
    assert concurrency.limit == 2
    later = concurrency.start(1, 2)
    concurrency.overloaded(later, 3)
    assert concurrency.limit == 1
    concurrency.overloaded(concurrency.start(1, 4), 5)
    assert concurrency.limit == 1


def test_a_server_that_refuses_the_seventeenth_is_asked_by_about_sixteen():
    limit, _, _, refused = flown(64, lambda aloft, rng: 10 * rng.uniform(0.8, 1.2), 1500, refuses_above=16)
    assert 6 <= limit <= 24
    assert refused < 0.1 * 1500


def test_latency_that_grows_while_the_limit_stays_makes_it_fall():
    slower = iter(range(10**6))
    # A hundred quick calls, and then each takes three times as long: others ask the server too.
    limit, peak, _, _ = flown(8, lambda aloft, _: 10.0 if next(slower) < 100 else 40.0, 130)
    assert peak == 8
    assert limit < 8


def test_a_few_late_calls_among_many_are_long_responses_and_no_sign_of_load():
    numbers = iter(range(10**6))
    limit, _, late, _ = flown(32, lambda aloft, _: 500.0 if next(numbers) % 100 == 99 else 10.0, 1000)
    assert late >= 5
    assert limit == 32


def test_a_limit_that_is_not_used_up_does_not_rise():
    concurrency = Concurrency(64)
    for now in range(100):
        call = concurrency.start(1, now)
        concurrency.end(call, now + 0.5, answered=True)
    assert concurrency.limit == 4


# --- long and short prompts ------------------------------------------------------------------------------------------

FEW_HUNDRED, LONG = 300, 2_500


def answered_in_batches(tokens, per_second, decode_seconds, most=64, timeout=120.0):
    """Calls at a server that takes all that wait as one batch, whose time is the sum of their tokens; times of all."""
    concurrency = Concurrency(most, timeout)
    todo, waiting, batch, times, now, ends = deque(tokens), [], [], [], 0.0, 0.0
    while todo or waiting or batch:
        while todo and concurrency.has_room(todo[0]):
            waiting.append(concurrency.start(todo.popleft(), now))
        if not batch:
            batch, waiting = waiting, []
            ends = now + decode_seconds + sum(call.tokens for call in batch) / per_second
        now = ends
        for call in batch:
            times.append(now - call.started)
            if times[-1] > timeout:
                concurrency.late(call, now)
            concurrency.end(call, now, answered=True)
        batch = []
    return times


def test_a_run_of_long_prompts_after_short_ones_is_answered_in_time():
    short_first = [FEW_HUNDRED] * 60 + [LONG] * 60
    times = answered_in_batches(short_first, per_second=117, decode_seconds=20)
    assert max(times) < 120
    assert max(times[:60]) > 2 * min(times[:60])  # short ones share the server by many


@pytest.mark.parametrize("seed", range(5))
def test_prompts_of_all_lengths_are_answered_in_time(seed):
    rng = random.Random(seed)
    tokens = [min(3_000, round(rng.lognormvariate(6.5, 0.9))) for _ in range(400)]
    assert max(answered_in_batches(tokens, per_second=117, decode_seconds=10)) < 120


def test_a_server_that_bears_everything_is_asked_by_all_whatever_the_length_of_the_prompts():
    rng = random.Random(0)
    limit, peak, late, _ = flown(64, lambda aloft, _: 10.0, 800, tokens=lambda: round(rng.lognormvariate(6, 1)))
    assert (limit, peak, late) == (64, 64, 0)


def test_calls_that_are_long_by_themselves_do_not_lose_their_room():
    rng, aloft_at_start = random.Random(0), []

    def seconds(aloft, _):
        aloft_at_start.append(aloft)
        return 100.0

    assert flown(4, seconds, 4_000, tokens=lambda: round(rng.lognormvariate(6, 0.5)))[2] == 0
    assert sum(aloft_at_start[-1_000:]) > 3.5 * 1_000
