"""Drill-down of a scorecard page: every item, every response, every verdict, as one block of JSON.

Responses are text of strangers. They travel as data, never as markup: the block cannot end its own element, and the
page writes them as text nodes.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from quintain.benchmarks.satisfaction.sheet import CATEGORIES
from quintain.records import ConstraintItem, Judgement, Satisfied

LONGEST = 20_000
"""Characters of a text that a page shows; the rest is counted, and stays in judgements.jsonl."""

_LETTERS = {True: "y", False: "n", None: "u"}
# What could end the element or start another one, inside a string of JSON; the two separators end lines in old scripts.
_UNSAFE = {ord(mark): f"\\u{ord(mark):04x}" for mark in "<>&\u2028\u2029"}


def drilldown(sides: Sequence[Sequence[Judgement]], items: Sequence[ConstraintItem] = ()) -> Markup:
    """Put judgements into a block for the page's script.

    Args:
        sides: Judgements of one model or of two.
        items: The pack, where it is at hand; without it, there are no instructions and no rules to show.

    Returns:
        JSON that is safe inside `<script type="application/json">`: a list of items in the order of category, group and
        level.
    """
    known = {item.id: item for item in items}
    by_item = [{judgement.item_id: judgement for judgement in side} for side in sides]
    first = {judgement.item_id: judgement for side in reversed(sides) for judgement in side}
    rows = [
        _row(judgement, known.get(item_id), [side.get(item_id) for side in by_item])
        for item_id, judgement in sorted(first.items(), key=lambda pair: _place(pair[1]))
    ]
    text = json.dumps(rows, ensure_ascii=False, separators=(",", ":")).translate(_UNSAFE)
    return Markup(text)  # noqa: S704 - escaped above, for the place it stands in


def _row(about: Judgement, item: ConstraintItem | None, said: Sequence[Judgement | None]) -> dict[str, Any]:
    row: dict[str, Any] = {"c": about.category, "g": about.example_id, "l": about.level, "s": [*map(_side, said)]}
    if item is not None:
        row |= {"t": item.prompt[:LONGEST], "r": [f"{_words(rule.kind)}: {rule.value}" for rule in item.rules]}
    return row


def _side(judgement: Judgement | None) -> dict[str, Any] | None:
    if judgement is None:
        return None
    scored = judgement.is_scored
    text = judgement.response
    side: dict[str, Any] = {
        "v": "".join(_letter(verdict, scored) for verdict in judgement.satisfied) or "-" * judgement.level,
        "h": _letter(judgement.hard, scored),
        "w": judgement.by,
        "o": text[:LONGEST],
    }
    optional: Mapping[str, Any] = {
        "b": None if judgement.base_task is None else _LETTERS[judgement.base_task],
        "e": judgement.evidence if any(judgement.evidence) else None,
        "j": judgement.raw[:LONGEST],
        "x": max(0, len(text) - LONGEST),
    }
    return side | {name: value for name, value in optional.items() if value}


def _letter(verdict: Satisfied, scored: bool) -> str:
    return _LETTERS[verdict] if scored else "-"


def _words(kind: str) -> str:
    return kind.replace("_", " ")


def _place(judgement: Judgement) -> tuple[int, str, int, str, int]:
    category = judgement.category
    position = CATEGORIES.index(category) if category in CATEGORIES else len(CATEGORIES)
    # content-2 before content-10
    number = int("".join(re.findall(r"[0-9]", judgement.example_id)) or 0)
    return position, category, number, judgement.example_id, judgement.level
