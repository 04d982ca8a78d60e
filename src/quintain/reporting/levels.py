"""The level curve: how satisfaction falls as constraints are added."""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from quintain.benchmarks.measures import by_level, measure_name
from quintain.benchmarks.scorecard import Estimate, Scorecard
from quintain.reporting.dots import draw_measures, whiskers
from quintain.reporting.palette import look
from quintain.reporting.plots import dress, in_percent, legend_below, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_TITLES = {"hsr": "Hard satisfaction", "ssr": "Soft satisfaction"}


def level_rows(card: Scorecard) -> list[dict[str, float | int | None]]:
    """Tabulate the measures over all categories with their intervals, one row per level, as shares.

    Args:
        card: The scorecard.

    Returns:
        The rows; for a benchmark without levels one row of all its measures, at level 0.
    """
    return [
        {
            "level": level,
            **{
                column: value
                for measure in (leveled_measures(card) if level else card.measures)
                for column, value in _columns(measure, card.estimate(measure, level=level)).items()
            },
        }
        for level in card.levels or (0,)
    ]


def leveled_measures(card: Scorecard) -> tuple[str, ...]:
    """Measures with a value at each level over all categories, in the order of the scorecard."""
    measured = {cell.measure for cell in card.tables if cell.level and not cell.category}
    return tuple(name for name in map(by_level, card.measures) if name in measured)


def draw_levels(cards: Mapping[str, Scorecard]) -> "Figure":
    """Draw every measure against the level, side by side, with intervals.

    Args:
        cards: Scorecards of one benchmark, by the name to print. Where it has no levels its measures are drawn as dots.

    Returns:
        A figure 800 pixels wide, tied to no screen.

    Raises:
        ValueError: There is no scorecard.
    """
    if not cards:
        raise ValueError("there is no scorecard to draw")
    card = next(iter(cards.values()))
    measures = leveled_measures(card)
    if not measures:
        return draw_measures(cards)
    figure = new_figure(4.6)
    panels = figure.subplots(1, len(measures), sharey=True, squeeze=False)[0]
    for axes, measure in zip(panels, measures, strict=True):
        for position, (name, each) in enumerate(cards.items()):
            _draw_model(axes, each, measure, name, position, len(cards))
        first = axes is panels[0]
        dress(axes, _TITLES.get(measure, measure_name(measure)), "Constraints (level)",
              "Satisfied, with 95 % intervals" if first else "")  # fmt: skip
        axes.set_xticks(card.levels)
        in_percent(axes)
    legend_below(figure)
    return figure


def _columns(measure: str, estimate: Estimate) -> dict[str, float | None]:
    return {measure: estimate.value, f"{measure}_low": estimate.low, f"{measure}_high": estimate.high}


def _draw_model(axes: "Axes", card: Scorecard, measure: str, name: str, position: int, n_models: int) -> None:
    colour, marker = look(position)
    # Whiskers of several models would stand on each other.
    offset = 0.06 * (position - (n_models - 1) / 2)
    estimates = [card.estimate(measure, level=level) for level in card.levels]
    axes.errorbar(
        [level + offset for level in card.levels],
        [math.nan if each.value is None else each.value for each in estimates],
        yerr=whiskers(estimates),
        color=colour,
        marker=marker,
        markersize=7,
        linewidth=2,
        elinewidth=1.2,
        capsize=4,
        label=name,
    )
