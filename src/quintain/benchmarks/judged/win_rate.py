"""The win rate of one model over another, as judged and at equal length, with intervals over clusters."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from quintain.benchmarks.judged.length_control import bounded_lengths, fit_length
from quintain.benchmarks.judged.preferences import TIE, Preference
from quintain.statistics.bootstrap import cluster_draws, clustered_shares, percentile_interval
from quintain.statistics.resampling import Resampling


@dataclass(frozen=True, kw_only=True)
class Estimated:
    """A number with its interval."""

    value: float
    low: float
    """Lower end of the interval."""
    high: float
    """Upper end."""


@dataclass(frozen=True, kw_only=True)
class WinRate:
    """Share of the comparisons in which the first model's response was preferred; rates in [0, 1], ties as a half."""

    n_items: int
    """Instructions with an outcome."""
    n_unread: int
    """Instructions without a readable review: in no rate."""
    n_clusters: int
    """Clusters of instructions, which are drawn together."""
    ties: int
    """Instructions with equal mean scores."""
    conflicts: int
    """Instructions where the judge changed its mind with the order."""
    as_judged: Estimated
    """Mean of the outcomes."""
    at_equal_length: Estimated
    """Chance of a win were both responses equally long."""
    intercept: Estimated
    """Log-odds of a win at equal length."""
    length: Estimated
    """What being longer adds to the log-odds; above 0 where the longer response wins."""
    longer_chars: float
    """Characters by which the first model's responses are longer in the mean."""
    by_category: dict[str, Estimated]
    """Category → mean of its outcomes; empty where the set has none."""

    def as_dict(self) -> dict[str, Any]:
        """JSON-able form."""
        import dataclasses

        return dataclasses.asdict(self)


def win_rate(outcomes: Sequence[Preference], resampling: Resampling) -> WinRate:
    """Measure how often the first model wins.

    Args:
        outcomes: One per instruction.
        resampling: How the intervals are drawn.

    Returns:
        The rates with their intervals.

    Raises:
        ValueError: No outcome could be read.
    """
    read = [each for each in outcomes if each.value is not None]
    if not read:
        raise ValueError(f"none of the {len(outcomes)} comparisons has a review that can be read")
    values = np.array([each.value for each in read], float)
    longer = bounded_lengths(np.array([each.longer_chars for each in read], float))
    names = {name: number for number, name in enumerate(dict.fromkeys(each.cluster for each in read))}
    place = np.array([names[each.cluster] for each in read])
    drawn = cluster_draws(len(names), resampling)[:, place]  # (B, N)
    point = fit_length(values, longer, np.ones((1, len(read))))
    draws = fit_length(values, longer, drawn)
    # A draw takes as many clusters, and so not always as many items.
    rates = (drawn @ values) / drawn.sum(axis=1)

    def estimated(value: float, of_draws: Any) -> Estimated:
        low, high = percentile_interval(np.asarray(of_draws)[:, None], resampling.confidence)
        return Estimated(value=float(value), low=float(low[0]), high=float(high[0]))

    return WinRate(
        n_items=len(read),
        n_unread=len(outcomes) - len(read),
        n_clusters=len(names),
        ties=sum(each.value == TIE for each in read),
        conflicts=sum(each.conflict for each in read),
        as_judged=estimated(values.mean(), rates),
        at_equal_length=estimated(point.win_rate[0], draws.win_rate),
        intercept=estimated(point.intercept[0], draws.intercept),
        length=estimated(point.slope[0], draws.slope),
        longer_chars=float(np.mean([each.longer_chars for each in read])),
        by_category=_by_category(read, resampling),
    )


def _by_category(read: Sequence[Preference], resampling: Resampling) -> dict[str, Estimated]:
    if len({each.category for each in read}) < 2:
        return {}
    shares = clustered_shares(
        read, lambda each: each.value, lambda each: each.cluster, lambda each: each.category or "none", resampling
    )
    return {
        name: Estimated(value=share.value, low=share.low, high=share.high)
        for name, share in shares.items()
        if name != "mean"
    }
