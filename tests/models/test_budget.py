"""A budget counts what was spent and what calls in flight may still cost."""

import pytest

from quintain.models.budget import Budget, OwnMeter
from quintain.usage import NOTHING, Price, Usage

CALL = Usage(1, 100, 50)


def test_calls_in_flight_count_with_the_most_they_may_cost():
    meter = OwnMeter(Budget(tokens=400))
    first = meter.reserve(CALL, 60)
    assert meter.reserve(CALL, 60)
    assert meter.reserve(CALL, 60) is None  # 150 + 150 + 150 > 400
    assert meter.is_waiting()
    meter.settle(first, Usage(1, 20, 5))
    assert meter.reserve(CALL, 60)  # 25 + 150 + 150


def test_what_was_spent_counts():
    budget = Budget(calls=10)
    assert budget.holds(Usage(calls=10), None)
    assert not budget.holds(Usage(calls=11), None)


def test_money_is_tokens_times_price():
    price = Price(input=2, output=8)  # a call is 100 x 2 + 50 x 8 = 600 millionths
    assert price.of(CALL) == pytest.approx(600e-6)
    assert Budget(money=0.0006).holds(CALL, price)
    assert not Budget(money=0.00059).holds(CALL, price)


def test_no_limit_is_no_limit():
    assert Budget().holds(Usage(10**9, 10**12, 10**12), None)
    assert str(Budget()) == "no limit"


def test_the_stop_says_limits_and_spending():
    meter = OwnMeter(Budget(calls=2, money=1), Price(input=1, output=1))
    meter.settle(meter.reserve(CALL, 60), Usage(2, 300, 200))
    assert not meter.is_waiting()
    assert meter.stopped(CALL) == (
        "the budget of 2 calls, 1 money does not hold one more call: 2 calls, 500 tokens and 0.0005 in money are "
        "spent, and the next call may take 150 tokens. "
        "What was answered is in the ledger; raise `budget` and run again to go on from there"
    )


def test_usages_add_and_subtract():
    assert CALL + CALL - CALL == CALL
    assert CALL - CALL == NOTHING
    assert CALL.or_more(Usage(2, 3, 60)) == Usage(2, 100, 60)
