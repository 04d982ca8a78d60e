"""What a run takes is known before it is asked."""

import pytest

from quintain.models.forecast import Pace, expected_usage, forecast, mean_lengths, usage_of
from quintain.models.language_model import Sampling
from quintain.models.ledger import Account, call_key
from quintain.prompts import request
from quintain.usage import Price, Usage


def test_money_is_tokens_times_price():
    usage = expected_usage(1000, prompt_tokens=800, completion_tokens=300)
    assert usage == Usage(1000, 800_000, 300_000)
    # 0.8 x 0.15 + 0.3 x 0.60 = 0.30
    assert forecast(usage, Pace(), Price(input=0.15, output=0.60)).money == pytest.approx(0.30)
    assert forecast(usage, Pace()).money is None


@pytest.mark.parametrize(
    ("pace", "hours"),
    [
        (Pace(concurrency=10, seconds_per_call=36), 6000 * 36 / 10 / 3600),
        (Pace(seconds_per_call=0, requests_per_minute=50), 6000 / 50 / 60),
        (Pace(seconds_per_call=0, requests_per_minute=50, tokens_per_minute=20_000), 6_000_000 / 20_000 / 60),
    ],
)
def test_the_slowest_limit_gives_the_hours(pace, hours):
    assert forecast(Usage(6000, 5_000_000, 1_000_000), pace).hours == pytest.approx(hours)


def test_what_the_ledger_knows_and_what_is_asked_twice_costs_nothing():
    asked = [request("student/instruction", {"instruction": text}) for text in ("12345678", "abcd", "abcd", "known")]
    known = {call_key("m", Sampling(), asked[3])}
    # 8 and 4 bytes: 2 and 1 tokens
    assert usage_of(asked, 10, "m", Sampling(), known) == Usage(2, 3, 20)


def test_mean_lengths_come_from_what_was_answered():
    account = Account(
        role="teacher", stage="synthesis", model="m", calls=4, cached=9, prompt_tokens=400, completion_tokens=20
    )
    assert mean_lengths([account], "teacher", "synthesis") == (100, 5)
    assert mean_lengths([account], "teacher", "distillation") is None


def test_a_pace_that_cannot_be_is_refused():
    with pytest.raises(ValueError, match="concurrency must be at least 1"):
        Pace(concurrency=0)
