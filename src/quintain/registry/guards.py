"""Guards of the gate: no category worse and CSL not lower, those of all benchmarks in one Holm family."""

from collections.abc import Mapping

from quintain.benchmarks.satisfaction.comparison import CSL, Comparison
from quintain.registry.verdict import Verdict
from quintain.statistics.hypotheses import holm

SIGNIFICANT = 0.05
"""Chance that an equal candidate fails any guard of any benchmark."""


def guard_verdicts(comparisons: Mapping[str, Comparison]) -> list[Verdict]:
    """Ask of every benchmark whether a category or the CSL is worse beyond chance.

    Args:
        comparisons: Benchmark → the candidate against the champion.

    Returns:
        The verdicts; not decisive where the draws show a loss in so few groups that equals would lose them all by
        chance. A benchmark with one category has no guard on it: that is its headline, which has a margin. One without
        levels has none on CSL.
    """
    proven = _adjusted({name: each.guards for name, each in comparisons.items()})
    drawn = _adjusted({name: each.drawn_guards for name, each in comparisons.items()})
    verdicts = []
    for name, comparison in comparisons.items():
        if proven[name].keys() - {CSL}:
            verdicts.append(_categories(name, comparison, proven[name], drawn[name]))
        if CSL in proven[name]:
            verdicts.append(_csl(name, comparison, proven[name][CSL], drawn[name][CSL]))
    return verdicts


def _adjusted(by_benchmark: Mapping[str, Mapping[str, float]]) -> dict[str, dict[str, float]]:
    """Holm's p-values of all guards of all benchmarks; the one category of a benchmark is its headline, no guard."""
    family = [
        (name, guard, p)
        for name, guards in by_benchmark.items()
        for guard, p in guards.items()
        if guard == CSL or len(guards.keys() - {CSL}) > 1
    ]
    adjusted = holm({str(number): p for number, (_, _, p) in enumerate(family)})
    found: dict[str, dict[str, float]] = {name: {} for name in by_benchmark}
    for number, (name, guard, _) in enumerate(family):
        found[name][guard] = adjusted[str(number)]
    return found


def _categories(name: str, comparison: Comparison, proven: Mapping[str, float], drawn: Mapping[str, float]) -> Verdict:
    worse = [category for category, p in drawn.items() if category != CSL and p < SIGNIFICANT]
    shown = [
        f"{category} {100 * comparison.categories[category]:+.1f} points "
        f"(p {proven[category]:.3f}{_doubt(proven[category])})"
        for category in worse
    ]
    reason = ", ".join(shown) or f"none with p < {SIGNIFICANT} after Holm"
    sure = any(proven[category] < SIGNIFICANT for category in worse)
    return Verdict("no category worse", not worse, reason, decisive=sure or not worse, benchmark=name)


def _csl(name: str, comparison: Comparison, proven: float, drawn: float) -> Verdict:
    return Verdict(
        CSL,
        drawn >= SIGNIFICANT,
        f"{comparison.csl_difference:+.2f} levels (p {proven:.3f} after Holm of being worse"
        f"{_doubt(proven) if drawn < SIGNIFICANT else f', must not be below {SIGNIFICANT}'})",
        decisive=proven < SIGNIFICANT or drawn >= SIGNIFICANT,
        benchmark=name,
    )


def _doubt(proven: float) -> str:
    return "" if proven < SIGNIFICANT else ", in so few groups that it may be chance"
