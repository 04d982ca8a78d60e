"""How the numbers of a scorecard and of a comparison are written, in the terminal and on the page alike."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from quintain.benchmarks.satisfaction.comparison import Comparison, Paired

Interval = Sequence[float | None]


@dataclass(frozen=True)
class Row:
    """One measure: what each model scored, and how far they are apart."""

    name: str
    scores: tuple[str, ...]
    """One cell per model, the interval in brackets."""
    difference: str = ""
    """First minus second; empty for one model alone."""
    interval: str = ""
    """Interval of the difference."""
    apart: bool = False
    """Whether the interval leaves zero out."""


@dataclass(frozen=True)
class ComparisonRow:
    """One category, or all of them: the paired difference of HSR and what the items can show."""

    name: str
    difference: str
    interval: str
    p_bootstrap: str
    only_first: str
    only_second: str
    p_mcnemar: str
    n_items: str
    detectable: str
    power: str
    items_needed: str


def measure_rows(scores: Sequence[Mapping[str, Any]], paired: Paired | None = None) -> list[Row]:
    """Write HSR and SSR by level, their means, and CSL.

    Args:
        scores: One score per model, JSON of `Score`: the macro mean, the micro mean or one category.
        paired: The two of them compared; None for one model.

    Returns:
        Thirteen rows.
    """
    names = [("HSR", "hsr"), ("SSR", "ssr")]
    rows = []
    for word, rate in names:
        for level in range(5):
            cells = tuple(share(score[rate][level], score["intervals"][rate][level]) for score in scores)
            values = (getattr(paired.difference, rate)[level], getattr(paired.intervals, rate)[level]) if paired else ()
            rows.append(_row(f"{word} level {level + 1}", cells, values, percent=True))
        cells = tuple(share(score[f"{rate}_mean"], score["intervals"][f"{rate}_mean"]) for score in scores)
        values = (
            (getattr(paired.difference, f"{rate}_mean"), getattr(paired.intervals, f"{rate}_mean")) if paired else ()
        )
        rows.append(_row(f"{word} mean", cells, values, percent=True))
    cells = tuple(levels(score["csl"], score["intervals"]["csl"]) for score in scores)
    rows.append(_row("CSL", cells, (paired.difference.csl, paired.intervals.csl) if paired else (), percent=False))
    return rows


def comparison_rows(comparison: Comparison) -> list[ComparisonRow]:
    """Write the tests of the mean HSR, all categories together first."""
    return [
        ComparisonRow(
            name=name,
            difference=signed(each.difference.hsr_mean, percent=True),
            interval=between(each.intervals.hsr_mean, percent=True),
            p_bootstrap=p_value(each.p_bootstrap),
            only_first=str(each.only_first),
            only_second=str(each.only_second),
            p_mcnemar=p_value(each.p_mcnemar),
            n_items=f"{each.n_items:,}",
            detectable=f"{100 * each.detectable:.1f}" if each.discordant else "–",
            power="–" if each.power is None else f"{each.power:.0%}",
            items_needed="–" if each.items_needed is None else f"{each.items_needed:,}",
        )
        for name, each in (("all", comparison.overall), *comparison.by_category.items())
    ]


def share(value: float | None, interval: Interval) -> str:
    """A rate in percent with its interval."""
    return "–" if value is None else f"{100 * value:.1f}" + _brackets([_percent(end) for end in interval])


def levels(value: float | None, interval: Interval) -> str:
    """A number of levels with its interval."""
    return (
        "–" if value is None else f"{value:.2f}" + _brackets(["–" if end is None else f"{end:.2f}" for end in interval])
    )


def signed(value: float | None, *, percent: bool) -> str:
    """A difference with its sign, in points or in levels."""
    if value is None:
        return "–"
    return f"{100 * value:+.1f}" if percent else f"{value:+.2f}"


def between(interval: Interval, *, percent: bool) -> str:
    """Both ends of an interval of a difference."""
    return " to ".join(signed(end, percent=percent) for end in interval)


def p_value(p: float) -> str:
    """A p-value to three digits."""
    return "<0.001" if p < 0.001 else f"{p:.3f}"


def _row(name: str, cells: tuple[str, ...], values: tuple[Any, ...], *, percent: bool) -> Row:
    if not values:
        return Row(name, cells)
    value, (low, high) = values
    apart = low is not None and high is not None and (low > 0 or high < 0)
    return Row(name, cells, signed(value, percent=percent), between((low, high), percent=percent), apart)


def _brackets(ends: Sequence[str]) -> str:
    return f" [{ends[0]}, {ends[1]}]"


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f}"
