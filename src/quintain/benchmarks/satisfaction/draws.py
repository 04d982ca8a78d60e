"""Bootstrap draws of a score sheet's clusters.

The levels of a group share one base instruction, so groups are drawn, not items, and within each category, so that
every category keeps its size.
"""

import numpy as np

from quintain.benchmarks.satisfaction.scoring import Counts, count, n_measures, rates
from quintain.benchmarks.satisfaction.sheet import Rates, ScoreSheet
from quintain.statistics.bootstrap import cluster_draws
from quintain.statistics.resampling import Resampling


def bootstrap(sheet: ScoreSheet, resampling: Resampling) -> dict[str, Rates]:
    """Draw the groups of every category with replacement and measure each draw.

    Args:
        sheet: What was scored.
        resampling: How often, and from which seed.

    Returns:
        Measures by category, in the order of `scoring.rates`. Shape (B, M) each.
    """
    return {
        category: rates(*draw_sums(count(sheet, category), category, resampling))
        if len(sheet.rows(category))
        else np.full((resampling.replicates, n_measures(sheet.n_levels)), np.nan)
        for category in sheet.categories
    }


def bootstrap_micro(sheet: ScoreSheet, resampling: Resampling) -> Rates:
    """Measure each draw over all groups alike; groups are drawn within their category here too.

    Args:
        sheet: What was scored.
        resampling: How often, and from which seed.

    Returns:
        Measures in the order of `scoring.rates`. Shape (B, M).
    """
    sums = [
        draw_sums(count(sheet, category), category, resampling)
        for category in sheet.categories
        if len(sheet.rows(category))
    ]
    if not sums:
        return np.full((resampling.replicates, n_measures(sheet.n_levels)), np.nan)
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
        Sums of the numerators and of the denominators. Shape (B, K) each.
    """
    draws = cluster_draws(len(counts.numerators), resampling, tuple(category.encode()))
    return draws @ counts.numerators, draws @ counts.denominators
