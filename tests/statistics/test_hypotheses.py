"""Tests of a difference, by hand."""

import pytest

from quintain.statistics.hypotheses import holm, mcnemar


@pytest.mark.parametrize(
    ("only_first", "only_second", "p"),
    [
        (0, 0, 1.0),
        (3, 3, 1.0),
        (0, 5, 2 / 32),
        (1, 7, 2 * (1 + 8) / 256),
        (700, 500, pytest.approx(8.8e-9, rel=0.05)),
    ],
)
def test_mcnemar_is_the_exact_binomial_test(only_first, only_second, p):
    assert mcnemar(only_first, only_second) == p
    assert mcnemar(only_second, only_first) == p


def test_holm_multiplies_the_smallest_most_and_never_turns_the_order_round():
    # 0.01 x 3, then max(0.03, 0.02 x 2), then max(0.04, 0.03 x 1)
    assert holm({"a": 0.03, "b": 0.01, "c": 0.02}) == pytest.approx({"a": 0.04, "b": 0.03, "c": 0.04})
    assert holm({}) == {}
    assert holm({"a": 0.9, "b": 0.8}) == {"a": 1.0, "b": 1.0}
