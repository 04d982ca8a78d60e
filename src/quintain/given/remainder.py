"""Remainder of a row: all of it that its record does not hold, so that the row can be written back."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from quintain.given.faults import RowFault
from quintain.given.formats import Format
from quintain.given.layout import Layout
from quintain.records import Origin, Record

SOURCE, FORMAT, REST, NAMES = "source", "format", "rest", "columns"
"""Names in `origin.knobs`: file and line; format; the remainder as JSON; names of columns as JSON."""


def with_remainder(
    record: Record, row: Mapping[str, Any], hidden: Mapping[str, Any], where: str, found: Format, layout: Layout
) -> Record:
    """Put into a record's origin where its row stood, and what of the row is nowhere else.

    Args:
        record: The record that was read.
        row: The row, under our names.
        hidden: Columns of the file that stood under one of our names and mean something else.
        where: File and line.
        found: Format of the row.
        layout: Names of the file's columns.

    Returns:
        The record, with the same id; one that was imported before keeps what it says of its first file.
    """
    if FORMAT in record.origin.knobs:
        return record
    written = _written(found, record)
    rest: dict[str, Any] = {}
    more = {name: value for name, value in row.items() if name not in written or not _same(written[name], value)}
    if more:
        rest["more"] = more
    if less := sorted(written.keys() - row.keys()):
        rest["less"] = less
    if [name for name in written | more if name in row] != list(row):
        rest["order"] = list(row)
    if hidden:
        rest["hidden"] = dict(hidden)
    knobs = {**record.origin.knobs, SOURCE: where, FORMAT: found.name}
    if rest:
        knobs[REST] = _as_text(rest)
    if layout.columns.names:
        knobs[NAMES] = _as_text(layout.columns.names)
    origin = replace(record.origin, knobs=knobs) if record.origin != Origin() else Origin(knobs=knobs)
    return replace(record, id=record.id, origin=origin)


def read_remainder(origin: Origin) -> dict[str, Any]:
    """The remainder of a record's row, empty where it has none."""
    return _as_object(origin.knobs.get(REST, ""))


def read_names(origin: Origin) -> dict[str, str]:
    """Our names → names in the file that a record comes from."""
    return _as_object(origin.knobs.get(NAMES, ""))


def _as_object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text) if text else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _written(found: Format, record: Record) -> dict[str, Any]:
    try:
        return found.write(record) if found.write else {}
    except RowFault:
        return {}


def _same(one: object, other: object) -> bool:
    """True for values that JSON writes the same: 1, 1.0 and true are equal in Python alone."""
    return one == other and _as_text(one) == _as_text(other)


def _as_text(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:  # half of a character, which ASCII can spell
        return json.dumps(value, separators=(",", ":"))
    return text
