"""The default gate on the default pack: equals pass nine times in ten, 5 points worse pass once in twenty at most.

Four minutes of one free core. `python -m pytest -m slow tests/methods_claims/test_gate.py -rP`
"""

import pytest

from quintain.benchmarks.satisfaction.comparison import compare
from quintain.statistics.power import items_to_settle
from tests.methods_claims.gate_trials import (
    EQUALS,
    SEVERAL,
    TINY,
    contender,
    default_policy,
    first_champions,
    passes,
    several,
    trials,
)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(7200)]

TRIALS = 600


@pytest.mark.parametrize("pair", EQUALS, ids=["another seed", "another stage"])
def test_an_equal_candidate_passes_nine_times_in_ten(pair):
    found = trials(pair, n=TRIALS)
    print(pair, found)  # noqa: T201 - for pytest -rP
    assert found.share("promoted") >= 0.9


@pytest.mark.parametrize("pair", EQUALS, ids=["another seed", "another stage"])
@pytest.mark.parametrize("loses", ["as a weaker student", "whole groups"])
def test_a_candidate_five_points_worse_is_promoted_once_in_twenty_at_most(pair, loses):
    found = trials(pair, -0.05, loses=loses, n=TRIALS)
    print(pair, loses, found)  # noqa: T201 - for pytest -rP
    assert found.share("promoted") <= 0.05


def test_a_pack_of_600_items_would_stall_equal_candidates():
    found = trials(EQUALS[1], groups=20, n=TRIALS)
    print(found)  # noqa: T201 - for pytest -rP
    assert found.interval("promoted")[1] < 0.7


def test_the_items_that_an_inconclusive_decision_asks_for_settle_it_four_times_in_five():
    candidate, champion = (contender(passes()[name]) for name in EQUALS[1])
    found = compare(
        candidate.measured["almanac"].judgements, champion.measured["almanac"].judgements, default_policy().resampling
    )
    # Between candidates that are equal in truth the limit is 5 points away.
    needed = items_to_settle(0.05, found.standard_error, found.n_items)
    settled = trials(EQUALS[1], groups=round(needed / 30), n=TRIALS)
    print(f"{needed} items:", settled)  # noqa: T201 - for pytest -rP
    low, high = settled.interval("promoted")
    assert low - 0.03 < 0.8 < high + 0.03


@pytest.mark.parametrize("pair", EQUALS, ids=["another seed", "another stage"])
def test_one_more_benchmark_promotes_no_more_candidates_that_are_five_points_worse(pair):
    for size in SEVERAL[:2]:
        found, _ = several(pair, SEVERAL[:2], {size.name: -0.05}, n=TRIALS // 3)
        print(pair, size.name, found)  # noqa: T201 - for pytest -rP
        assert found.share("promoted") <= 0.05


@pytest.mark.parametrize("pair", EQUALS, ids=["another seed", "another stage"])
def test_the_guards_of_three_benchmarks_stop_an_equal_candidate_once_in_twenty(pair):
    n = TRIALS // 3
    stopped = several(pair, SEVERAL, n=n)[1]["any"]
    print(pair, stopped, n)  # noqa: T201 - for pytest -rP
    # 5 % and two standard errors of it
    assert stopped / n <= 0.05 + 2 * (0.05 * 0.95 / n) ** 0.5


@pytest.mark.parametrize("groups", TINY)
@pytest.mark.parametrize("pair", EQUALS, ids=["another seed", "another stage"])
def test_a_tiny_pack_promotes_a_candidate_five_points_worse_once_in_twenty_at_most(pair, groups):
    found = trials(pair, -0.05, groups=groups, n=TRIALS // 2)
    print(pair, groups, found)  # noqa: T201 - for pytest -rP
    assert found.interval("promoted")[0] <= 0.05


@pytest.mark.parametrize("groups", TINY)
@pytest.mark.parametrize("share", [0.0, 0.05, 0.2])
def test_who_knows_no_more_than_a_null_reply_is_a_first_champion_once_in_twenty_at_most(share, groups):
    found = first_champions(share, share, groups, TRIALS // 2)
    print(share, groups, found)  # noqa: T201 - for pytest -rP
    assert found.interval("promoted")[0] <= 0.05
