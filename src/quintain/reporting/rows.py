"""Rows of numbers of a scorecard and of a comparison, in the terminal and on the page alike."""

from collections.abc import Sequence
from dataclasses import dataclass

from quintain.benchmarks.measures import Place, by_level, places, written
from quintain.benchmarks.satisfaction.comparison import Comparison, Paired
from quintain.benchmarks.scorecard import Estimate, Scorecard

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
    total: bool = False
    """Whether it is over all levels."""


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


def measure_rows(cards: Sequence[Scorecard], paired: Paired | None = None, category: str = "") -> list[Row]:
    """Write every measure, those with levels by level too.

    Args:
        cards: Scorecards of one benchmark, one per model.
        paired: The two of them compared; None for one model.
        category: A category; empty for all.

    Returns:
        One row per number that the first scorecard has.
    """
    return [
        _row(
            place,
            tuple(written(place.measure, _estimate(card, place, category)) for card in cards),
            paired_difference(paired, place, cards[0].headline) if paired else None,
        )
        for place in places(cards[0], category)
    ]


def paired_difference(paired: Paired, place: Place, headline: str) -> Estimate | None:
    """First minus second with its interval; None for a number that comparisons leave out.

    Comparisons know the headline as the hard rate, whatever the benchmark calls it.
    """
    name = place.measure
    if place.level and name == by_level(headline):
        name = "hsr"
    elif not place.level and name == headline:
        name = "hsr_mean"
    value, interval = getattr(paired.difference, name, None), getattr(paired.intervals, name, (None, None))
    if place.level and value is not None:
        value, interval = value[place.level - 1], interval[place.level - 1]
    if not isinstance(value, float):
        return None
    return Estimate(value=value, low=interval[0], high=interval[1])


def _estimate(card: Scorecard, place: Place, category: str) -> Estimate:
    return card.estimate(place.measure, category=category, level=place.level)


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
        for name, each in (("all", comparison.overall), *named_categories(comparison).items())
    ]


def named_categories(comparison: Comparison) -> dict[str, Paired]:
    """Category → its difference; none where a benchmark has no categories, which all items then stand for."""
    return {name: each for name, each in comparison.by_category.items() if name}


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


def _row(place: Place, cells: tuple[str, ...], difference: Estimate | None) -> Row:
    total = not place.level
    if difference is None:
        return Row(place.name, cells, total=total)
    low, high = difference.low, difference.high
    apart = low is not None and high is not None and (low > 0 or high < 0)
    percent = place.percent
    return Row(
        place.name,
        cells,
        signed(difference.value, percent=percent),
        between((low, high), percent=percent),
        apart=apart,
        total=total,
    )
