"""The scorecard page: one model or two side by side, down to every constraint, in one file that works offline."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from quintain.benchmarks.satisfaction.comparison import Comparison, terms
from quintain.records import ConstraintItem, Judgement
from quintain.reporting.charts import Dots, dot_chart, level_curves
from quintain.reporting.drilldown import drilldown
from quintain.reporting.paired import MCNEMAR_NOTE, headline, power_note
from quintain.reporting.palette import COLOURS
from quintain.reporting.rows import Row, comparison_rows, measure_rows, share

_TEMPLATES = Path(__file__).parent / "templates"
_JINJA = jinja2.Environment(
    loader=jinja2.FileSystemLoader(_TEMPLATES),
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    autoescape=True,
)
_PERCENT = [(percent / 100, f"{percent}%") for percent in (0, 25, 50, 75, 100)]
_LEVELS = [(float(level), str(level)) for level in range(6)]


@dataclass(frozen=True)
class Side:
    """One model on the page."""

    name: str
    """How the page calls it."""
    scorecard: Mapping[str, Any]
    """JSON of its `Scorecard`."""
    judgements: Sequence[Judgement]
    """Its verdicts, with the responses."""


def scorecard_page(
    sides: Sequence[Side],
    comparison: Comparison | None = None,
    items: Sequence[ConstraintItem] = (),
    *,
    no_items: str = "",
) -> str:
    """Write the page.

    Args:
        sides: One model, or two that were scored on the same terms.
        comparison: The first against the second; None for one model.
        items: The pack, for instructions and rules; may be empty.
        no_items: Why it is, for the reader.

    Returns:
        HTML. It asks the network for nothing, its policy forbids it to, and the same scorecards give the same text.
    """
    cards = [side.scorecard for side in sides]
    script = (_TEMPLATES / "page.js").read_text(encoding="utf-8")
    names = [side.name for side in sides]
    text = _JINJA.get_template("page.html.jinja").render(
        names=names,
        cards=cards,
        terms=terms(cards[0]),
        headline=headline(names, comparison) if comparison else "",
        power_note=power_note(comparison) if comparison else "",
        mcnemar_note=MCNEMAR_NOTE,
        tests=comparison_rows(comparison) if comparison else [],
        tables=_tables(cards, comparison),
        charts=_charts(names, cards, comparison),
        share=share,
        colours=COLOURS,
        script=Markup(script),  # noqa: S704 - our own file
        # The browser runs this script and no other, whatever a response says.
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        items=drilldown([side.judgements for side in sides], items),
        no_items=no_items,
    )
    # A lone half of a surrogate pair cannot be written to a file.
    return text.encode("utf-8", "replace").decode()


def _tables(cards: Sequence[Mapping[str, Any]], comparison: Comparison | None) -> list[tuple[str, list[Row]]]:
    tables = [
        (
            "Macro mean over categories",
            measure_rows([card["macro"] for card in cards], comparison.overall if comparison else None),
        )
    ]
    for name in _categories(cards):
        if all(name in card["categories"] for card in cards):
            paired = comparison.by_category.get(name) if comparison else None
            tables.append((name, measure_rows([card["categories"][name] for card in cards], paired)))
    return tables


def _charts(
    names: Sequence[str], cards: Sequence[Mapping[str, Any]], comparison: Comparison | None
) -> list[tuple[str, Markup]]:
    charts = [
        ("Satisfaction as constraints are added", level_curves(cards)),
        (
            "HSR by category, mean of the levels",
            dot_chart(_dots(cards, "hsr_mean"), domain=(0, 1), ticks=_PERCENT, title="HSR by category, with intervals"),
        ),
        (
            "CSL by category: levels that hold in a row",
            dot_chart(_dots(cards, "csl"), domain=(0, 5), ticks=_LEVELS, title="CSL by category, with intervals"),
        ),
    ]
    if comparison:
        caption = f"Difference of HSR by category, in points: right of zero, {names[0]} follows more"
        charts.insert(1, (caption, _differences(comparison)))
    return charts


def _differences(comparison: Comparison) -> Markup:
    compared = {"all (macro)": comparison.overall, **comparison.by_category}
    rows = [
        Dots(name, [(each.difference.hsr_mean, each.intervals.hsr_mean)], of_both=True)
        for name, each in compared.items()
    ]
    ends = [abs(end) for row in rows for _, interval in row.values for end in interval if end is not None]
    # The next full 10 points, so that zero stands in the middle and every tick is a whole number.
    reach = 0.1 * (int(max(ends, default=0.0) / 0.1) + 1)
    ticks = [(step * reach / 2, f"{50 * step * reach:+.0f}" if step else "0") for step in range(-2, 3)]
    return dot_chart(rows, domain=(-reach, reach), ticks=ticks, title="Differences of HSR by category, with intervals")


def _dots(cards: Sequence[Mapping[str, Any]], measure: str) -> list[Dots]:
    rows = [Dots("macro", [_value(card["macro"], measure) for card in cards])]
    for name in _categories(cards):
        rows.append(Dots(name, [_value(card["categories"].get(name), measure) for card in cards]))
    return rows


def _value(score: Mapping[str, Any] | None, measure: str) -> tuple[float | None, Sequence[float | None]]:
    return (None, (None, None)) if score is None else (score[measure], score["intervals"][measure])


def _categories(cards: Sequence[Mapping[str, Any]]) -> list[str]:
    return list(dict.fromkeys(name for card in cards for name in card["categories"]))
