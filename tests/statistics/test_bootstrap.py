"""Intervals by drawing clusters and items anew."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quintain.statistics.bootstrap import cluster_draws, clustered_shares, item_draws, mean_interval, resampled_sums
from quintain.statistics.resampling import Resampling

RESAMPLING = Resampling(replicates=500)


def shares(rows, resampling=RESAMPLING):
    """Rows of (cluster, group, value)."""
    return clustered_shares(rows, lambda r: r[2], lambda r: r[0], lambda r: r[1], resampling)


def test_the_mean_weighs_groups_alike_however_many_rows_they_have():
    found = shares([("a", "x", 1), ("a", "x", 1), ("a", "x", 0), ("b", "x", 0), ("b", "y", 1)])
    # x: 2 of 4, y: 1 of 1, mean of groups .75 although 3 of 5 rows are 1
    assert (found["x"].value, found["y"].value, found["mean"].value) == (0.5, 1.0, 0.75)
    assert (found["x"].n, found["y"].n, found["mean"].n) == (4, 1, 5)


def test_rows_without_a_value_do_not_count():
    assert shares([("a", "x", None)]) == {}
    assert shares([("a", "x", 1), ("b", "x", None)])["x"].n == 1


def test_many_rows_of_one_cluster_say_as_little_as_one():
    few = [(i, "x", i % 2) for i in range(20)]
    many = [row for row in few for _ in range(50)]
    one, other = shares(few)["x"], shares(many)["x"]
    assert (one.low, one.high) == (other.low, other.high)
    # each row a cluster of its own: fifty times as many draws, an interval about a seventh as wide
    apart = shares([((row, i), "x", row[2]) for i, row in enumerate(many)])["x"]
    assert apart.high - apart.low < (one.high - one.low) / 4


def test_equal_seeds_draw_equal_intervals():
    rows = [(i, "x", i % 3 == 0) for i in range(30)]
    assert shares(rows) == shares(rows)
    assert shares(rows)["x"] != shares(rows, Resampling(replicates=500, seed=1))["x"]


@given(st.lists(st.tuples(st.integers(0, 5), st.sampled_from("xy"), st.booleans()), min_size=1, max_size=30))
def test_an_interval_holds_its_value_and_stays_among_shares(rows):
    for share in shares(rows, Resampling(replicates=50)).values():
        assert 0 <= share.low <= share.high <= 1
        assert 0 <= share.value <= 1


def test_the_interval_of_a_mean_holds_it_and_is_the_same_twice():
    values = [0.0] * 50 + [1.0] * 50
    found = mean_interval(values, RESAMPLING)
    assert found == mean_interval(values, RESAMPLING)
    # standard error .05, so the interval is about .4 to .6
    assert (found.value, found.n) == (0.5, 100)
    assert found.low == pytest.approx(0.4, abs=0.03)
    assert found.high == pytest.approx(0.6, abs=0.03)
    assert mean_interval([], RESAMPLING) is None


def test_draws_in_parts_are_the_draws_of_one_stream():
    whole = np.random.default_rng(3).integers(7, size=(150, 7))
    np.testing.assert_array_equal(np.concatenate(list(item_draws(7, Resampling(replicates=150, seed=3)))), whole)


def test_sums_of_drawn_rows_are_the_sums_of_the_rows_that_were_drawn():
    table = np.arange(10.0).reshape(5, 2)
    drawn = np.concatenate(list(item_draws(5, RESAMPLING)))
    np.testing.assert_allclose(resampled_sums(table, RESAMPLING), table[drawn].sum(axis=1))


def test_every_draw_takes_as_many_clusters_as_there_are_and_streams_differ():
    draws = cluster_draws(12, RESAMPLING, (1,))
    assert (draws.sum(axis=1) == 12).all()
    assert not np.array_equal(draws, cluster_draws(12, RESAMPLING, (2,)))
    with pytest.raises(ValueError, match="read-only"):
        draws[0, 0] = 9
