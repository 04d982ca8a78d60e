"""Means over seeds, and how sure they are."""

import math
from statistics import fmean, stdev

T_975 = {2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365}
"""Degrees of freedom → 97.5 % quantile of Student's t."""


def interval(values):
    """Mean and 95 % t interval over seeds."""
    half = T_975[len(values) - 1] * stdev(values) / math.sqrt(len(values))
    return fmean(values), fmean(values) - half, fmean(values) + half
