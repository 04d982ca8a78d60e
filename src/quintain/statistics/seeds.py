"""Intervals over few seeds: Student's t, for means of whole runs that each cost minutes."""

import math
from collections.abc import Sequence
from statistics import fmean, stdev

from quintain.statistics.bootstrap import Share


def t_interval(values: Sequence[float], confidence: float = 0.95) -> Share:
    """Mean over seeds with its t interval.

    Args:
        values: One value per seed, two at least.
        confidence: Of the interval, in (0, 1).

    Returns:
        The mean and its interval.

    Raises:
        ValueError: There are fewer than two values.

    >>> found = t_interval([0.5, 0.6, 0.7])
    >>> round(found.low, 3), round(found.high, 3)
    (0.352, 0.848)
    """
    if len(values) < 2:
        raise ValueError(f"an interval over seeds needs two values at least, got {len(values)}")
    mean = fmean(values)
    half = t_quantile((1 + confidence) / 2, len(values) - 1) * stdev(values) / math.sqrt(len(values))
    return Share(value=mean, low=mean - half, high=mean + half, n=len(values))


def t_quantile(share: float, degrees: int) -> float:
    """Quantile of Student's t above its middle.

    Args:
        share: Probability below the quantile, in [0.5, 1).
        degrees: Degrees of freedom, 1 or more.

    Returns:
        The quantile.

    >>> round(t_quantile(0.975, 4), 3)
    2.776
    """
    low, high = 0.0, math.pi / 2
    for _ in range(60):  # the angle atan(t / sqrt(degrees)) of the quantile, halved until floats end
        middle = (low + high) / 2
        if (1 + _within(middle, degrees)) / 2 < share:
            low = middle
        else:
            high = middle
    return math.sqrt(degrees) * math.tan(low)


def _within(angle: float, degrees: int) -> float:
    """Probability of |t| below sqrt(degrees) tan(angle): the finite series for whole degrees of freedom."""
    cosine = math.cos(angle)
    odd = degrees % 2
    term = total = (cosine if odd else 1.0) if degrees > 1 else 0.0
    for k in range(2 + odd, degrees, 2):
        term *= (k - 1) / k * cosine**2
        total += term
    series = math.sin(angle) * total
    return 2 / math.pi * (angle + series) if odd else series
