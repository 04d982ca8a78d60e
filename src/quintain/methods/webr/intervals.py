"""Interval of a mean over rows."""

from collections.abc import Sequence
from typing import TypedDict

import numpy as np

_REPLICATES = 1000


class Mean(TypedDict):
    """A mean with its 95 % bootstrap interval."""

    mean: float
    """Mean over the rows."""
    low: float
    """Lower end."""
    high: float
    """Upper end."""


def mean_interval(values: Sequence[float], seed: int = 0) -> Mean | None:
    """Mean of values with its 95 % interval, by drawing the rows 1,000 times anew.

    Args:
        values: One value per row.
        seed: Seed of the draws.

    Returns:
        The mean and the ends of its percentile interval, to four decimals; None without values.
    """
    if not values:
        return None
    numbers = np.asarray(values, float)
    stream = np.random.default_rng(seed)
    means = numbers[stream.integers(len(numbers), size=(_REPLICATES, len(numbers)))].mean(axis=1)
    low, high = np.quantile(means, (0.025, 0.975))
    return Mean(mean=round(float(numbers.mean()), 4), low=round(float(low), 4), high=round(float(high), 4))
