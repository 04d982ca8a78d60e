"""The radar: the headline by category, one line per model, with its interval as a band."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, cast

from quintain.benchmarks.measures import measure_name
from quintain.benchmarks.scorecard import Estimate, Scorecard
from quintain.reporting.dots import draw_dots, draw_measures
from quintain.reporting.palette import look
from quintain.reporting.plots import GRID, INK, legend_below, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from matplotlib.projections.polar import PolarAxes

_FEWEST_CORNERS = 3
_TITLES = {"hsr_mean": "Hard satisfaction by category, mean of levels"}


def draw_radar(cards: Mapping[str, Scorecard]) -> "Figure":
    """Draw the headline of each category.

    Args:
        cards: Scorecards of one benchmark, by the name to print. A category that nobody scored is left open and named
            so on its axis. With fewer than three categories they are rows of dots, without any the measures are.

    Returns:
        A figure 800 pixels wide, tied to no screen.

    Raises:
        ValueError: There is no scorecard.
    """
    if not cards:
        raise ValueError("there is no scorecard to draw")
    categories = list(dict.fromkeys(name for card in cards.values() for name in card.categories))
    headline = next(iter(cards.values())).headline
    if not categories:
        return draw_measures(cards)
    if len(categories) < _FEWEST_CORNERS:
        return draw_dots(cards, [(name, headline, name) for name in categories])
    figure = new_figure(7.0)
    axes = cast("PolarAxes", figure.add_subplot(projection="polar"))
    axes.set_theta_offset(math.pi / 2)
    axes.set_theta_direction(-1)
    angles = [2 * math.pi * position / len(categories) for position in range(len(categories))]
    for position, (name, card) in enumerate(cards.items()):
        _draw_model(axes, angles, [card.estimate(headline, category=each) for each in categories], name, position)
    axes.set_xticks(angles, [_label(category, headline, cards) for category in categories], fontsize=13)
    for label, angle in zip(axes.get_xticklabels(), angles, strict=True):
        sideways = math.sin(angle)
        label.set_horizontalalignment("center" if abs(sideways) < 0.1 else "left" if sideways > 0 else "right")
    axes.tick_params(axis="x", pad=8)
    axes.set_ylim(0, 1)
    axes.set_yticks([0.25, 0.5, 0.75, 1.0], ["25%", "50%", "75%", "100%"], fontsize=10, color=INK)
    axes.set_rlabel_position(180 / len(categories))
    axes.grid(color=GRID)
    levels = next(iter(cards.values())).levels
    span = f" {levels[0]}–{levels[-1]}" if levels else ""
    figure.suptitle(f"{_TITLES.get(headline, f'{measure_name(headline)} by category')}{span}; bands: 95 % intervals",
                    fontsize=12, fontweight="bold", color=INK)  # fmt: skip
    legend_below(figure)
    return figure


def _draw_model(
    axes: "PolarAxes", angles: list[float], estimates: Sequence[Estimate], name: str, position: int
) -> None:
    colour, marker = look(position)
    values, lows, highs = ([_or_nan(getattr(each, end)) for each in estimates] for end in ("value", "low", "high"))
    closed = [*angles, angles[0]]
    axes.plot(closed, [*values, values[0]], color=colour, marker=marker, markersize=7, linewidth=2, label=name)
    axes.fill_between(closed, [*lows, lows[0]], [*highs, highs[0]], color=colour, alpha=0.15, linewidth=0)


def _label(category: str, headline: str, cards: Mapping[str, Scorecard]) -> str:
    scored = any(card.estimate(headline, category=category).value is not None for card in cards.values())
    return category if scored else f"{category}\n(not scored)"


def _or_nan(value: float | None) -> float:
    return math.nan if value is None else value
