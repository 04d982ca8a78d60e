"""Charts of a scorecard page as inline SVG: level curves with bands, and rows of dots with intervals.

Drawn as text, so that they follow the page's colours in light and dark and stay sharp in print. Models differ in shape
as well as in colour; every number stands in a table beside.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from quintain.benchmarks.measures import measure_name
from quintain.benchmarks.scorecard import Estimate, Scorecard
from quintain.reporting.levels import leveled_measures

_WIDTH = 520
_CHARACTER = 7.4
_LEAST_NAMES = 92
_LONGEST_NAME = 24
_ROW = 34
_PANEL = (198, 150)
_OF_BOTH = 2
_TITLES = {"hsr": "Hard satisfaction (HSR)", "ssr": "Soft satisfaction (SSR)"}


@dataclass(frozen=True)
class Dots:
    """One line of a dot chart: a name, and one value with its interval per model."""

    name: str
    values: Sequence[tuple[float | None, Sequence[float | None]]]
    of_both: bool = False
    """Whether the value belongs to no model, such as a difference; it is then drawn in the colour of text."""


def level_curves(cards: Sequence[Scorecard]) -> Markup:
    """Draw every measure over all categories against the level, side by side, intervals as bands.

    Args:
        cards: One or two scorecards of a benchmark with levels, in the order of the page.

    Returns:
        An `<svg>`.
    """
    wide, high = _PANEL
    parts = []
    levels = cards[0].levels
    for position, measure in enumerate(leveled_measures(cards[0])[:2]):
        panel = [_axes(wide, high, _TITLES.get(measure, measure_name(measure)), levels)]
        for model, card in enumerate(cards):
            panel.append(_curve([card.estimate(measure, level=level) for level in levels], wide, high, model))
        parts.append(_group("translate({} 34)", 52 + position * (wide + 62), body=Markup("").join(panel)))
    return _svg(high + 84, "Measures by level, with intervals; the numbers are in the first table", parts)


def dot_chart(
    rows: Sequence[Dots],
    *,
    domain: tuple[float, float],
    ticks: Sequence[tuple[float, str]],
    title: str,
) -> Markup:
    """Draw one line per row, one dot with its interval per model.

    Args:
        rows: What to draw, top to bottom.
        domain: Values at the left and the right end.
        ticks: Values to mark, with their labels; zero is drawn stronger.
        title: What a screen reader says.

    Returns:
        An `<svg>`.
    """
    low, high = domain
    labels = _names_width(rows)

    def x(value: float) -> float:
        return labels + (min(max(value, low), high) - low) / (high - low) * (_WIDTH - labels - 30)

    height = len(rows) * _ROW
    parts = [
        _mark(
            '<line class="{}" x1="{}" x2="{}" y1="18" y2="{}"/><text class="tick" x="{}" y="{}">{}</text>',
            "zero" if value == 0 else "grid", _n(x(value)), _n(x(value)), height + 22, _n(x(value)), height + 38, label,
        )
        for value, label in ticks
    ]  # fmt: skip
    for number, row in enumerate(rows):
        middle = 22 + number * _ROW + _ROW / 2
        name = _mark('<text class="name" x="{}" y="{}">{}</text>', labels - 12, _n(middle + 4), _short(row.name))
        parts.append(name)
        for position, (value, (left, right)) in enumerate(row.values):
            y = middle + 13 * (position - (len(row.values) - 1) / 2)
            model = _OF_BOTH if row.of_both else position
            if value is None:
                parts.append(_mark('<text class="tick" x="{}" y="{}">not scored</text>', labels + 30, _n(y + 4)))
                continue
            if left is not None and right is not None:
                parts.append(
                    _mark('<line class="whisker s{}" x1="{}" x2="{}" y1="{}" y2="{}"/>',
                          model, _n(x(left)), _n(x(right)), _n(y), _n(y))
                )  # fmt: skip
            parts.append(_marker(model, x(value), y))
    return _svg(height + 46, title, parts)


def _names_width(rows: Sequence[Dots]) -> int:
    """Room for the longest name, of 520: names end at the lines and would lose their beginnings."""
    longest = max((len(_short(row.name)) for row in rows), default=0)
    return max(_LEAST_NAMES, round(_CHARACTER * longest) + 16)


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"


def _axes(wide: int, high: int, title: str, levels: Sequence[int]) -> Markup:
    parts = [_mark('<text class="title" x="{}" y="-14">{}</text>', wide / 2, title)]
    for percent in (0, 25, 50, 75, 100):
        y = _n(high - high * percent / 100)
        parts.append(
            _mark('<line class="grid" x1="0" x2="{}" y1="{}" y2="{}"/><text class="value" x="-8" y="{}">{}%</text>',
                  wide, y, y, _n(float(y) + 4), percent)
        )  # fmt: skip
    parts += [
        _mark('<text class="tick" x="{}" y="{}">{}</text>', _n(_level_x(position, len(levels), wide)), high + 20, level)
        for position, level in enumerate(levels)
    ]
    parts.append(_mark('<text class="tick" x="{}" y="{}">constraints in the instruction</text>', wide / 2, high + 40))
    return Markup("").join(parts)


def _curve(estimates: Sequence[Estimate], wide: int, high: int, model: int) -> Markup:
    """One estimate per level; those without a value leave a gap in the points, none in the line."""
    points = [
        (_level_x(position, len(estimates), wide), each.value, each)
        for position, each in enumerate(estimates)
        if each.value is not None
    ]
    bounded = [(x, each.low, each.high) for x, _, each in points if each.low is not None and each.high is not None]
    band = [(x, top) for x, _, top in bounded] + [(x, low) for x, low, _ in reversed(bounded)]
    path = " ".join(f"{_n(x)},{_n(high - high * value)}" for x, value, _ in points)
    area = " ".join(f"{_n(x)},{_n(high - high * value)}" for x, value in band)
    return Markup("").join(
        [
            _mark('<polygon class="band s{}" points="{}"/><polyline class="curve s{}" points="{}"/>',
                  model, area, model, path),
            *(_marker(model, x, high - high * value) for x, value, _ in points),
        ]
    )  # fmt: skip


def _level_x(position: int, levels: int, wide: int) -> float:
    return wide * (position + 0.5) / levels


def _marker(model: int, x: float, y: float) -> Markup:
    if model == 0:
        return _mark('<circle class="dot s0" cx="{}" cy="{}" r="5"/>', _n(x), _n(y))
    if model == _OF_BOTH:
        return _mark('<path class="dot s2" d="M{} {} l6 6 l-6 6 l-6 -6 z"/>', _n(x), _n(y - 6))
    return _mark('<rect class="dot s1" x="{}" y="{}" width="9" height="9"/>', _n(x - 4.5), _n(y - 4.5))


def _svg(height: float, title: str, parts: Sequence[Markup]) -> Markup:
    return _mark(
        '<svg viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>',
        _WIDTH,
        _n(height),
        title,
        Markup("").join(parts),
    )


def _group(transform: str, *numbers: float, body: Markup) -> Markup:
    return _mark('<g transform="{}">{}</g>', transform.format(*numbers), body)


def _mark(text: str, *values: object) -> Markup:
    """Fill in markup; what is not markup itself is escaped."""
    return Markup(text).format(*values)  # noqa: S704 - the patterns are ours, the values are escaped


def _n(value: float) -> str:
    return f"{value:.1f}"
