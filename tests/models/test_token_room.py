"""Room for tokens in flight, by what the server took for those before."""

import pytest

from quintain.models.token_room import TokenRoom


def asked(room, *calls):
    """Calls of (tokens, seconds) that fly together and are answered in turn."""
    aloft = [room.start(tokens) for tokens, _ in calls]
    for (tokens, seconds), tokens_aloft in zip(calls, aloft, strict=True):
        room.answered(seconds, tokens, tokens_aloft)
        room.end(tokens)


def test_nothing_is_bounded_before_anything_was_answered():
    assert TokenRoom(120).holds(10**9)


def test_tokens_may_grow_until_the_longest_call_would_take_three_quarters_of_the_time_out():
    room = TokenRoom(120)
    asked(room, (1_000, 20), (2_000, 30))
    # 3,000 in flight took 30 s at most, so 90 s are expected of 9,000.
    assert room.limit == pytest.approx(9_000)
    room.start(7_000)
    assert room.holds(2_000)
    assert not room.holds(2_001)


def test_a_call_larger_than_the_limit_goes_out_alone():
    room = TokenRoom(120)
    asked(room, (1_000, 80))
    assert room.limit == pytest.approx(1_125)
    assert room.holds(50_000)
    room.start(100)
    assert not room.holds(50_000)


def test_where_calls_are_long_by_themselves_what_was_borne_stays():
    room = TokenRoom(120)
    for _ in range(100):
        asked(room, (500, 100), (700, 100))
    # The 1,200 that were in flight when the first was answered, and one call as large as that.
    assert room.limit == pytest.approx(1_700)


def test_a_server_that_gets_slower_gets_less():
    room = TokenRoom(120)
    asked(room, (1_000, 10))
    assert room.limit == pytest.approx(9_000)
    asked(room, (1_000, 45))
    assert room.limit == pytest.approx(2_000)


def test_only_the_last_calls_count():
    room = TokenRoom(120)
    asked(room, (1_000, 45))
    for _ in range(64):
        asked(room, (1_000, 10))
    assert room.limit == pytest.approx(9_000)


def test_too_much_in_flight_is_halved_and_the_calls_before_are_forgotten():
    room = TokenRoom(120)
    asked(room, (1_000, 10))
    first, _ = room.start(2_000), room.start(4_000)
    room.overloaded(first)
    assert room.limit == pytest.approx(3_000)
    room.end(4_000)
    room.end(2_000)
    asked(room, (1_000, 100))
    assert room.limit == pytest.approx(2_000)
