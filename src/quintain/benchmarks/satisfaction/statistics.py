"""How sure the numbers are: bootstrap over groups, and the tests of paired differences.

The levels of a group share one base instruction, so groups are drawn, not items, and within each category, so that
every category keeps its size.
"""

import math

import numpy as np
from numpy.typing import NDArray

from quintain.benchmarks.satisfaction.scoring import N_MEASURES, Counts, count, rates
from quintain.benchmarks.satisfaction.sheet import Rates, ScoreSheet
from quintain.statistics.resampling import Resampling


def bootstrap(sheet: ScoreSheet, resampling: Resampling) -> dict[str, Rates]:
    """Draw the groups of every category with replacement and measure each draw.

    Args:
        sheet: What was scored.
        resampling: How often, and from which seed.

    Returns:
        Measures by category, in the order of `scoring.rates`. Shape (replicates, 13) each.
    """
    return {
        category: rates(*draw_sums(count(sheet, category), category, resampling))
        if len(sheet.rows(category))
        else np.full((resampling.replicates, N_MEASURES), np.nan)
        for category in sheet.categories
    }


def bootstrap_micro(sheet: ScoreSheet, resampling: Resampling) -> Rates:
    """Measure each draw over all groups alike; groups are drawn within their category here too.

    Args:
        sheet: What was scored.
        resampling: How often, and from which seed.

    Returns:
        Measures in the order of `scoring.rates`. Shape (replicates, 13).
    """
    sums = [
        draw_sums(count(sheet, category), category, resampling)
        for category in sheet.categories
        if len(sheet.rows(category))
    ]
    if not sums:
        return np.full((resampling.replicates, N_MEASURES), np.nan)
    numerators, denominators = (np.sum(each, axis=0) for each in zip(*sums, strict=True))
    return rates(numerators, denominators)


def draw_sums(counts: Counts, category: str, resampling: Resampling) -> tuple[Rates, Rates]:
    """Draw groups with replacement and add up what they contribute.

    Args:
        counts: What each group contributes; at least one group. Shape (G, K) each.
        category: Names the stream of random numbers, so that two models draw the same groups, and one more category
            changes no other's interval.
        resampling: How often, and from which seed.

    Returns:
        Sums of the numerators and of the denominators. Shape (replicates, K) each.
    """
    n_groups = len(counts.numerators)
    stream = np.random.default_rng([resampling.seed, *category.encode()])
    # Drawing n groups with replacement is a multinomial count of each; a matrix product then sums the draws.
    weights: NDArray[np.float64] = stream.multinomial(
        n_groups, np.full(n_groups, 1 / n_groups), size=resampling.replicates
    ).astype(np.float64)
    return weights @ counts.numerators, weights @ counts.denominators


def interval(replicates: Rates, confidence: float) -> tuple[Rates, Rates]:
    """Percentile interval of each measure, nan where a measure was never seen.

    Args:
        replicates: One row per draw. Shape (B, K).
        confidence: Share of the draws inside, in (0, 1).

    Returns:
        Lower and upper ends. Shape (K,) each.
    """
    return quantile(replicates, (1 - confidence) / 2), quantile(replicates, (1 + confidence) / 2)


def quantile(replicates: Rates, share: float) -> Rates:
    """Quantile of each column without its nans. Shape (B, K) in, (K,) out."""
    values = np.full(replicates.shape[1], np.nan)
    seen = ~np.isnan(replicates).all(axis=0)
    if seen.any():
        values[seen] = np.nanquantile(replicates[:, seen], share, axis=0)
    return values


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


def holm(p_values: dict[str, float]) -> dict[str, float]:
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
