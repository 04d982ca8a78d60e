"""The look of every plot: size, titles of axes, grid, and a legend that covers no data."""

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

from quintain.reporting.palette import COLOURS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH_INCHES, DPI = 8.0, 100
INK, GRID = "#1C1E21", "#D5D8DC"
_QUARTERS = (0.0, 0.25, 0.5, 0.75, 1.0)
_LEGEND_SIZE = 10


def new_figure(height_inches: float) -> "Figure":
    """An empty figure 800 pixels wide, tied to no screen, in which no text covers another."""
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    padding = ConstrainedLayoutEngine(w_pad=0.09, h_pad=0.09, wspace=0.05, hspace=0.05)
    return Figure(figsize=(WIDTH_INCHES, height_inches), dpi=DPI, layout=padding)


def dress(axes: "Axes", title: str, x: str, y: str) -> None:
    """Give a panel its title and the titles of its axes, units included, in the look of all plots."""
    axes.set_title(title, fontsize=12, fontweight="bold", color=INK)
    axes.set_xlabel(x, fontsize=10, color=INK)
    axes.set_ylabel(y, fontsize=10, color=INK)
    axes.tick_params(labelsize=10, colors=INK)
    axes.grid(color=GRID)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(INK)


def in_percent(axes: "Axes", along: str = "y") -> None:
    """Let an axis of shares run from 0 to 100 %, with room for a marker at either end."""
    labels = [f"{share:.0%}" for share in _QUARTERS]
    if along == "y":
        axes.set_ylim(-0.03, 1.03)
        axes.set_yticks(_QUARTERS, labels)
    else:
        axes.set_xlim(-0.03, 1.03)
        axes.set_xticks(_QUARTERS, labels)


def legend_below(place: "Figure | Axes", source: "Axes | None" = None, columns: int = 4) -> None:
    """Put a legend under a whole figure or under one panel, where no data is.

    Args:
        place: The figure, or the panel.
        source: Panel whose lines are named; for a figure, its first one when None.
        columns: Most names in a row.
    """
    from matplotlib.axes import Axes

    panel = source or (place if isinstance(place, Axes) else place.axes[0])
    handles, labels = panel.get_legend_handles_labels()
    if not handles:
        return
    ncols = min(columns, len(labels))
    if isinstance(place, Axes):
        place.legend(
            handles, labels, loc="upper center", bbox_to_anchor=(0.5, -0.24), ncols=ncols, fontsize=_LEGEND_SIZE,
            frameon=False, labelcolor=INK, borderaxespad=0,
        )  # fmt: skip
    else:
        place.legend(
            handles, labels, loc="outside lower center", ncols=ncols, fontsize=_LEGEND_SIZE, frameon=False,
            labelcolor=INK,
        )  # fmt: skip


def nothing_to_draw(axes: "Axes", why: str) -> None:
    """Say in an empty panel why it is empty."""
    axes.text(0.5, 0.5, why, transform=axes.transAxes, ha="center", va="center", fontsize=10, color=INK, wrap=True)


def as_svg(figure: "Figure", salt: str) -> str:
    """Draw a figure as SVG in the colours of the page that it stands on, light or dark.

    Args:
        figure: The figure.
        salt: Names the figure: equal numbers give equal bytes, and two figures on one page have ids of their own.

    Returns:
        The `<svg>` element; texts are texts.
    """
    import matplotlib as mpl

    text = io.StringIO()
    with mpl.rc_context({"svg.hashsalt": salt, "svg.fonttype": "none"}):
        figure.savefig(text, format="svg", metadata={"Date": None}, transparent=True)
    svg = text.getvalue()[text.getvalue().index("<svg") :]
    for colour, name in _variables(COLOURS):
        svg = svg.replace(colour.lower(), name)
    return svg


def _variables(series: Sequence[str]) -> list[tuple[str, str]]:
    return [(INK, "var(--text)"), (GRID, "var(--line)"), *((each, f"var(--s{i})") for i, each in enumerate(series))]
