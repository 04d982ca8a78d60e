"""Measures or categories as rows of dots with whiskers, for benchmarks without levels or with few categories."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from quintain.benchmarks.measures import is_share, measure_name
from quintain.benchmarks.scorecard import Estimate, Scorecard
from quintain.reporting.palette import look
from quintain.reporting.plots import dress, in_percent, legend_below, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw_measures(cards: Mapping[str, Scorecard]) -> "Figure":
    """Draw every share of a benchmark over all items, one row per measure, one dot with its interval per model."""
    card = next(iter(cards.values()))
    measures = [measure for measure in card.measures if is_share(measure)]
    return draw_dots(cards, [(measure_name(each), each, "") for each in measures])


def draw_dots(cards: Mapping[str, Scorecard], rows: Sequence[tuple[str, str, str]]) -> "Figure":
    """Draw shares as rows of dots.

    Args:
        cards: Scorecards by the name to print.
        rows: Label, measure and category of each row, top to bottom.

    Returns:
        A figure 800 pixels wide, tied to no screen.
    """
    figure = new_figure(1.9 + 0.5 * len(rows))
    axes = figure.subplots()
    for position, (name, card) in enumerate(cards.items()):
        colour, marker = look(position)
        estimates = [card.estimate(measure, category=category) for _, measure, category in rows]
        axes.errorbar(
            [math.nan if each.value is None else each.value for each in estimates],
            [row + 0.12 * (position - (len(cards) - 1) / 2) for row in range(len(rows))],
            xerr=whiskers(estimates),
            color=colour,
            marker=marker,
            markersize=7,
            linestyle="none",
            elinewidth=1.2,
            capsize=4,
            label=name,
        )
    dress(axes, _title(cards), "Share of items, with its 95 % interval", "")
    axes.set_yticks(range(len(rows)), [label for label, _, _ in rows], fontsize=11)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    in_percent(axes, "x")
    legend_below(figure)
    return figure


def _title(cards: Mapping[str, Scorecard]) -> str:
    return next(iter(cards.values())).benchmark.name


def whiskers(estimates: Sequence[Estimate]) -> list[list[float]]:
    """Lengths of the whiskers below and above each point, as matplotlib takes them; nan where there is no interval."""
    return [
        [math.nan if each.value is None or each.low is None else max(each.value - each.low, 0) for each in estimates],
        [math.nan if each.value is None or each.high is None else max(each.high - each.value, 0) for each in estimates],
    ]
