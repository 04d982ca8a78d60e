"""Measures of judgements with their intervals: satisfaction of growing constraints, or plain scores."""

import dataclasses
from collections.abc import Iterator, Sequence

import numpy as np

from quintain.benchmarks.benchmark import Measured
from quintain.benchmarks.satisfaction.draws import bootstrap, bootstrap_micro, draw_sums
from quintain.benchmarks.satisfaction.scoring import Counts, category_measures, macro, micro
from quintain.benchmarks.satisfaction.sheet import Rates, ScoreSheet, tabulate
from quintain.benchmarks.scorecard import Cell, Estimate
from quintain.records import Judgement
from quintain.statistics.bootstrap import percentile_interval
from quintain.statistics.resampling import Resampling


def measure_satisfaction(judgements: Sequence[Judgement], resampling: Resampling) -> Measured:
    """Measure constraints that grow level by level.

    Args:
        judgements: One per item.
        resampling: How the intervals are drawn.

    Returns:
        `hsr_mean`, `ssr_mean` and `csl`, unweighted means over the categories that were scored, the headline first; the
        same over all items alike as `micro_...`; where the base task was checked, `base_task` and `unvetoed_ssr_mean`,
        the SSR as it is without the base task's veto: where a model fails its base tasks, only this one tells of its
        constraints. By category and level: `hsr`, `ssr` and `unvetoed_ssr`; by category: all of them.
    """
    sheet = tabulate(judgements)
    rows = _measure(sheet, resampling)
    names = _names(sheet.n_levels, "hsr", "ssr")
    overall = dict(zip(names, rows[""], strict=True))
    everything = np.arange(len(sheet.groups))
    alike = _estimates(
        micro(sheet),
        micro(sheet, unread_as_yes=True),
        bootstrap_micro(sheet, resampling),
        sheet,
        everything,
        resampling,
    )
    of_all = dict(zip(names, alike, strict=True))
    means = [("hsr_mean", 0), ("ssr_mean", 0), ("csl", 0)]
    measures = {name: overall[name, 0] for name, _ in means} | {f"micro_{name}": of_all[name, 0] for name, _ in means}
    attempts = _base_task(judgements, resampling)
    if attempts is not None:
        measures["base_task"] = attempts
        unvetoed = _unvetoed(judgements, resampling)
        measures["unvetoed_ssr_mean"] = unvetoed[""][-1]
        ssr = [("unvetoed_ssr", level) for level in range(1, sheet.n_levels + 1)] + [("unvetoed_ssr_mean", 0)]
        beside = _cells(unvetoed, ssr, skip=[ssr[-1]])
        return Measured(measures=measures, tables=(*_cells(rows, names, skip=means), *beside))
    return Measured(measures=measures, tables=tuple(_cells(rows, names, skip=means)))


def _unvetoed(judgements: Sequence[Judgement], resampling: Resampling) -> dict[str, list[Estimate]]:
    """SSR by level and its mean, by category and over all, as if every base task were done."""
    sheet = tabulate([dataclasses.replace(judgement, base_task=None) for judgement in judgements])
    n = sheet.n_levels
    return {category: estimates[n + 1 : -1] for category, estimates in _measure(sheet, resampling).items()}


def measure_scores(judgements: Sequence[Judgement], resampling: Resampling) -> Measured:
    """Measure how good responses are, whatever they were asked.

    Args:
        judgements: One per item.
        resampling: How the intervals are drawn.

    Returns:
        `score`: the mean over the categories and levels of the mean score of their items, which is 1 for an item whose
        every constraint holds. By category and by level where there are several.
    """
    sheet = tabulate(judgements)
    rows = _measure(sheet, resampling)
    n = sheet.n_levels
    wanted = {("score", level): level - 1 for level in range(1, n + 1)} if n > 1 else {}
    wanted["score", 0] = n
    found = {category: [estimates[i] for i in wanted.values()] for category, estimates in rows.items()}
    headline = found[""][-1]
    named = found if any(name for name in sheet.categories) else {"": found[""]}
    return Measured(measures={"score": headline}, tables=tuple(_cells(named, list(wanted), skip=[("score", 0)])))


def _measure(sheet: ScoreSheet, resampling: Resampling) -> dict[str, list[Estimate]]:
    """Estimates of every measure by category, and over all of them under the empty name."""
    points, uppers = category_measures(sheet), category_measures(sheet, unread_as_yes=True)
    draws = bootstrap(sheet, resampling)
    by_category = {
        name: _estimates(points[name], uppers[name], draws[name], sheet, sheet.rows(name), resampling)
        for name in sheet.categories
    }
    overall = _estimates(
        macro(list(points.values())),
        macro(list(uppers.values())),
        macro(list(draws.values())),
        sheet,
        np.arange(len(sheet.groups)),
        resampling,
    )
    return {**by_category, "": overall}


def _estimates(
    point: Rates, upper: Rates, draws: Rates, sheet: ScoreSheet, rows: np.ndarray, resampling: Resampling
) -> list[Estimate]:
    """Estimate every number of a vector of measures from these rows of the sheet."""
    low, high = percentile_interval(draws, resampling.confidence)
    levels = [slice(level, level + 1) for level in range(sheet.n_levels)]
    places = [*levels, slice(None), *levels, slice(None), slice(None)]
    n = [int(sheet.scored[rows, place].sum()) for place in places]
    unread = [int(sheet.unread[rows, place].sum()) for place in places]
    return [
        Estimate(
            value=_known(point[i]),
            low=_known(low[i]),
            high=_known(high[i]),
            n=n[i],
            unread=unread[i],
            upper=_known(upper[i]) if unread[i] else None,
        )
        for i in range(len(places))
    ]


def _names(n_levels: int, hard: str, soft: str) -> list[tuple[str, int]]:
    """Measure and level of each number of a vector of measures; level 0 is over all levels."""
    levels = range(1, n_levels + 1)
    return [
        *((hard, level) for level in levels),
        (f"{hard}_mean", 0),
        *((soft, level) for level in levels),
        (f"{soft}_mean", 0),
        ("csl", 0),
    ]


def _cells(
    rows: dict[str, list[Estimate]], names: Sequence[tuple[str, int]], skip: Sequence[tuple[str, int]]
) -> Iterator[Cell]:
    for category, estimates in rows.items():
        for name, estimate in zip(names, estimates, strict=True):
            if category or name not in skip:  # those stand among the measures
                yield Cell(measure=name[0], category=category, level=name[1], estimate=estimate)


def _base_task(judgements: Sequence[Judgement], resampling: Resampling) -> Estimate | None:
    """Share of responses that did the base task; None where nobody checked."""
    groups: dict[str, dict[str, list[bool]]] = {}
    for judgement in judgements:
        if judgement.base_task is not None:
            group = groups.setdefault(judgement.category, {}).setdefault(judgement.example_id, [])
            group.append(judgement.base_task)
    if not groups:
        return None
    attempts = [done for by_group in groups.values() for each in by_group.values() for done in each]
    sums = [
        draw_sums(
            Counts(
                numerators=np.array([[float(sum(by_group[name]))] for name in sorted(by_group)]),
                denominators=np.array([[float(len(by_group[name]))] for name in sorted(by_group)]),
            ),
            category,
            resampling,
        )
        for category, by_group in sorted(groups.items())
    ]
    numerators, denominators = (np.sum(each, axis=0) for each in zip(*sums, strict=True))
    low, high = percentile_interval(numerators / denominators, resampling.confidence)
    return Estimate(value=sum(attempts) / len(attempts), low=float(low[0]), high=float(high[0]), n=len(attempts))


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
