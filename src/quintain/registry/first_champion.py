"""Floor of a first champion: beyond chance better than whoever says the same to everything."""

import dataclasses
import math
from collections.abc import Sequence

from quintain.benchmarks.satisfaction.comparison import Comparison, compare
from quintain.records import Judgement
from quintain.registry.compared_measure import by_measure
from quintain.registry.headline_test import condition, too_few_groups
from quintain.registry.measured import Measured
from quintain.registry.policy import PromotionPolicy
from quintain.registry.verdict import Verdict


def first_verdict(measured: Measured, benchmark: str, policy: PromotionPolicy) -> Verdict:
    """Hold the headline of a first champion against that of a null reply.

    Args:
        measured: What it scored on the headline benchmark.
        benchmark: Name of that.
        policy: The conditions.

    Returns:
        The verdict; not decisive where further items could turn it.
    """
    measure = policy.of(benchmark).measure
    card = measured.scorecard
    judged = by_measure(measured.judgements, card, measure, benchmark)
    name = f"{condition(card, measure)} of a first champion"
    try:
        found = compare(judged, _failing(judged), policy.resampling)
    except ValueError as error:
        return Verdict(name, passed=False, reason=str(error), decisive=False, benchmark=benchmark)
    least = 0.0 if measure and measure != card.headline else card.null_headline or 0.0
    if reason := _too_little(found, policy.confidence):
        return Verdict(name, passed=False, reason=reason, decisive=False, benchmark=benchmark)
    reason = (
        f"{100 * found.difference:.1f} points, lower bound {100 * found.lower_bound:.1f} (one-sided "
        f"{policy.confidence:.0%}, {found.n_items} items), must be above {100 * least:.1f}, what "
        f"{'a reply that is the same to everything scores' if least else 'a broken model scores'}"
    )
    passed = found.lower_bound > least
    return Verdict(name, passed, reason, decisive=found.upper_bound <= least, benchmark=benchmark)


def _failing(judgements: Sequence[Judgement]) -> list[Judgement]:
    """The same items as whoever passes none of them is judged."""
    return [
        dataclasses.replace(
            each,
            id="",
            satisfied=(False,) * len(each.satisfied),
            loose=(False,) * len(each.loose),
            score=None if each.score is None else 0.0,
        )
        if each.is_scored
        else each
        for each in judgements
    ]


def _too_little(found: Comparison, confidence: float) -> str:
    """Say why these items are no evidence; empty where they are."""
    if reason := too_few_groups(found):
        return reason
    if not found.discordant_groups:
        return f"it fails all {found.n_items:,} items, as a broken model does"
    fewest = math.ceil(-math.log2(1 - confidence))
    if found.discordant_groups < fewest:
        return (
            f"it passes something in {found.discordant_groups} of {found.n_groups:,} groups of items, which may be "
            f"chance; it takes {fewest}"
        )
    return ""
