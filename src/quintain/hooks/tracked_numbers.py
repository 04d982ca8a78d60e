"""Numbers of a run: all of them by name, and the few that MLflow shows."""

import csv
import dataclasses
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from quintain.benchmarks.scorecard import Scorecard
from quintain.registry.runs import MOST_METRICS, in_turns

_VALUE = ".value"


def flat(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Leaves of a nested mapping by dotted name; list items by their position, counted from 1."""
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from flat(value, f"{prefix}{name}.")
        elif isinstance(value, list | tuple):
            yield from flat({str(i): item for i, item in enumerate(value, start=1)}, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def numbers_of(document: Mapping[str, Any] | Scorecard) -> dict[str, float]:
    """Take the leaves of a document that are numbers, the main ones first.

    Args:
        document: A report or a scorecard.

    Returns:
        Name that MLflow takes → number; what stands higher in the document comes first, in its order. A truth value is
        no number.
    """
    values = _by_place(document) if isinstance(document, Scorecard) else document
    found = {
        # Without the characters that MLflow refuses; a judge's identity is full of them.
        re.sub(r"[^\w\-. :/]", "_", name): float(value)
        for name, value in flat(values)
        if isinstance(value, int | float) and not isinstance(value, bool)
    }
    return dict(sorted(found.items(), key=lambda item: item[0].removesuffix(_VALUE).count(".")))


def main_numbers(documents: Sequence[Mapping[str, float]], most: int = MOST_METRICS) -> dict[str, float]:
    """Choose the main numbers of several documents: the first of each, the second of each, and so on.

    >>> main_numbers([{"a": 1, "b": 2, "c": 3}, {"d": 4}], most=3)
    {'a': 1, 'd': 4, 'b': 2}
    """
    everything = {name: value for document in documents for name, value in document.items()}
    return {name: everything[name] for name in in_turns(documents, most)}


def as_csv(numbers: Mapping[str, float]) -> str:
    """All numbers as a table, one in a row; MLflow shows such an artifact as a table."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("name", "value"))
    writer.writerows(numbers.items())
    return text.getvalue()


def _by_place(card: Scorecard) -> dict[str, Any]:
    """Estimates of a scorecard by measure, the headline first, of its tables by category and level; its counts."""
    plain: dict[str, Any] = {name: value for name, value in card.as_dict().items() if name != "tables"}
    measures = plain.pop("measures")
    headline = {card.headline: measures[card.headline]} if card.headline in measures else {}
    plain = headline | measures | plain
    for cell in card.tables:
        at = plain
        for part in filter(None, (cell.category, f"level_{cell.level}" if cell.level else "")):
            at = at.setdefault(part, {})
        at[cell.measure] = dataclasses.asdict(cell.estimate)
    return plain
