"""Tests of a difference: bootstrap p-values, the exact McNemar test, and Holm's correction for several of them."""

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Rates = NDArray[np.float64]


def two_sided_p(differences: Rates) -> float:
    """P-value of no difference, from draws of the difference: twice the smaller share on one side of zero.

    Args:
        differences: One difference per draw; nans are left out. Shape (B,).

    Returns:
        The p-value, in (0, 1]; never below 2 / (B + 1), which is all that B draws can tell.
    """
    known = differences[~np.isnan(differences)]
    smaller = min((known <= 0).sum(), (known >= 0).sum())
    return min(1.0, float(2 * (1 + smaller) / (1 + len(known))))


def p_not_below(differences: Rates) -> float:
    """P-value of a difference that is not below zero, from its draws, in (0, 1]; nans are left out. Shape (B,)."""
    known = differences[~np.isnan(differences)]
    return float((1 + (known >= 0).sum()) / (1 + len(known)))


def mcnemar(only_first: int, only_second: int) -> float:
    """Exact two-sided p-value that two models pass equally often, from the items on which they differ.

    Args:
        only_first: Items that only the first model passes.
        only_second: Items that only the second model passes.

    Returns:
        The p-value, in (0, 1].

    >>> mcnemar(0, 5)
    0.0625
    """
    total = only_first + only_second
    tail = sum(math.comb(total, k) for k in range(min(only_first, only_second) + 1))
    return min(1.0, 2 * tail / 2**total)


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """Adjust p-values for looking at several hypotheses, each at most 1 and in the order of the raw ones.

    >>> holm({"a": 0.01, "b": 0.04, "c": 0.03})
    {'a': 0.03, 'b': 0.06, 'c': 0.06}
    """
    adjusted: dict[str, float] = {}
    worst = 0.0
    for rank, name in enumerate(sorted(p_values, key=lambda name: p_values[name])):
        worst = max(worst, min(1.0, (len(p_values) - rank) * p_values[name]))
        adjusted[name] = worst
    return {name: adjusted[name] for name in p_values}
