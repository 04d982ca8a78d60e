"""Intervals over seeds, against the tables of Student's t."""

import pytest

from quintain.statistics.seeds import t_interval, t_quantile


@pytest.mark.parametrize(
    ("share", "degrees", "value"),
    [
        (0.975, 1, 12.706),
        (0.975, 2, 4.303),
        (0.975, 5, 2.571),
        (0.95, 7, 1.895),
        (0.995, 10, 3.169),
        (0.975, 30, 2.042),
    ],
)
def test_quantiles_are_those_of_the_tables(share, degrees, value):
    assert t_quantile(share, degrees) == pytest.approx(value, abs=0.0005)


def test_an_interval_is_the_mean_and_the_quantile_times_its_standard_error():
    # mean 2, standard deviation 1, standard error 1 / sqrt(3) = 0.5774, times 4.3027 is 2.4841
    found = t_interval([1, 2, 3])
    assert (found.value, found.n) == (2, 3)
    assert (found.low, found.high) == pytest.approx((-0.4841, 4.4841), abs=0.0001)


def test_one_seed_says_nothing_about_the_others():
    with pytest.raises(ValueError, match="two values at least, got 1"):
        t_interval([0.5])
