"""Rates are kept by arithmetic on a clock that the tests turn."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quintain.models.concurrency import Concurrency
from quintain.models.rate_limits import Bucket, Limits


def test_a_second_worth_goes_at_once_and_the_rest_waits():
    bucket = Bucket(120, now=0)  # 2 per second
    bucket.take(1, now=0)
    bucket.take(1, now=0)
    assert bucket.wait_seconds(1, now=0) == pytest.approx(0.5)
    assert bucket.wait_seconds(1, now=0.4) == pytest.approx(0.1)
    assert bucket.wait_seconds(1, now=0.5) == 0


def test_a_slow_rate_lets_one_through_at_a_time():
    bucket = Bucket(1, now=0)
    assert bucket.wait_seconds(1, now=0) == 0
    bucket.take(1, now=0)
    assert bucket.wait_seconds(1, now=0) == pytest.approx(60)


def test_what_is_larger_than_the_bucket_goes_when_it_is_full_and_is_paid_off_later():
    bucket = Bucket(6000, now=0)  # 100 per second
    assert bucket.wait_seconds(500, now=0) == 0
    bucket.take(500, now=0)
    # 400 are owed and 100 must be there again: 5 seconds
    assert bucket.wait_seconds(100, now=0) == pytest.approx(5)


@given(st.lists(st.integers(1, 50), min_size=1, max_size=60))
def test_whatever_is_asked_no_minute_lets_through_more_than_its_rate_and_the_last_request(amounts):
    per_minute, now, went = 60, 0.0, []
    bucket = Bucket(per_minute, now)
    for amount in amounts:
        now += bucket.wait_seconds(amount, now) + 1e-9
        bucket.take(amount, now)
        went.append((now, amount))
    for start, _ in went:
        within = [amount for at, amount in went if start <= at < start + 60]
        assert sum(within[:-1]) <= per_minute + 1 + 1e-6


def test_the_longest_wait_counts_and_unused_tokens_come_back():
    limits = Limits(
        Concurrency(4), requests_per_minute=60, tokens_per_minute=60_000, now=0
    )  # 1 request, 1000 tokens per second
    limits.start(3000, now=0)
    # 2000 tokens are owed, the bucket must be full for another 3000: 3 s
    assert limits.wait_seconds(3000, now=0) == pytest.approx(3)
    limits.end(3000, 500, now=0)
    assert limits.wait_seconds(500, now=0) == pytest.approx(1)  # the request limit: one per second
    limits.refused(limits.concurrency.start(1, 0), pause_seconds=7, now=0)
    assert limits.wait_seconds(500, now=2) == pytest.approx(5)
    assert limits.concurrency.limit == 2


def test_without_limits_nothing_waits():
    limits = Limits(Concurrency(4), None, None, now=0)
    limits.start(10**9, now=0)
    assert limits.wait_seconds(10**9, now=0) == 0
