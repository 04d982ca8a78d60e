"""Means over seeds, and how sure they are."""

from quintain.statistics.seeds import t_interval


def interval(values):
    """Mean and 95 % t interval over seeds."""
    found = t_interval(values)
    return found.value, found.low, found.high
