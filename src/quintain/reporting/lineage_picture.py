"""A lineage as one SVG without links: data, stages and models, from left to right."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal

_WIDTH, _HEIGHT, _GAP_X, _GAP_Y, _MARGIN = 230, 44, 60, 16, 20
_LOOKS = {"data": ("#f6f4ec", "#b8ad8a", 3), "stage": ("#eaf1f8", "#7a9cbf", 3), "model": ("#e9f5ea", "#5c9e63", 22)}
_TITLE_CHARACTERS, _NOTE_CHARACTERS = 32, 40
_SWEEPS = 4


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
    """Draw boxes in columns, each to the right of everything that it was made from.

    Args:
        boxes: Id → box.
        edges: Arrows between them; they never go round in a circle.

    Returns:
        SVG with texts, colours and hover titles inside; no scripts, no fonts, nothing to fetch.

    Raises:
        ValueError: The arrows go round in a circle.
    """
    rows = _rows(boxes, edges)
    height = max((row for _, row in rows.values()), default=0) + 1
    width = max((column for column, _ in rows.values()), default=0) + 1
    size = (width * (_WIDTH + _GAP_X) - _GAP_X + 2 * _MARGIN, height * (_HEIGHT + _GAP_Y) - _GAP_Y + 2 * _MARGIN)
    places = {
        name: (_MARGIN + column * (_WIDTH + _GAP_X), _MARGIN + row * (_HEIGHT + _GAP_Y))
        for name, (column, row) in rows.items()
    }
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size[0]} {size[1]}" width="{size[0]}" '
            f'height="{size[1]}" font-family="sans-serif" role="img">',
            "<title>Lineage</title>",
            f'<rect width="{size[0]}" height="{size[1]}" fill="#ffffff"/>',
            *(_arrow(places[start], places[end]) for start, end in edges),
            *(_box(box, *places[name]) for name, box in boxes.items()),
            "</svg>",
            "",
        ]
    )


def columns(boxes: Mapping[str, Box], edges: Sequence[Edge]) -> dict[str, int]:
    """Column of each box, from the left: one after the last thing that it was made from.

    Args:
        boxes: Id → box.
        edges: Arrows between them.

    Returns:
        Id → column, from 0.

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
            return place
    raise ValueError("the arrows go round in a circle, so no box is the first")


def _rows(boxes: Mapping[str, Box], edges: Sequence[Edge]) -> dict[str, tuple[int, int]]:
    """Column and row of each box; a box moves towards the mean row of its neighbours, so that few arrows cross."""
    column = columns(boxes, edges)
    neighbours: dict[str, list[str]] = {name: [] for name in boxes}
    for start, end in edges:
        neighbours[start].append(end)
        neighbours[end].append(start)
    stacks: dict[int, list[str]] = {}
    for name in boxes:
        stacks.setdefault(column[name], []).append(name)
    row = {name: i for stack in stacks.values() for i, name in enumerate(stack)}
    for _ in range(_SWEEPS):
        for stack in stacks.values():
            wish = {
                name: sum(row[other] for other in neighbours[name]) / len(neighbours[name])
                if neighbours[name]
                else row[name]
                for name in stack
            }
            stack.sort(key=wish.__getitem__)
            row |= {name: i for i, name in enumerate(stack)}
    return {name: (column[name], row[name]) for name in boxes}


def _arrow(start: tuple[float, float], end: tuple[float, float]) -> str:
    x, y = start[0] + _WIDTH, start[1] + _HEIGHT / 2
    to_x, to_y = end[0], end[1] + _HEIGHT / 2
    bend = (to_x - x) / 2
    return (
        f'<path d="M{x:g} {y:g} C{x + bend:g} {y:g} {to_x - bend:g} {to_y:g} {to_x:g} {to_y:g}" fill="none" '
        f'stroke="#9a9a9a"/><path d="M{to_x:g} {to_y:g} l-7 -4 v8 z" fill="#9a9a9a"/>'
    )


def _box(box: Box, x: float, y: float) -> str:
    fill, stroke, radius = _LOOKS[box.kind]
    middle = x + _WIDTH / 2
    note = (
        f'<text x="{middle:g}" y="{y + 34:g}" text-anchor="middle" font-size="10" fill="#555555">'
        f"{_short(box.note, _NOTE_CHARACTERS)}</text>"
        if box.note
        else ""
    )
    return (
        f"<g><title>{escape(f'{box.title} {box.note}'.strip())}</title>"
        f'<rect x="{x:g}" y="{y:g}" width="{_WIDTH}" height="{_HEIGHT}" rx="{radius}" fill="{fill}" stroke="{stroke}"/>'
        f'<text x="{middle:g}" y="{y + (19 if box.note else 27):g}" text-anchor="middle" font-size="12" fill="#222222">'
        f"{_short(box.title, _TITLE_CHARACTERS)}</text>{note}</g>"
    )


def _short(text: str, most: int) -> str:
    """Shortened from the left: the end of a path says more than its beginning."""
    return escape(text if len(text) <= most else f"…{text[len(text) - most + 1 :]}")
