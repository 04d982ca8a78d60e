"""Bootstrap intervals of the measures, named like the measures themselves."""

from dataclasses import dataclass

from quintain.benchmarks.satisfaction.scoring import as_measures
from quintain.benchmarks.satisfaction.sheet import Rates
from quintain.statistics.bootstrap import percentile_interval

Interval = tuple[float | None, float | None]


@dataclass(frozen=True, kw_only=True)
class Intervals:
    """Bootstrap intervals of the measures, lower and upper end; None where nothing was scored."""

    hsr: tuple[Interval, ...]
    """Of the hard satisfaction rate, each level from 1."""
    ssr: tuple[Interval, ...]
    """Of the soft satisfaction rate, each level from 1."""
    csl: Interval
    """Of the consistent satisfaction levels."""
    hsr_mean: Interval
    """Of the mean hard satisfaction rate."""
    ssr_mean: Interval
    """Of the mean soft satisfaction rate."""


def measure_intervals(draws: Rates, confidence: float) -> Intervals:
    """Take the two-sided interval of every measure from its draws.

    Args:
        draws: One row per draw, columns in the order of `scoring.rates`. Shape (B, M).
        confidence: Share of the draws inside, in (0, 1).

    Returns:
        The intervals.
    """
    low, high = (as_measures(ends) for ends in percentile_interval(draws, confidence))
    return Intervals(
        hsr=tuple(zip(low.hsr, high.hsr, strict=True)),
        ssr=tuple(zip(low.ssr, high.ssr, strict=True)),
        csl=(low.csl, high.csl),
        hsr_mean=(low.hsr_mean, high.hsr_mean),
        ssr_mean=(low.ssr_mean, high.ssr_mean),
    )
