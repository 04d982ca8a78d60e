"""Headline test: is the lower end of a paired difference above its limit, and what would settle it?"""

import math

from quintain.benchmarks.measures import by_level, measure_name
from quintain.benchmarks.satisfaction.comparison import Comparison
from quintain.benchmarks.scorecard import Scorecard
from quintain.registry.measured import Measured
from quintain.registry.verdict import Verdict
from quintain.statistics.power import items_to_settle

_NO_WIDTH = 1e-9
_FEWEST_SPARE = 9
"""Groups beyond the first of each category; below that a bootstrap says nothing: its interval is far too narrow."""


def headline_verdict(
    ours: Measured, comparison: Comparison, least: float, confidence: float, measure: str = ""
) -> Verdict:
    """Hold the paired difference of the headline against its limit.

    Args:
        ours: What the candidate scored.
        comparison: The candidate against the champion.
        least: Limit of the difference, minus the margin.
        confidence: Of the one-sided bounds.
        measure: Measure that was compared; empty for the headline.

    Returns:
        The verdict; not decisive where further items could turn it.
    """
    name, least = condition(ours.scorecard, measure), limit(comparison, least)
    if reason := _tells_nothing(comparison, confidence):
        return Verdict(name, passed=False, reason=reason, decisive=False)
    if reason := too_few_groups(comparison):
        return Verdict(name, passed=False, reason=reason, decisive=False)
    if not comparison.overall.first.hsr_mean and comparison.lower_bound > least:
        reason = f"the candidate fails all {comparison.n_items:,} items, as a broken model does"
        return Verdict(name, passed=False, reason=reason, decisive=False)
    return Verdict(
        name,
        comparison.lower_bound > least,
        f"{100 * comparison.difference:+.1f} points, lower bound {100 * comparison.lower_bound:+.1f} "
        f"(one-sided {confidence:.0%}, {comparison.n_items} items), must be above {100 * least:+.1f}",
        # An upper bound below the limit is a loss; bounds on both sides of it say too little.
        decisive=comparison.upper_bound <= least,
    )


def limit(comparison: Comparison, least: float) -> float:
    """Limit of the difference; 0 where the champion lies so low that a model failing everything would be within it.

    Args:
        comparison: The candidate against the champion.
        least: Limit by the policy, minus the margin.

    Returns:
        The limit.
    """
    champion = comparison.overall.second.hsr_mean or 0.0
    return 0.0 if champion + least <= 0 else least


def too_few_groups(comparison: Comparison) -> str:
    """Say that groups are too few for an interval, whichever way it points; empty where there are enough."""
    categories = len(comparison.by_category)
    among = f" in {categories} categories" if categories > 1 else ""
    if comparison.spare_groups < _FEWEST_SPARE:
        return (
            f"only {comparison.n_groups} groups of items{among}, too few for an interval; it takes "
            f"{_FEWEST_SPARE + categories}"
        )
    if comparison.single_groups:
        return (
            f"a single group of items in {', '.join(comparison.single_groups)}, which tells nothing of how much groups "
            "differ; it takes two"
        )
    return ""


def _tells_nothing(comparison: Comparison, confidence: float) -> str:
    """Say why a comparison cannot tell two models apart; empty where it can.

    Two that pass and fail the same items, such as two that fail them all, give a bootstrap an interval without width,
    which is no evidence. As little do a few items: were the models equal, each would be as likely to win as to lose.
    """
    n_items, differing = comparison.n_items, comparison.discordant_groups
    if not differing:
        first = comparison.overall.first.hsr_mean
        what = "fail all" if first == 0 else "pass all" if first == 1 else "pass and fail the same"
        return f"both {what} {n_items:,} items, which tells nothing of a difference"
    fewest = math.ceil(-math.log2(1 - confidence))
    if differing < fewest:
        return (
            f"the two differ in {differing} of {comparison.n_groups:,} groups of items; even if one won them all, that "
            f"would be chance more often than {1 - confidence:.0%}: it takes {fewest}"
        )
    if comparison.upper_bound - comparison.lower_bound < _NO_WIDTH and abs(comparison.difference) < _NO_WIDTH:
        return f"every group of items gives the same for both, though not by the same of {n_items:,} items"
    return ""


def condition(card: Scorecard, measure: str = "") -> str:
    """Name of a measure, the headline where none is named, as a condition, such as `macro HSR`."""
    return f"{'macro ' if len(card.categories) > 1 else ''}{measure_name(by_level(measure or card.headline))}"


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
    distance = comparison.difference - limit(comparison, least)
    if distance == 0 or comparison.discordant == 0:
        return None
    wanted = items_to_settle(distance, comparison.standard_error, comparison.n_items, confidence=confidence)
    group_in_each = max(1, len(card.levels)) * max(1, len(comparison.categories))
    further = math.ceil((wanted - comparison.n_items) / group_in_each) * group_in_each
    return further if further > 0 else None
