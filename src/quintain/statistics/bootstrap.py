"""Cluster bootstrap: draws with replacement of what belongs together, and percentile intervals of what they measure."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from quintain.statistics.resampling import Resampling

Rates = NDArray[np.float64]
T = TypeVar("T")

# Draws of single items that are held at once: bounds the memory for many items.
_DRAWS_AT_ONCE = 64


@dataclass(frozen=True, kw_only=True)
class Share:
    """A mean with its interval."""

    value: float
    """The mean."""
    low: float
    """Lower end of the interval."""
    high: float
    """Upper end."""
    n: int
    """Values behind it."""


@lru_cache(maxsize=16)
def cluster_draws(n_clusters: int, resampling: Resampling, stream: tuple[int, ...] = ()) -> Rates:
    """Count how often each draw takes each cluster.

    Args:
        n_clusters: Clusters to draw from, and per draw.
        resampling: How often, and from which seed.
        stream: Names a stream of random numbers under that seed, so that one more stratum changes no other's draws.

    Returns:
        The counts, as floats so that a matrix product with them goes through BLAS; read only. Shape (B, G).
    """
    rng = np.random.default_rng([resampling.seed, *stream])
    # Drawing n clusters with replacement is a multinomial count of each; a matrix product then sums the draws.
    times = rng.multinomial(n_clusters, np.full(n_clusters, 1 / n_clusters), size=resampling.replicates)
    counts = times.astype(np.float64)
    counts.setflags(write=False)  # the cache hands it to several callers
    return counts


def item_draws(n_items: int, resampling: Resampling) -> Iterator[NDArray[np.int64]]:
    """Draw items that each stand for themselves, some draws at a time.

    Args:
        n_items: Items to draw from, and per draw.
        resampling: How often, and from which seed.

    Yields:
        NDArray: Positions of the items; a row is a draw. Shape (at most 64, n_items).
    """
    rng = np.random.default_rng(resampling.seed)
    for start in range(0, resampling.replicates, _DRAWS_AT_ONCE):
        yield rng.integers(n_items, size=(min(_DRAWS_AT_ONCE, resampling.replicates - start), n_items))


def mean_interval(values: Sequence[float], resampling: Resampling) -> Share | None:
    """Mean of independent values with its percentile interval.

    Args:
        values: One value per item.
        resampling: How the interval is drawn.

    Returns:
        The mean and its interval; None without values.

    >>> mean_interval([0.5] * 10, Resampling())
    Share(value=0.5, low=0.5, high=0.5, n=10)
    """
    if not values:
        return None
    sample = np.asarray(values, float)
    draws = np.concatenate([sample[drawn].mean(axis=1) for drawn in item_draws(len(sample), resampling)])
    low, high = percentile_interval(draws[:, None], resampling.confidence)
    return Share(value=float(sample.mean()), low=float(low[0]), high=float(high[0]), n=len(sample))


def resampled_sums(table: Rates, resampling: Resampling) -> Rates:
    """Sum the rows of a table over each draw of its rows; rows stand for themselves.

    Args:
        table: What each item adds to each column. Shape (N, K).
        resampling: How often, and from which seed.

    Returns:
        Sums by draw. Shape (B, K).
    """
    n_items = len(table)
    return np.concatenate(
        [
            np.stack([np.bincount(each, minlength=n_items) for each in drawn]).astype(np.float64) @ table
            for drawn in item_draws(n_items, resampling)
        ]
    )


def clustered_shares(
    rows: Sequence[T],
    value: Callable[[T], float | None],
    cluster: Callable[[T], Hashable],
    group: Callable[[T], str],
    resampling: Resampling,
) -> dict[str, Share]:
    """Mean of a value by group, and the unweighted mean of the groups, with intervals over clusters.

    Clusters are drawn whole, so that one with many rows counts as one draw.

    Args:
        rows: What was measured.
        value: A row's value; None leaves the row out.
        cluster: What belongs together, such as the probes of an edit.
        group: What is reported apart.
        resampling: How intervals are drawn.

    Returns:
        Shares by group in the order in which they come, then `mean`, all to four decimals; empty when no row has a
        value.
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
    draws = cluster_draws(len(clusters), resampling)
    drawn = draws @ counts
    means = ratios(draws @ sums, drawn)  # nan where a draw has no row of a group
    points = sums.sum(axis=0) / counts.sum(axis=0)
    some = drawn > 0
    of_groups = np.where(some, means, 0).sum(axis=1) / some.sum(axis=1)
    low, high = percentile_interval(np.column_stack([means, of_groups]), resampling.confidence)
    names = [*map(str, groups), "mean"]
    values = [*points, np.mean(points)]
    n = [*counts.sum(axis=0), len(known)]
    return {
        name: Share(
            value=round(float(values[i]), 4), low=round(float(low[i]), 4), high=round(float(high[i]), 4), n=int(n[i])
        )
        for i, name in enumerate(names)
    }


def ratios(numerators: Rates, denominators: Rates) -> Rates:
    """Quotients, nan where a denominator is 0. Equal shapes in and out."""
    return np.divide(numerators, denominators, out=np.full(np.shape(numerators), np.nan), where=denominators > 0)


def percentile_interval(draws: Rates, confidence: float) -> tuple[Rates, Rates]:
    """Percentile interval of each measure, nan where a measure was never seen.

    Args:
        draws: One row per draw. Shape (B, K).
        confidence: Share of the draws inside, in (0, 1).

    Returns:
        Lower and upper ends. Shape (K,) each.
    """
    return quantile(draws, (1 - confidence) / 2), quantile(draws, (1 + confidence) / 2)


def quantile(draws: Rates, share: float) -> Rates:
    """Quantile of each column without its nans. Shape (B, K) in, (K,) out."""
    values = np.full(draws.shape[1], np.nan)
    seen = ~np.isnan(draws).all(axis=0)
    if seen.any():
        values[seen] = np.nanquantile(draws[:, seen], share, axis=0)
    return values


def _numbered(names: Iterable[Hashable]) -> dict[Hashable, int]:
    return {name: number for number, name in enumerate(dict.fromkeys(names))}
