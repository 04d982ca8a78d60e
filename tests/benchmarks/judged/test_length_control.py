"""Length is a covariate: what is won by length alone is no win at equal length."""

import numpy as np
import pytest

from quintain.benchmarks.judged.length_control import bounded_lengths, fit_length, sigmoid

ONCE = np.ones((1, 400))


def test_lengths_are_bounded_and_in_units_of_their_spread():
    # 3 and -3 have the standard deviation 3: tanh(1) and tanh(-1)
    assert bounded_lengths(np.array([3.0, -3.0])) == pytest.approx([np.tanh(1), -np.tanh(1)])
    assert bounded_lengths(np.array([7.0, 7.0])).tolist() == [0.0, 0.0]


def test_the_fit_finds_the_coefficients_that_the_data_were_drawn_with():
    rng = np.random.default_rng(0)
    longer = np.tanh(rng.normal(size=40_000))
    won = (rng.random(40_000) < sigmoid(0.4 + 1.5 * longer)).astype(float)
    fit = fit_length(won, longer, np.ones((1, 40_000)))
    assert fit.intercept[0] == pytest.approx(0.4, abs=0.05)
    assert fit.slope[0] == pytest.approx(1.5, abs=0.06)


def test_who_wins_by_length_alone_wins_half_at_equal_length():
    # longer on three of four items, and the longer response wins 9 of 10 times
    longer = np.where(np.arange(400) % 4 == 0, -1.0, 1.0)
    won = np.where(np.arange(400) % 40 < 4, longer < 0, longer > 0).astype(float)
    fit = fit_length(won, longer, ONCE)
    assert won.mean() == pytest.approx(0.7, abs=0.05)
    assert fit.win_rate[0] == pytest.approx(0.5, abs=0.05)
    assert fit.slope[0] > 1


def test_winning_everything_stays_finite_and_ties_are_halves():
    everything = fit_length(np.ones(400), np.zeros(400), ONCE)
    # 400 wins, and half a win and half a loss of the prior: 400.5 of 401
    assert everything.win_rate[0] == pytest.approx(400.5 / 401, abs=1e-6)
    assert fit_length(np.full(400, 0.5), np.zeros(400), ONCE).win_rate[0] == pytest.approx(0.5)


def test_a_draw_counts_an_item_as_often_as_it_was_taken():
    values, longer = np.array([1.0, 0.0, 1.0]), np.array([0.5, -0.5, 0.0])
    twice = fit_length(values, longer, np.array([[2.0, 1.0, 0.0]]))
    written_out = fit_length(np.array([1.0, 1.0, 0.0]), np.array([0.5, 0.5, -0.5]), np.ones((1, 3)))
    assert twice.intercept == pytest.approx(written_out.intercept)
    assert twice.slope == pytest.approx(written_out.slope)
