"""The scorecard page: one model or two side by side, a section per benchmark, down to every constraint, offline."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from markupsafe import Markup

from quintain.benchmarks.measures import Place, by_level, is_share, measure_name
from quintain.benchmarks.satisfaction.comparison import Comparison, terms
from quintain.benchmarks.scorecard import Scorecard
from quintain.records import ConstraintItem, Judgement
from quintain.reporting.charts import Dots, dot_chart, level_curves
from quintain.reporting.drilldown import drilldown
from quintain.reporting.levels import leveled_measures
from quintain.reporting.pages import render
from quintain.reporting.paired import headline, mcnemar_note, measures_constraints, power_note
from quintain.reporting.rows import Row, comparison_rows, measure_rows, named_categories

_PERCENT = [(percent / 100, f"{percent}%") for percent in (0, 25, 50, 75, 100)]
_LEVELS = [(float(level), str(level)) for level in range(6)]


@dataclass(frozen=True)
class Side:
    """One model on the page."""

    name: str
    """How the page calls it."""
    scorecard: Scorecard
    """What it scored."""
    judgements: Sequence[Judgement]
    """Its verdicts, with the responses."""


@dataclass(frozen=True)
class Section:
    """One model, or two that were scored on the same terms, on one benchmark."""

    sides: Sequence[Side]
    """The models, the same ones in every section."""
    comparison: Comparison | None = None
    """The first against the second; None for one model."""
    items: Sequence[ConstraintItem] = ()
    """The pack, for instructions and rules; may be empty."""
    no_items: str = ""
    """Reason that it is, for the reader."""
    standing: Sequence[str] = ()
    """Sentences on where a model stands in its project: version, date, distance to the champion."""
    name: str = ""
    """Name of the benchmark in the project, where a page has several; its own one where empty."""


def scorecard_page(sections: Sequence[Section], *, left_out: Mapping[str, str] | None = None) -> str:
    """Write the page.

    Args:
        sections: The benchmarks, the headline first.
        left_out: Benchmark → why it has no section.

    Returns:
        HTML. It asks the network for nothing, its policy forbids it to, and the same scorecards give the same text.
    """
    names = [side.name for side in sections[0].sides]
    return render(
        "page.html.jinja",
        script="page.js",
        names=names,
        paired=len(names) > 1,
        sections=[_shown(each) for each in sections],
        left_out=left_out or {},
    )


def _shown(section: Section) -> dict[str, Any]:
    """One benchmark as the template shows it."""
    cards = [side.scorecard for side in section.sides]
    names, comparison = [side.name for side in section.sides], section.comparison
    return {
        "name": section.name or cards[0].benchmark.name,
        "benchmark": cards[0].benchmark,
        "n_items": cards[0].n_items,
        "terms": terms(cards[0]),
        "headline": headline(names, comparison, cards[0]) if comparison else "",
        "summary": _summary(cards, comparison),
        "power_note": power_note(comparison) if comparison else "",
        "mcnemar_note": mcnemar_note(cards[0]),
        "tests": comparison_rows(comparison) if comparison else [],
        "tables": _tables(cards, comparison),
        "charts": _charts(names, cards, comparison),
        "base": _base(cards),
        "rows": drilldown([side.judgements for side in section.sides], section.items),
        "no_items": section.no_items,
        "standing": section.standing,
    }


def _summary(cards: Sequence[Scorecard], comparison: Comparison | None) -> Row:
    """The headline over all items, in a row."""
    measured = measure_rows(cards, comparison.overall if comparison else None)
    wanted = Place(cards[0].headline)
    row = next(row for row in measured if row.total and row.name == wanted.name)
    over = ", macro" if len(_categories(cards)) > 1 else ""
    return replace(row, name=f"{row.name}{over}")


def _tables(cards: Sequence[Scorecard], comparison: Comparison | None) -> list[tuple[str, list[Row]]]:
    title = "Macro mean over categories" if len(_categories(cards)) > 1 else "All items"
    tables = [(title, measure_rows(cards, comparison.overall if comparison else None))]
    for name in _categories(cards):
        if all(name in card.categories for card in cards):
            paired = comparison.by_category.get(name) if comparison else None
            tables.append((name, measure_rows(cards, paired, name)))
    return tables


def _charts(
    names: Sequence[str], cards: Sequence[Scorecard], comparison: Comparison | None
) -> list[tuple[str, Markup]]:
    headline = cards[0].headline
    word = measure_name(by_level(headline))
    charts = []
    if leveled_measures(cards[0]):
        charts.append(("Satisfaction as constraints are added", level_curves(cards)))
    else:
        shares = [measure for measure in cards[0].measures if is_share(measure)]
        rows = [Dots(measure_name(each), [_value(card, each) for card in cards]) for each in shares]
        charts.append(
            ("Every measure, with intervals", dot_chart(rows, domain=(0, 1), ticks=_PERCENT, title="Measures"))
        )
    if comparison:
        by_category = " by category" if named_categories(comparison) else ""
        more = "follows more" if measures_constraints(headline) else "scores higher"
        caption = f"Difference of {word}{by_category}, in points: right of zero, {names[0]} {more}"
        charts.append((caption, _differences(comparison, word)))
    if _categories(cards):
        over = ", mean of the levels" if cards[0].levels else ""
        title = f"{word} by category, with intervals"
        dots = dot_chart(_dots(cards, headline), domain=(0, 1), ticks=_PERCENT, title=title)
        charts.append((f"{word} by category{over}", dots))
        if "csl" in cards[0].measures:
            dots = dot_chart(_dots(cards, "csl"), domain=(0, 5), ticks=_LEVELS, title="CSL by category, with intervals")
            charts.append(("CSL by category: levels that hold in a row", dots))
    return charts


def _differences(comparison: Comparison, word: str) -> Markup:
    named = named_categories(comparison)
    compared = {"all (macro)" if len(named) > 1 else "all": comparison.overall, **named}
    rows = [
        Dots(name, [(each.difference.hsr_mean, each.intervals.hsr_mean)], of_both=True)
        for name, each in compared.items()
    ]
    ends = [abs(end) for row in rows for _, interval in row.values for end in interval if end is not None]
    # The next full 10 points, so that zero stands in the middle and every tick is a whole number.
    reach = 0.1 * (int(max(ends, default=0.0) / 0.1) + 1)
    ticks = [(step * reach / 2, f"{50 * step * reach:+.0f}" if step else "0") for step in range(-2, 3)]
    title = f"Differences of {word} by category, with intervals"
    return dot_chart(rows, domain=(-reach, reach), ticks=ticks, title=title)


def _dots(cards: Sequence[Scorecard], measure: str) -> list[Dots]:
    rows = [Dots("macro", [_value(card, measure) for card in cards])]
    return rows + [Dots(name, [_value(card, measure, name) for card in cards]) for name in _categories(cards)]


def _value(card: Scorecard, measure: str, category: str = "") -> tuple[float | None, Sequence[float | None]]:
    found = card.estimate(measure, category=category)
    return found.value, (found.low, found.high)


def _categories(cards: Sequence[Scorecard]) -> list[str]:
    return list(dict.fromkeys(name for card in cards for name in card.categories))


def _base(cards: Sequence[Scorecard]) -> list[tuple[str, list[str]]]:
    """Rows that say on what the numbers rest, one cell per model."""
    lines: list[tuple[str, Callable[[Scorecard], str]]] = [
        ("weights", lambda card: card.model_digest[:12] or "unknown"),
        ("items scored, of those asked", lambda card: f"{card.n_scored} of {card.n_items}"),
        ("not scored", lambda card: ", ".join(f"{n} {why}" for why, n in card.not_scored.items()) or "0"),
        ("unread verdicts", _unread),
        ("categories", lambda card: ", ".join(_scored_categories(card)) or "none"),
    ]
    if any(card.memory for card in cards):
        lines.append(("asked under edits, head of the memory", lambda card: card.memory[:12] or "none"))
    if any(card.judging for card in cards):
        lines += [("judges agree, Krippendorff's alpha", _agreement), ("warnings about the judges", _warnings)]
    lines += [
        ("responses cut at the limit, empty", lambda card: f"{card.n_truncated}, {card.n_empty}"),
        ("prompts cut to the context", lambda card: str(card.n_cut)),
    ]
    return [(title, [tell(card) for card in cards]) for title, tell in lines]


def _unread(card: Scorecard) -> str:
    upper = card.estimate(card.headline).upper
    lifted = f"; all yes would lift {measure_name(card.headline)} to {100 * upper:.1f}" if upper is not None else ""
    return f"{card.n_unread}{lifted}"


def _scored_categories(card: Scorecard) -> list[str]:
    return [name for name in card.categories if card.estimate(card.headline, category=name).value is not None]


def _agreement(card: Scorecard) -> str:
    alphas = card.judging.get("agreement", {})
    return ", ".join(f"{name} {'–' if a is None else f'{a:.2f}'}" for name, a in alphas.items()) or "one judge"


def _warnings(card: Scorecard) -> str:
    return "; ".join(card.judging.get("warnings", [])) or "none"
