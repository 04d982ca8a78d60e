"""The radar: hard satisfaction by category, one line per model, with its interval as a band."""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from quintain.reporting.palette import DPI, WIDTH_INCHES, look

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from matplotlib.projections.polar import PolarAxes


def draw_radar(scorecards: Mapping[str, Mapping[str, Any]]) -> "Figure":
    """Draw the mean HSR over levels 1-5 of each category.

    Args:
        scorecards: Scorecards as plain dicts, by the name to print. A category that nobody scored is left open and
            named so on its axis.

    Returns:
        A figure 800 pixels wide, tied to no screen.

    Raises:
        ValueError: There is no scorecard.
    """
    from matplotlib.figure import Figure

    if not scorecards:
        raise ValueError("there is no scorecard to draw")
    categories = list(dict.fromkeys(name for card in scorecards.values() for name in card["categories"]))
    figure = Figure(figsize=(WIDTH_INCHES, 7.0), dpi=DPI, layout="constrained")
    axes = cast("PolarAxes", figure.add_subplot(projection="polar"))
    axes.set_theta_offset(math.pi / 2)
    axes.set_theta_direction(-1)
    angles = [2 * math.pi * position / len(categories) for position in range(len(categories))]
    for position, (name, card) in enumerate(scorecards.items()):
        _draw_model(axes, angles, [card["categories"].get(category) for category in categories], name, position)
    axes.set_xticks(angles, [_label(category, scorecards) for category in categories], fontsize=13)
    for label, angle in zip(axes.get_xticklabels(), angles, strict=True):
        sideways = math.sin(angle)
        label.set_horizontalalignment("center" if abs(sideways) < 0.1 else "left" if sideways > 0 else "right")
    axes.tick_params(axis="x", pad=8)
    axes.set_ylim(0, 1)
    axes.set_yticks([0.25, 0.5, 0.75, 1.0], ["25%", "50%", "75%", "100%"], fontsize=10, color="#444444")
    axes.set_rlabel_position(180 / len(categories))
    axes.grid(color="#cccccc")
    figure.suptitle("Hard satisfaction rate by category, mean of levels 1–5", fontsize=14)
    figure.legend(loc="outside lower center", ncols=min(4, len(scorecards)), fontsize=11, frameon=False)
    return figure


def _draw_model(axes: "PolarAxes", angles: list[float], scores: list[Any], name: str, position: int) -> None:
    colour, marker = look(position)
    values = [_or_nan(score and score["hsr_mean"]) for score in scores]
    lows = [_or_nan(score and score["intervals"]["hsr_mean"][0]) for score in scores]
    highs = [_or_nan(score and score["intervals"]["hsr_mean"][1]) for score in scores]
    closed = [*angles, angles[0]]
    axes.plot(closed, [*values, values[0]], color=colour, marker=marker, markersize=7, linewidth=2, label=name)
    axes.fill_between(closed, [*lows, lows[0]], [*highs, highs[0]], color=colour, alpha=0.15, linewidth=0)


def _label(category: str, scorecards: Mapping[str, Mapping[str, Any]]) -> str:
    scored = any(card["categories"].get(category, {}).get("n_scored") for card in scorecards.values())
    return category if scored else f"{category}\n(not scored)"


def _or_nan(value: float | None) -> float:
    return math.nan if value is None else value
