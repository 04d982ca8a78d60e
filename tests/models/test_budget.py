"""A budget counts what was spent and what calls in flight may still cost."""

import pytest

from quintain.models.budget import Budget, Meter
from quintain.usage import NOTHING, Price, Usage

CALL = Usage(1, 100, 50)


def test_calls_in_flight_count_with_the_most_they_may_cost():
    meter = Meter(Budget(tokens=400))
    assert meter.fits(CALL)
    meter.start(CALL)
    meter.start(CALL)
    assert not meter.fits(CALL)  # 150 + 150 + 150 > 400
    meter.end(CALL, Usage(1, 20, 5))
    assert meter.fits(CALL)  # 25 + 150 + 150
    assert (meter.spent, meter.in_flight) == (Usage(1, 20, 5), CALL)


def test_what_was_spent_in_former_runs_counts():
    assert not Meter(Budget(calls=10), spent=Usage(calls=10)).fits(CALL)
    assert Meter(Budget(calls=10), spent=Usage(calls=9)).fits(CALL)


def test_money_is_tokens_times_price():
    price = Price(input=2, output=8)  # a call is 100 x 2 + 50 x 8 = 600 millionths
    assert price.of(CALL) == pytest.approx(600e-6)
    assert Meter(Budget(money=0.0006), price).fits(CALL)
    assert not Meter(Budget(money=0.00059), price).fits(CALL)


def test_no_limit_is_no_limit():
    assert Meter(Budget()).fits(Usage(10**9, 10**12, 10**12))


def test_the_stop_says_limits_and_spending():
    meter = Meter(Budget(calls=2, money=1), Price(input=1, output=1), spent=Usage(2, 300, 200))
    assert meter.stopped(CALL) == (
        "the budget of 2 calls, 1 money does not hold one more call: 2 calls, 500 tokens and 0.0005 in money are "
        "spent, and the next call may take 150 tokens. "
        "What was answered is in the ledger; raise `budget` and run again to go on from there"
    )


def test_usages_add_and_subtract():
    assert CALL + CALL - CALL == CALL
    assert CALL - CALL == NOTHING
