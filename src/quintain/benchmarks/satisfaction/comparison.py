"""Two models on the same items: the differences with their intervals, and what these items can show at all."""

import dataclasses
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from quintain.benchmarks.satisfaction.common_items import in_common
from quintain.benchmarks.satisfaction.draws import bootstrap
from quintain.benchmarks.satisfaction.intervals import Intervals, measure_intervals
from quintain.benchmarks.satisfaction.scoring import Measures, as_measures, category_measures, hsr_mean, macro
from quintain.benchmarks.satisfaction.sheet import Rates, ScoreSheet, tabulate
from quintain.benchmarks.scorecard import Scorecard
from quintain.records import Judgement
from quintain.statistics.bootstrap import quantile
from quintain.statistics.hypotheses import holm, mcnemar, p_not_below, two_sided_p
from quintain.statistics.power import (
    effective_items,
    items_needed,
    minimum_detectable_effect,
    power_to_see,
)
from quintain.statistics.resampling import Resampling

PLANNED_EFFECT = 0.05
"""The difference of HSR that a comparison should be able to see: 5 points."""
CSL = "CSL"
"""How the guard on CSL is called, beside those on the categories."""


@dataclass(frozen=True, kw_only=True)
class Paired:
    """Two models on the items that both were scored on; differences are first minus second."""

    first: Measures
    """Measures of the first model on these items."""
    second: Measures
    """Measures of the second model on these items."""
    difference: Measures
    """First minus second, measure by measure."""
    intervals: Intervals
    """Two-sided intervals of the differences, the same groups drawn for both."""
    n_items: int
    """Items scored in both."""
    only_first: int
    """Items that only the first model passes."""
    only_second: int
    """Items that only the second model passes."""
    p_bootstrap: float
    """Two-sided p-value of no difference in the mean HSR, from the draws of groups; Holm-adjusted in a category."""
    p_mcnemar: float
    """Exact McNemar p-value of `only_first` against `only_second`, Holm-adjusted in a category. It takes items as
    independent, which the levels of a group are not."""
    worth: float
    """Independent items that these are worth: fewer where the levels of a group agree, or categories differ in size."""
    detectable: float
    """Smallest difference of the mean HSR that these items show with 80% power, two-sided."""
    power: float | None
    """Chance that these items show a true difference of 5 points; None where the models disagree on fewer items."""
    items_needed: int | None
    """Items that would show 5 points with 80% power; None where `power` is."""

    @property
    def discordant(self) -> float:
        """Share of items on which the two differ."""
        return (self.only_first + self.only_second) / self.n_items


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """A candidate against a champion on the same items; differences are candidate minus champion, in [-1, 1]."""

    difference: float
    """Difference of the headline: the macro mean of HSR over the levels, or of the scores where there are no levels."""
    low: float
    """Lower end of the two-sided interval."""
    high: float
    """Upper end of the two-sided interval."""
    lower_bound: float
    """One-sided lower bound at the same confidence: what a gate compares with its margin."""
    upper_bound: float
    """One-sided upper bound: at or below the margin's end, the candidate has lost."""
    standard_error: float
    """Spread of the difference over the draws of groups."""
    csl_difference: float
    """Difference of the macro CSL, in levels; 0 where the benchmark has no levels."""
    csl_p_worse: float
    """P-value of the candidate's CSL being no worse, Holm-adjusted together with `p_worse`."""
    categories: dict[str, float]
    """Difference of HSR by category."""
    p_worse: dict[str, float]
    """P-value, by category, of the candidate being no worse; Holm-adjusted over the categories and CSL, so that an
    equal candidate fails one of all these questions in one of twenty comparisons, not in three."""
    guards: dict[str, float]
    """The same p-values before Holm, that of CSL among them under `CSL`: a gate that reads several comparisons adjusts
    the p-values of all of them together."""
    drawn_guards: dict[str, float]
    """Those of the draws alone; smaller where so few groups differ that equals would lose them all by chance."""
    n_items: int
    """Items that were scored in both."""
    n_left_out: int
    """Items that only one of the two has scored."""
    discordant: float
    """Share of items on which the two differ."""
    n_groups: int
    """Groups of items, which are drawn together."""
    spare_groups: int
    """Groups beyond the first of each category, which tell how much groups differ."""
    single_groups: tuple[str, ...]
    """Categories of a single group, whose share of the spread nobody knows."""
    discordant_groups: int
    """Groups with an item on which the two differ."""
    detectable: float
    """Smallest macro difference that these items show with 80% power, two-sided at the same confidence."""
    overall: Paired
    """Every measure, macro over the categories; the items on which the two differ are counted over all."""
    by_category: dict[str, Paired]
    """The same for each category."""


def terms(scorecard: Scorecard) -> dict[str, Any]:
    """Terms that two scorecards must have in common to be compared.

    Args:
        scorecard: One of the two.

    Returns:
        Digest of the pack, rules, judge and sampling, by the words that messages use.
    """
    return {
        "pack": scorecard.benchmark.digest,
        "rules": scorecard.benchmark.rules,
        "judge": scorecard.judge or "rules alone",
        "sampling": scorecard.sampling,
    }


def compare(
    candidate: Sequence[Judgement], champion: Sequence[Judgement], resampling: Resampling | None = None
) -> Comparison:
    """Compare two models on the items that both were scored on, drawing the same groups for both.

    Args:
        candidate: Judgements of one model.
        champion: Judgements of the other, on the same pack by the same rules and judge.
        resampling: How the intervals are drawn.

    Returns:
        Every difference with its interval, the tests beside it, and what these items can show at all.

    Raises:
        ValueError: The two have no scored item in common, or their judgements come from different scorers.
    """
    resampling = resampling or Resampling()
    ours, theirs, n_left_out = in_common(candidate, champion)
    a, b = tabulate(ours), tabulate(theirs)
    points_a, points_b = category_measures(a), category_measures(b)
    draws_a, draws_b = bootstrap(a, resampling), bootstrap(b, resampling)
    groups = Counter(category for category, _ in set(a.groups))
    draws = {
        name: _widened(draws_a[name] - draws_b[name], points_a[name] - points_b[name], groups[name])
        for name in a.categories
    }
    macro_draws = macro(list(draws.values()))
    overall = _paired(
        a, b, macro(list(points_a.values())), macro(list(points_b.values())), macro_draws, a.categories, resampling
    )
    by_category = _adjusted(
        {name: _paired(a, b, points_a[name], points_b[name], draws[name], (name,), resampling) for name in a.categories}
    )
    low, high = overall.intervals.hsr_mean
    # A category without a name is the whole benchmark, and one level has no run of levels.
    differing = _differing_groups(a, b)
    drawn = {name: p_not_below(hsr_mean(each)) for name, each in draws.items() if name}
    if a.n_levels > 1:
        drawn[CSL] = p_not_below(macro_draws[:, -1])
    chances = {name: _by_chance(differing[name]) for name in a.categories} | {CSL: _by_chance(differing.total())}
    guards = {name: max(p, chances[name]) for name, p in drawn.items()}
    p_worse = holm(guards)
    return Comparison(
        difference=_known(overall.difference.hsr_mean),
        low=_known(low),
        high=_known(high),
        lower_bound=float(hsr_mean(quantile(macro_draws, 1 - resampling.confidence))),
        upper_bound=float(hsr_mean(quantile(macro_draws, resampling.confidence))),
        standard_error=float(np.nanstd(hsr_mean(macro_draws))),
        csl_difference=_known(overall.difference.csl) if a.n_levels > 1 else 0.0,
        csl_p_worse=p_worse.pop(CSL, 1.0),
        categories={name: _known(each.difference.hsr_mean) for name, each in by_category.items()},
        p_worse=p_worse,
        guards=guards,
        drawn_guards=drawn,
        n_items=overall.n_items,
        n_left_out=n_left_out,
        discordant=overall.discordant,
        n_groups=groups.total(),
        spare_groups=groups.total() - len(groups),
        single_groups=tuple(name for name in a.categories if groups[name] == 1),
        discordant_groups=differing.total(),
        detectable=overall.detectable,
        overall=overall,
        by_category=by_category,
    )


def _paired(
    a: ScoreSheet,
    b: ScoreSheet,
    first: Rates,
    second: Rates,
    draws: Rates,
    categories: Sequence[str],
    resampling: Resampling,
) -> Paired:
    differences = [_item_differences(a, b, name) for name in categories]
    everything = np.concatenate(differences)
    only_first, only_second = int((everything > 0).sum()), int((everything < 0).sum())
    discordant = (only_first + only_second) / len(everything)
    worth = effective_items([len(each) for each in differences]) / _design_effect(differences, hsr_mean(draws))
    significance = 1 - resampling.confidence
    plannable = discordant >= PLANNED_EFFECT
    needed = items_needed(PLANNED_EFFECT, discordant, significance=significance) if plannable else 0
    return Paired(
        first=as_measures(first),
        second=as_measures(second),
        difference=as_measures(first - second),
        intervals=measure_intervals(draws, resampling.confidence),
        n_items=len(everything),
        only_first=only_first,
        only_second=only_second,
        p_bootstrap=two_sided_p(hsr_mean(draws)),
        p_mcnemar=mcnemar(only_first, only_second),
        worth=worth,
        detectable=minimum_detectable_effect(worth, discordant, significance=significance),
        power=power_to_see(PLANNED_EFFECT, worth, discordant, significance=significance) if plannable else None,
        items_needed=math.ceil(needed * len(everything) / worth) if plannable else None,
    )


def _widened(draws: Rates, point: Rates, n_groups: int) -> Rates:
    """Make up for the spread that draws from few groups lack: n of them vary by (n - 1) / n of what groups do.

    Among 80 groups that is .6 % of an interval, among two 41 %. Shape (B, M) in and out.

    Source: Rao and Wu, Resampling inference with complex survey data, JASA 83 (1988).
    """
    return point + math.sqrt(n_groups / max(1, n_groups - 1)) * (draws - point)


def _by_chance(differing: int) -> float:
    """Chance that one of two equal models loses all of the groups in which they differ: no p-value lies below it."""
    return 0.5**differing


def _differing_groups(a: ScoreSheet, b: ScoreSheet) -> Counter[str]:
    """Groups with an item on which the two differ, by category."""
    differs = (np.nan_to_num(a.hard - b.hard) != 0).any(axis=1)
    return Counter(name for name, _ in {group for group, differing in zip(a.groups, differs, strict=True) if differing})


def _item_differences(a: ScoreSheet, b: ScoreSheet, category: str) -> Rates:
    """1 where only the first model passes, -1 where only the second does, else 0; one number per item."""
    rows = a.rows(category)
    differences = (a.hard - b.hard)[rows]
    return differences[~np.isnan(differences)]


def _design_effect(by_category: Sequence[Rates], draws: Rates) -> float:
    """Factor by which drawing groups widens the spread than drawing items would; at least 1.

    Levels of a group that win or lose together say less than as many independent items.
    """
    if_independent = sum(float(each.var()) / len(each) for each in by_category) / len(by_category) ** 2
    return max(1.0, float(np.nanvar(draws)) / if_independent) if if_independent > 0 else 1.0


def _adjusted(by_category: dict[str, Paired]) -> dict[str, Paired]:
    p_bootstrap = holm({name: each.p_bootstrap for name, each in by_category.items()})
    p_mcnemar = holm({name: each.p_mcnemar for name, each in by_category.items()})
    return {
        name: dataclasses.replace(each, p_bootstrap=p_bootstrap[name], p_mcnemar=p_mcnemar[name])
        for name, each in by_category.items()
    }


def _known(value: float | None) -> float:
    return math.nan if value is None else value
