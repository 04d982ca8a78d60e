"""The level curve: how satisfaction falls as constraints are added."""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from quintain.reporting.palette import DPI, WIDTH_INCHES, look

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def level_rows(scorecard: Mapping[str, Any]) -> list[dict[str, float | int | None]]:
    """Tabulate the macro HSR and SSR with their intervals, one row per level, as shares."""
    macro = scorecard["macro"]
    return [
        {
            "level": level,
            **{
                column: value
                for rate in ("hsr", "ssr")
                for column, value in (
                    (rate, macro[rate][level - 1]),
                    (f"{rate}_low", macro["intervals"][rate][level - 1][0]),
                    (f"{rate}_high", macro["intervals"][rate][level - 1][1]),
                )
            },
        }
        for level in range(1, len(macro["hsr"]) + 1)
    ]


def draw_levels(scorecards: Mapping[str, Mapping[str, Any]]) -> "Figure":
    """Draw HSR and SSR against the level, side by side, with intervals.

    Args:
        scorecards: Scorecards as plain dicts, by the name to print.

    Returns:
        A figure 800 pixels wide, tied to no screen.

    Raises:
        ValueError: There is no scorecard.
    """
    from matplotlib.figure import Figure

    if not scorecards:
        raise ValueError("there is no scorecard to draw")
    figure = Figure(figsize=(WIDTH_INCHES, 4.6), dpi=DPI, layout="constrained")
    for axes, rate, title in zip(
        figure.subplots(1, 2, sharey=True), ("hsr", "ssr"), ("Hard satisfaction", "Soft satisfaction"), strict=True
    ):
        for position, (name, card) in enumerate(scorecards.items()):
            _draw_model(axes, level_rows(card), rate, name, position, len(scorecards))
        axes.set_title(title, fontsize=14)
        axes.set_xlabel("Constraints in the instruction (level)", fontsize=12)
        axes.set_xticks(range(1, 6))
        axes.set_ylim(0, 1.02)
        axes.set_yticks([0, 0.25, 0.5, 0.75, 1.0], ["0%", "25%", "50%", "75%", "100%"])
        axes.tick_params(labelsize=11)
        axes.grid(color="#dddddd")
        axes.spines[["top", "right"]].set_visible(False)
    handles, labels = figure.axes[0].get_legend_handles_labels()
    figure.legend(
        handles, labels, loc="outside lower center", ncols=min(4, len(scorecards)), fontsize=11, frameon=False
    )
    return figure


def _draw_model(
    axes: "Axes", rows: list[dict[str, float | int | None]], rate: str, name: str, position: int, n_models: int
) -> None:
    colour, marker = look(position)
    # Whiskers of several models would stand on each other.
    offset = 0.06 * (position - (n_models - 1) / 2)
    values, lows, highs = (
        [math.nan if row[column] is None else float(row[column] or 0) for row in rows]
        for column in (rate, f"{rate}_low", f"{rate}_high")
    )
    axes.errorbar(
        [row["level"] + offset for row in rows if row["level"] is not None],
        values,
        yerr=[
            [max(value - low, 0) for value, low in zip(values, lows, strict=True)],
            [max(high - value, 0) for value, high in zip(values, highs, strict=True)],
        ],
        color=colour,
        marker=marker,
        markersize=7,
        linewidth=2,
        elinewidth=1.2,
        capsize=4,
        label=name,
    )
