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
        The verdicts. A benchmark with one category has no guard on it: that is its headline, which has a margin. One
        without levels has none on CSL.
    """
    family = {(name, guard): p for name, each in comparisons.items() for guard, p in _own(each).items()}
    keys = {str(number): key for number, key in enumerate(family)}
    adjusted = {keys[number]: p for number, p in holm({number: family[key] for number, key in keys.items()}).items()}
    verdicts = []
    for name, comparison in comparisons.items():
        own = {guard: p for (benchmark, guard), p in adjusted.items() if benchmark == name}
        csl = own.pop(CSL, None)
        if own:
            verdicts.append(_categories(name, comparison, own))
        if csl is not None:
            verdicts.append(_csl(name, comparison, csl))
    return verdicts


def _own(comparison: Comparison) -> dict[str, float]:
    several = len(comparison.categories) > 1
    return {guard: p for guard, p in comparison.guards.items() if guard == CSL or several}


def _categories(name: str, comparison: Comparison, p_worse: Mapping[str, float]) -> Verdict:
    shown = [
        f"{category} {100 * comparison.categories[category]:+.1f} points (p {p:.3f})"
        for category, p in p_worse.items()
        if p < SIGNIFICANT
    ]
    reason = ", ".join(shown) or f"none with p < {SIGNIFICANT} after Holm"
    return Verdict("no category worse", not shown, reason, benchmark=name)


def _csl(name: str, comparison: Comparison, p: float) -> Verdict:
    return Verdict(
        CSL,
        p >= SIGNIFICANT,
        f"{comparison.csl_difference:+.2f} levels (p {p:.3f} after Holm of being worse, must not be below "
        f"{SIGNIFICANT})",
        benchmark=name,
    )
