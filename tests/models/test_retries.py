"""Only what may pass is tried again, later and later, and when the server says."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from quintain.models.retries import asked_seconds, backoff_seconds, is_passing


def test_passing_are_408_409_429_and_all_of_the_server():
    assert [status for status in range(400, 600) if is_passing(status)] == [408, 409, 429, *range(500, 600)]


def test_the_wait_is_anything_up_to_a_limit_that_doubles_to_a_minute():
    for attempt, most in ((1, 0.5), (2, 1), (3, 2), (8, 60), (50, 60)):
        drawn = [backoff_seconds(attempt) for _ in range(300)]
        assert 0 <= min(drawn) < 0.2 * most
        assert 0.8 * most < max(drawn) <= most


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 0),
        ({"Retry-After": "12"}, 12),
        ({"Retry-After": "0.5"}, 0.5),
        ({"Retry-After": "-3"}, 0),
        ({"Retry-After-Ms": "250", "Retry-After": "1"}, 0.25),
        ({"Retry-After": "soon"}, 0),
        ({"Retry-After": "nan"}, 0),
        ({"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0),
    ],
)
def test_a_reply_may_say_how_long_to_wait(headers, seconds):
    assert asked_seconds(headers) == seconds


def test_a_reply_may_say_until_when_to_wait():
    in_a_minute = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    assert 57 <= asked_seconds({"Retry-After": in_a_minute}) <= 60
