"""Rounds of distillation side by side: curves, and a page that works offline."""

import io
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2

from quintain.reporting.palette import DPI, look

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_JINJA = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    autoescape=True,  # the names of families are strangers' text
)


def rounds_page(rounds: Mapping[str, Mapping[str, Any]]) -> str:
    """Write the page of a distillation.

    Args:
        rounds: Report of each round by its name, in order.

    Returns:
        HTML with the curves inside, without any reference to a network.

    Raises:
        ValueError: There is no round.
    """
    if not rounds:
        raise ValueError("there is no round to report")
    reports = list(rounds.values())
    return _JINJA.get_template("rounds.html.jinja").render(
        rounds=rounds,
        families=sorted({family for report in reports for family in report["gaps"]["hard_rate_by_family"]}),
        reasons=sorted({reason for report in reports for reason in report["generation"]["dropped"]}),
        faults=sorted({fault for report in reports for fault in report["referee"]["parse_failures"]}),
        figure=_svg(draw_rounds(reports)),
    )


def draw_rounds(reports: Sequence[Mapping[str, Any]]) -> "Figure":
    """Draw hard rates, the mean gap with its interval, the referee's failures and what was accepted over the rounds."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9.0, 6.4), dpi=DPI, layout="constrained")
    hard, gap, referee, accepted = figure.subplots(2, 2).flat
    families = sorted({family for report in reports for family in report["gaps"]["hard_rate_by_family"]})
    _lines(hard, reports, {"all": ("gaps", "hard_rate"), **{
        family: ("gaps", "hard_rate_by_family", family) for family in families
    }}, "Hard rate")  # fmt: skip
    spans = [[_value(report, ("gaps", f"mean_gap_{side}")) for report in reports] for side in ("low", "high")]
    gap.fill_between([report["round"] for report in reports], *spans, color=look(0)[0], alpha=0.15, linewidth=0)
    _lines(gap, reports, {"mean gap": ("gaps", "mean_gap")}, "Mean gap, points")
    _lines(
        referee,
        reports,
        {"orders disagree": ("referee", "conflict_rate"), "not readable": ("referee", "parse_failure_rate")},
        "Reviews",
    )
    _lines(accepted, reports, {
        "accepted": ("generation", "accepted"), "candidates": ("generation", "candidates"),
    }, "New instructions")  # fmt: skip
    return figure


def _lines(
    axes: "Axes", reports: Sequence[Mapping[str, Any]], lines: Mapping[str, tuple[str, ...]], title: str
) -> None:
    numbers = [report["round"] for report in reports]
    for position, (label, path) in enumerate(lines.items()):
        colour, marker = look(position)
        axes.plot(numbers, [_value(report, path) for report in reports], color=colour, marker=marker, label=label)
    axes.set_title(title, fontsize=12)
    axes.set_xticks(numbers)
    axes.set_xlabel("Round")
    axes.set_ylim(bottom=0)
    axes.grid(color="#dddddd")
    axes.spines[["top", "right"]].set_visible(False)
    if len(lines) > 1:
        axes.legend(fontsize=8, frameon=False, ncols=2)


def _value(report: Mapping[str, Any], path: tuple[str, ...]) -> float:
    value: Any = report
    for name in path:
        value = value.get(name) if value is not None else None
    return math.nan if value is None else float(value)


def _svg(figure: "Figure") -> str:
    import matplotlib as mpl

    text = io.StringIO()
    # The same bytes for the same numbers.
    with mpl.rc_context({"svg.hashsalt": "rounds", "svg.fonttype": "none"}):
        figure.savefig(text, format="svg", metadata={"Date": None})
    return text.getvalue()[text.getvalue().index("<svg") :]
