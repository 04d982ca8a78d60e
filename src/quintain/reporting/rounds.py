"""Rounds of distillation side by side: curves, and a page that works offline."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from quintain.reporting.pages import render
from quintain.reporting.palette import look
from quintain.reporting.plots import as_svg, dress, in_percent, legend_below, new_figure, nothing_to_draw

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


_LOW = 0.1


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
    return render(
        "rounds.html.jinja",
        rounds=rounds,
        families=sorted({family for report in reports for family in report["gaps"]["hard_rate_by_family"]}),
        reasons=sorted({reason for report in reports for reason in report["generation"]["dropped"]}),
        faults=sorted({fault for report in reports for fault in report["referee"]["parse_failures"]}),
        figure=Markup(as_svg(draw_rounds(reports), "rounds")),  # noqa: S704 - drawn here, texts escaped by the backend
    )


def draw_rounds(reports: Sequence[Mapping[str, Any]]) -> "Figure":
    """Draw hard rates, the mean gap with its interval, the referee's failures and what was accepted over the rounds."""
    figure = new_figure(7.6)
    hard, gap, referee, accepted = figure.subplots(2, 2).flat
    families = sorted({family for report in reports for family in report["gaps"]["hard_rate_by_family"]})
    _lines(hard, reports, {"all": ("gaps", "hard_rate"), **{
        family: ("gaps", "hard_rate_by_family", family) for family in families
    }})  # fmt: skip
    _dress(hard, "Hard rate", "Share of judged instructions", shares=True)
    spans = [[_value(report, ("gaps", f"mean_gap_{side}")) for report in reports] for side in ("low", "high")]
    gap.fill_between([report["round"] for report in reports], *spans, color=look(0)[0], alpha=0.15, linewidth=0)
    _lines(gap, reports, {"mean, with its 95 % interval": ("gaps", "mean_gap")})
    _dress(gap, "Gap to the teacher", "Points of the referee", spans=spans)
    _lines(
        referee,
        reports,
        {"orders disagree": ("referee", "conflict_rate"), "not readable": ("referee", "parse_failure_rate")},
    )
    _dress(referee, "Doubtful reviews", "Share of reviews", shares=True)
    _lines(accepted, reports, {
        "accepted": ("generation", "accepted"), "candidates": ("generation", "candidates"),
    })  # fmt: skip
    _dress(accepted, "New instructions", "Instructions")
    return figure


def _lines(axes: "Axes", reports: Sequence[Mapping[str, Any]], lines: Mapping[str, tuple[str, ...]]) -> None:
    numbers = [report["round"] for report in reports]
    for position, (label, path) in enumerate(lines.items()):
        values = [_value(report, path) for report in reports]
        if all(map(math.isnan, values)):
            continue  # the legend names what there is
        colour, marker = look(position)
        axes.plot(
            numbers,
            values,
            color=colour, marker=marker, label=label, clip_on=False,
        )  # fmt: skip
    # Room beside a single round, and whole numbers alone.
    axes.set_xlim(min(numbers) - 0.3, max(numbers) + 0.3)
    axes.set_xticks(numbers)


def _dress(axes: "Axes", title: str, y: str, *, shares: bool = False, spans: Sequence[Sequence[float]] = ()) -> None:
    """Names and scale; rates close to zero are drawn over a tenth of the whole, so that they do not look like none."""
    dress(axes, title, "Round", y)
    drawn = [*(list(map(float, line.get_ydata())) for line in axes.lines), *spans]  # type: ignore[arg-type]
    values = [value for line in drawn for value in line if not math.isnan(value)]
    if not values:
        nothing_to_draw(axes, "no round has any")
    if shares and max(values, default=0.0) <= _LOW:
        axes.set_ylim(-0.003, _LOW * 1.03)
        axes.set_yticks([0, _LOW / 2, _LOW], [f"{share:.0%}" for share in (0, _LOW / 2, _LOW)])
    elif shares:
        in_percent(axes)
    else:
        axes.set_ylim(min([0.0, *values]), max([*values, 1.0]) * 1.08)
    legend_below(axes, columns=3)


def _value(report: Mapping[str, Any], path: tuple[str, ...]) -> float:
    value: Any = report
    for name in path:
        value = value.get(name) if value is not None else None
    return math.nan if value is None else float(value)
