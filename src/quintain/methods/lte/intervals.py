"""Intervals of a share of probes, clustered by edit."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from quintain.statistics.resampling import Resampling

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Share:
    """A mean over probes, with its interval."""

    value: float
    low: float
    """Lower end of the interval."""
    high: float
    """Upper end."""
    n: int
    """Probes that count."""


def clustered_shares(
    rows: Sequence[T],
    value: Callable[[T], float | None],
    cluster: Callable[[T], Hashable],
    group: Callable[[T], str],
    resampling: Resampling,
) -> dict[str, Share]:
    """Mean of a value by group, and the unweighted mean of the groups, with intervals over clusters.

    Clusters are drawn whole, so that an edit with many probes counts as one draw.

    Args:
        rows: What was measured.
        value: A row's value; None leaves the row out.
        cluster: What belongs together, here the edit.
        group: What is reported apart, here the aspect.
        resampling: How intervals are drawn.

    Returns:
        Shares by group in the order in which they come, then `mean`; empty when no row has a value.
    """
    known = [(row, number) for row in rows if (number := value(row)) is not None]
    if not known:
        return {}
    clusters = _numbered(cluster(row) for row, _ in known)
    groups = _numbered(group(row) for row, _ in known)
    sums = np.zeros((len(clusters), len(groups)))
    counts = np.zeros_like(sums)
    for row, number in known:
        cell = clusters[cluster(row)], groups[group(row)]
        sums[cell] += number
        counts[cell] += 1
    draws = _draws(len(clusters), resampling)
    drawn = draws @ counts
    with np.errstate(invalid="ignore"):
        means = (draws @ sums) / drawn  # nan where a draw has no probe of a group
    shares = {
        str(name): _share(sums[:, i].sum() / counts[:, i].sum(), means[:, i], int(counts[:, i].sum()), resampling)
        for name, i in groups.items()
    }
    some = drawn > 0
    of_groups = np.where(some, means, 0).sum(axis=1) / some.sum(axis=1)
    whole = float(np.mean([sums[:, i].sum() / counts[:, i].sum() for i in groups.values()]))
    return {**shares, "mean": _share(whole, of_groups, len(known), resampling)}


@cache
def _draws(clusters: int, resampling: Resampling) -> NDArray[np.float64]:
    """Counts of each cluster in each replicate. Shape (replicates, clusters)."""
    stream = np.random.default_rng(resampling.seed)
    times = stream.multinomial(clusters, np.full(clusters, 1 / clusters), size=resampling.replicates)
    return times.astype(np.float64)  # as floats the products below go through BLAS


def _share(value: float, draws: NDArray[np.float64], n: int, resampling: Resampling) -> Share:
    tail = (1 - resampling.confidence) / 2
    low, high = np.quantile(draws[~np.isnan(draws)], (tail, 1 - tail))
    return Share(value=round(float(value), 4), low=round(float(low), 4), high=round(float(high), 4), n=n)


def _numbered(names: Iterable[Hashable]) -> dict[Hashable, int]:
    return {name: number for number, name in enumerate(dict.fromkeys(names))}
