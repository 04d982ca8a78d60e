"""Headline test: is the lower end of a paired difference above its limit, and what would settle it?"""

import math

from quintain.benchmarks.measures import by_level, measure_name
from quintain.benchmarks.satisfaction.comparison import Comparison
from quintain.benchmarks.scorecard import Scorecard
from quintain.registry.measured import Measured
from quintain.registry.verdict import Verdict
from quintain.statistics.power import items_to_settle

_FEWEST_CLUSTERS = 10
"""Below that a bootstrap over clusters says nothing: its interval is far too narrow."""


def headline_verdict(ours: Measured, comparison: Comparison, least: float, confidence: float) -> Verdict:
    """Hold the paired difference of the headline against its limit.

    Two models that pass and fail the same items, such as two that fail them all, tell nothing: a bootstrap of no
    differences has an interval without width, which is no evidence. So do a handful of clusters.

    Args:
        ours: What the candidate scored.
        comparison: The candidate against the champion.
        least: Limit of the difference, minus the margin.
        confidence: Of the one-sided bounds.

    Returns:
        The verdict; not decisive where further items could turn it.
    """
    name = condition(ours.scorecard)
    if comparison.discordant == 0:
        failing = comparison.overall.first.hsr_mean == 0
        what = "both fail all" if failing else "both pass and fail the same"
        reason = f"{what} {comparison.n_items:,} items, which tells nothing of a difference"
        return Verdict(name, passed=False, reason=reason, decisive=False)
    clusters = len({(each.category, each.example_id) for each in ours.judgements})
    if clusters < _FEWEST_CLUSTERS and comparison.lower_bound > least:
        reason = f"only {clusters} groups of items, too few for an interval; it takes {_FEWEST_CLUSTERS} at least"
        return Verdict(name, passed=False, reason=reason, decisive=False)
    return Verdict(
        name,
        comparison.lower_bound > least,
        f"{100 * comparison.difference:+.1f} points, lower bound {100 * comparison.lower_bound:+.1f} "
        f"(one-sided {confidence:.0%}, {comparison.n_items} items), must be above {100 * least:+.1f}",
        # An upper bound below the limit is a loss; bounds on both sides of it say too little.
        decisive=comparison.upper_bound <= least,
    )


def condition(card: Scorecard) -> str:
    """Name of the headline as a condition, such as `macro HSR`."""
    return f"{'macro ' if len(card.categories) > 1 else ''}{measure_name(by_level(card.headline))}"


def further_items(card: Scorecard, comparison: Comparison, least: float, confidence: float) -> int | None:
    """Further items that would settle a comparison, in whole groups of every category.

    Args:
        card: The candidate's scorecard.
        comparison: The candidate against the champion.
        least: Limit of the difference.
        confidence: Of the one-sided bound.

    Returns:
        Their number; None on the very limit, which no number settles, and where nothing tells the two apart.
    """
    distance = comparison.difference - least
    if distance == 0 or comparison.discordant == 0:
        return None
    wanted = items_to_settle(distance, comparison.standard_error, comparison.n_items, confidence=confidence)
    group_in_each = max(1, len(card.levels)) * max(1, len(comparison.categories))
    further = math.ceil((wanted - comparison.n_items) / group_in_each) * group_in_each
    return further if further > 0 else None
