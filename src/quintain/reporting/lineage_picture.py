"""A lineage as one SVG without links: data, stages and models, from top to bottom, no wider than a screen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal

_WIDTH, _HEIGHT, _GAP_X, _GAP_Y, _MARGIN = 204, 44, 22, 40, 20
_MOST = 5
"""Boxes in a line: with more, texts would be too small to read on a screen that shows all of them."""
_KEY_HEIGHT, _KEY_WIDTH = 46, 176
_ROUND = {"data": 3, "stage": 3, "model": 22}
_KEY = {"stage": "stage of a pipeline", "data": "data", "model": "model"}
_TITLE_CHARACTERS, _NOTE_CHARACTERS = 28, 30
_SWEEPS = 4
# A picture that is opened by itself follows the reader's scheme as our pages do.
_STYLE = """<style>
.page { fill: #ffffff; } .arrow { stroke: #8b9096; fill: none; } .head { fill: #8b9096; }
text { fill: #1c1e21; font-family: system-ui, sans-serif; font-size: 12px; } .note { fill: #5a6068; font-size: 10px; }
.middle { text-anchor: middle; }
.data { fill: #f6f1df; stroke: #b39b55; } .stage { fill: #e6eff8; stroke: #6f94bb; }
.model { fill: #e2f3e5; stroke: #4f9758; }
@media (prefers-color-scheme: dark) {
.page { fill: #16181b; } .arrow { stroke: #7d848c; } .head { fill: #7d848c; }
text { fill: #e8eaed; } .note { fill: #a6adb5; }
.data { fill: #37321f; stroke: #b39b55; } .stage { fill: #1d2f42; stroke: #6f94bb; }
.model { fill: #1d3a24; stroke: #5fb06a; }
}
</style>"""


@dataclass(frozen=True)
class Box:
    """One thing in the picture."""

    kind: Literal["data", "stage", "model"]
    title: str
    note: str = ""
    """Second line, such as a hash."""


Edge = tuple[str, str]
"""Ids of where an arrow starts and where it ends."""


def lineage_picture(boxes: Mapping[str, Box], edges: Sequence[Edge]) -> str:
    """Draw boxes in lines, each below everything that it was made from, under a key to their colours.

    Args:
        boxes: Id → box.
        edges: Arrows between them; they never go round in a circle.

    Returns:
        SVG with texts, hover titles and colours for a light and a dark scheme inside; no scripts, no fonts, nothing to
        fetch.

    Raises:
        ValueError: The arrows go round in a circle.
    """
    lines = _lines(boxes, edges)
    kinds = [kind for kind in _KEY if any(box.kind == kind for box in boxes.values())]
    across = max((len(line) for line in lines), default=0)
    width = 2 * _MARGIN + max(across * (_WIDTH + _GAP_X) - _GAP_X, len(kinds) * _KEY_WIDTH)
    height = 2 * _MARGIN + _KEY_HEIGHT + len(lines) * (_HEIGHT + _GAP_Y) - _GAP_Y
    places = {
        name: (
            width / 2 + (position - len(line) / 2) * (_WIDTH + _GAP_X) + _GAP_X / 2,
            _MARGIN + _KEY_HEIGHT + number * (_HEIGHT + _GAP_Y),
        )
        for number, line in enumerate(lines)
        for position, name in enumerate(line)
    }
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
            'role="img">',
            "<title>Lineage</title>",
            _STYLE,
            f'<rect class="page" width="{width}" height="{height}"/>',
            *(_key(kind, number) for number, kind in enumerate(kinds)),
            *(_arrow(places[start], places[end]) for start, end in edges),
            *(_box(box, *places[name]) for name, box in boxes.items()),
            "</svg>",
            "",
        ]
    )


def ranks(boxes: Mapping[str, Box], edges: Sequence[Edge]) -> dict[str, int]:
    """Rank of each box, from the top: one below the last thing that it was made from.

    What nothing in the picture made stands just above the first thing that was made from it.

    Args:
        boxes: Id → box.
        edges: Arrows between them.

    Returns:
        Id → rank, from 0.

    Raises:
        ValueError: The arrows go round in a circle.
    """
    place = dict.fromkeys(boxes, 0)
    for _ in range(len(boxes) + 1):
        moved = False
        for start, end in edges:
            if place[end] <= place[start]:
                place[end], moved = place[start] + 1, True
        if not moved:
            return place | _given(boxes, edges, place)
    raise ValueError("the arrows go round in a circle, so no box is the first")


def _given(boxes: Mapping[str, Box], edges: Sequence[Edge], place: Mapping[str, int]) -> dict[str, int]:
    made = {end for _, end in edges}
    uses = {name: [place[end] for start, end in edges if start == name] for name in boxes if name not in made}
    return {name: min(found) - 1 for name, found in uses.items() if found}


def _lines(boxes: Mapping[str, Box], edges: Sequence[Edge]) -> list[list[str]]:
    """Boxes of each line; a box moves towards the mean place of its neighbours, so that few arrows cross."""
    rank = ranks(boxes, edges)
    neighbours: dict[str, list[str]] = {name: [] for name in boxes}
    for start, end in edges:
        neighbours[start].append(end)
        neighbours[end].append(start)
    rows: dict[int, list[str]] = {}
    for name in boxes:
        rows.setdefault(rank[name], []).append(name)
    place = {name: at for row in rows.values() for name, at in _centred(row)}
    for _ in range(_SWEEPS):
        for row in rows.values():
            wish = {
                name: sum(place[other] for other in neighbours[name]) / len(neighbours[name])
                if neighbours[name]
                else place[name]
                for name in row
            }
            row.sort(key=wish.__getitem__)
            place |= dict(_centred(row))
    return [row[start : start + _MOST] for _, row in sorted(rows.items()) for start in range(0, len(row), _MOST)]


def _centred(row: Sequence[str]) -> list[tuple[str, float]]:
    return [(name, position - (len(row) - 1) / 2) for position, name in enumerate(row)]


def _key(kind: str, number: int) -> str:
    x = _MARGIN + number * _KEY_WIDTH
    return (
        f'<rect class="{kind}" x="{x}" y="{_MARGIN}" width="26" height="16" rx="{min(_ROUND[kind], 8)}"/>'
        f'<text x="{x + 34}" y="{_MARGIN + 12.5:g}">{_KEY[kind]}</text>'
    )


def _arrow(start: tuple[float, float], end: tuple[float, float]) -> str:
    x, y = start[0] + _WIDTH / 2, start[1] + _HEIGHT
    to_x, to_y = end[0] + _WIDTH / 2, end[1]
    bend = (to_y - y) / 2
    return (
        f'<path class="arrow" d="M{x:g} {y:g} C{x:g} {y + bend:g} {to_x:g} {to_y - bend:g} {to_x:g} {to_y:g}"/>'
        f'<path class="head" d="M{to_x:g} {to_y:g} l-4 -7 h8 z"/>'
    )


def _box(box: Box, x: float, y: float) -> str:
    middle = x + _WIDTH / 2
    note = f'<text class="note middle" x="{middle:g}" y="{y + 34:g}">{_note(box.note)}</text>' if box.note else ""
    return (
        f"<g><title>{escape(f'{box.title} {box.note}'.strip())}</title>"
        f'<rect class="{box.kind}" x="{x:g}" y="{y:g}" width="{_WIDTH}" height="{_HEIGHT}" rx="{_ROUND[box.kind]}"/>'
        f'<text class="middle" x="{middle:g}" y="{y + (19 if box.note else 27):g}">'
        f"{_short(box.title, _TITLE_CHARACTERS)}</text>{note}</g>"
    )


def _short(text: str, most: int) -> str:
    """Shortened from the left: the end of a path says more than its beginning."""
    return escape(text if len(text) <= most else f"…{text[len(text) - most + 1 :]}")


def _note(text: str) -> str:
    """A hash is known by its first digits, a path by its end."""
    if "/" in text or len(text) <= _NOTE_CHARACTERS:
        return _short(text, _NOTE_CHARACTERS)
    return escape(f"{text[: _NOTE_CHARACTERS - 1]}…")
