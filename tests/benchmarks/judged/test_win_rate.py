"""The win rate has intervals over clusters, ties count a half, and what is unread is in no rate."""

import pytest

from quintain.benchmarks.judged.preferences import Preference
from quintain.benchmarks.judged.win_rate import win_rate
from quintain.statistics.resampling import Resampling

FAST = Resampling(replicates=400)


def outcome(n, value, cluster="", category="", longer=0, conflict=False):
    return Preference(
        instruction_id=str(n), category=category, cluster=cluster or str(n), value=value, conflict=conflict,
        longer_chars=longer,
    )  # fmt: skip


def test_wins_ties_and_what_is_unread_are_counted():
    found = win_rate([outcome(0, 1.0, conflict=True), outcome(1, 0.5), outcome(2, 0.0), outcome(3, None)], FAST)
    assert (found.n_items, found.n_unread, found.ties, found.conflicts) == (3, 1, 1, 1)
    assert found.as_judged.value == 0.5
    assert found.as_judged.low < 0.5 < found.as_judged.high


def test_items_of_one_cluster_tell_less_than_as_many_that_stand_alone():
    values = [float(n % 10 < 6) for n in range(100)]
    alone = win_rate([outcome(n, value) for n, value in enumerate(values)], FAST).as_judged
    # ten clusters of ten: all of one cluster win or lose together
    together = [outcome(n, float(n // 10 < 6), cluster=str(n // 10)) for n in range(100)]
    clustered = win_rate(together, FAST)
    assert clustered.n_clusters == 10
    assert clustered.as_judged.value == alone.value == 0.6
    assert clustered.as_judged.high - clustered.as_judged.low > 2 * (alone.high - alone.low)


def test_a_longer_winner_loses_its_lead_at_equal_length():
    # longer by 100 on 60 items, of which it wins 54; shorter on 40, of which it wins 4
    outcomes = [outcome(n, float(n % 10 < 9), longer=100) for n in range(60)]
    outcomes += [outcome(n, float(n % 10 == 0), longer=-100) for n in range(60, 100)]
    found = win_rate(outcomes, FAST)
    assert found.as_judged.value == pytest.approx(0.58)
    assert abs(found.at_equal_length.value - 0.5) < 0.05
    assert found.length.low > 0
    assert found.longer_chars == pytest.approx(20)


def test_categories_have_a_rate_of_their_own_where_there_are_several():
    outcomes = [outcome(n, float(n < 5), category="mail" if n < 5 else "code") for n in range(10)]
    found = win_rate(outcomes, FAST)
    assert {name: each.value for name, each in found.by_category.items()} == {"mail": 1.0, "code": 0.0}
    assert win_rate(outcomes[:5], FAST).by_category == {}


def test_a_set_without_an_outcome_is_refused():
    with pytest.raises(ValueError, match="none of the 2 comparisons has a review that can be read"):
        win_rate([outcome(0, None), outcome(1, None)], FAST)
