"""How sure the numbers are: bootstrap over groups, and paired comparisons of two models.

The levels of a group share one base instruction, so groups are drawn, not items, and within each category, so that
every category keeps its size.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from quintain.methods.followbench.power import effective_items, minimum_detectable_effect
from quintain.methods.followbench.scoring import N_MEASURES, category_measures, count, macro, rates
from quintain.methods.followbench.sheet import Rates, ScoreSheet, is_scored, tabulate
from quintain.records import Judgement

_HSR_MEAN = 5


@dataclass(frozen=True, kw_only=True)
class Resampling:
    """How intervals are drawn.

    Raises:
        ValueError: A value is out of range.
    """

    replicates: int = 2000
    """How often the groups are drawn anew."""
    confidence: float = 0.95
    """Share of the replicates that an interval holds, in (0, 1)."""
    seed: int = 0
    """Seed of the draws; each category has its own stream, so that one more category changes no other's interval."""

    def __post_init__(self) -> None:
        if self.replicates < 1:
            raise ValueError(f"replicates must be at least 1, got {self.replicates}")
        if not 0 < self.confidence < 1:
            raise ValueError(f"confidence must be in (0, 1), got {self.confidence}")


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """A candidate against a champion on the same items; differences are candidate minus champion, in [-1, 1]."""

    difference: float
    """Difference of the macro means of HSR over levels 1-5."""
    low: float
    """Lower end of the two-sided interval."""
    high: float
    """Upper end of the two-sided interval."""
    lower_bound: float
    """One-sided lower bound at the same confidence: what a gate compares with its margin."""
    csl_difference: float
    """Difference of the macro CSL, in [-5, 5]."""
    csl_high: float
    """One-sided upper bound of it: below zero, the candidate is worse beyond chance."""
    categories: dict[str, float]
    """Difference of HSR by category."""
    p_worse: dict[str, float]
    """Holm-adjusted p-value, by category, of the candidate being no worse."""
    n_items: int
    """Items that were scored in both."""
    n_left_out: int
    """Items that only one of the two has scored."""
    discordant: float
    """Share of items on which the two differ."""
    detectable: float
    """Smallest macro difference that these items show with 80% power, two-sided at the same confidence."""


def bootstrap(sheet: ScoreSheet, resampling: Resampling) -> dict[str, Rates]:
    """Draw the groups of every category with replacement and measure each draw.

    Args:
        sheet: What was scored.
        resampling: How often, and from which seed.

    Returns:
        Measures by category, in the order of `scoring.rates`. Shape (replicates, 13) each.
    """
    return {category: _replicate(sheet, category, resampling) for category in sheet.categories}


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


def compare(
    candidate: Sequence[Judgement], champion: Sequence[Judgement], resampling: Resampling | None = None
) -> Comparison:
    """Compare two models on the items that both were scored on, drawing the same groups for both.

    Args:
        candidate: Judgements of one model.
        champion: Judgements of the other, on the same pack by the same rules and judge.
        resampling: How the intervals are drawn.

    Returns:
        The difference of the headline with its interval, and what these items can show at all.

    Raises:
        ValueError: The two have no scored item in common, or their judgements come from different scorers.
    """
    resampling = resampling or Resampling()
    _check_same_scorer(candidate, champion)
    ours, theirs, n_left_out = _in_common(candidate, champion)
    if not ours:
        raise ValueError("the two sets of judgements have no scored item in common; score both on the same pack")
    a, b = tabulate(ours), tabulate(theirs)
    draws_a, draws_b = bootstrap(a, resampling), bootstrap(b, resampling)
    by_category = {name: draws_a[name] - draws_b[name] for name in a.categories}
    difference = macro(list(category_measures(a).values())) - macro(list(category_measures(b).values()))
    draws = macro(list(draws_a.values())) - macro(list(draws_b.values()))
    low, high = interval(draws, resampling.confidence)
    points_a, points_b = category_measures(a), category_measures(b)
    differing = a.scored & (a.hard != b.hard)
    n_items = int(a.scored.sum())
    discordant = float(differing.sum() / n_items)
    p_worse = {name: _share_not_below(draw[:, _HSR_MEAN]) for name, draw in by_category.items()}
    return Comparison(
        difference=float(difference[_HSR_MEAN]),
        low=float(low[_HSR_MEAN]),
        high=float(high[_HSR_MEAN]),
        lower_bound=float(quantile(draws, 1 - resampling.confidence)[_HSR_MEAN]),
        csl_difference=float(difference[-1]),
        csl_high=float(quantile(draws, resampling.confidence)[-1]),
        categories={name: float((points_a[name] - points_b[name])[_HSR_MEAN]) for name in a.categories},
        p_worse=holm(p_worse),
        n_items=n_items,
        n_left_out=n_left_out,
        discordant=discordant,
        detectable=minimum_detectable_effect(
            effective_items([int(a.scored[a.rows(name)].sum()) for name in a.categories]),
            discordant,
            significance=1 - resampling.confidence,
        ),
    )


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


def _replicate(sheet: ScoreSheet, category: str, resampling: Resampling) -> Rates:
    counts = count(sheet, category)
    n_groups = len(counts.numerators)
    if not n_groups:
        return np.full((resampling.replicates, N_MEASURES), np.nan)
    stream = np.random.default_rng([resampling.seed, *category.encode()])
    # Drawing n groups with replacement is a multinomial count of each; a matrix product then sums the draws.
    weights: NDArray[np.float64] = stream.multinomial(
        n_groups, np.full(n_groups, 1 / n_groups), size=resampling.replicates
    ).astype(np.float64)
    return rates(weights @ counts.numerators, weights @ counts.denominators)


def _share_not_below(differences: Rates) -> float:
    known = differences[~np.isnan(differences)]
    return float((1 + (known >= 0).sum()) / (1 + len(known)))


def _check_same_scorer(first: Sequence[Judgement], second: Sequence[Judgement]) -> None:
    ours, theirs = (sorted({judgement.by for judgement in each if is_scored(judgement)}) for each in (first, second))
    if ours != theirs:
        raise ValueError(
            f"judgements by {', '.join(ours) or 'nobody'} cannot be compared with judgements by "
            f"{', '.join(theirs) or 'nobody'}"
        )


def _in_common(first: Sequence[Judgement], second: Sequence[Judgement]) -> tuple[list[Judgement], list[Judgement], int]:
    ours, theirs = ({judgement.item_id: judgement for judgement in filter(is_scored, each)} for each in (first, second))
    common = [item for item in ours if item in theirs]
    return [ours[item] for item in common], [theirs[item] for item in common], len(ours.keys() ^ theirs.keys())
