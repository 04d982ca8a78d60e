"""Row of a file as people have it: an object, or what stands there instead."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from quintain.given.faults import RowFault, kind_of
from quintain.records import SHOWN_CHARACTERS


@dataclass(frozen=True)
class Row:
    """A row, and where it stands."""

    where: str
    """File and line, such as `pairs.jsonl, line 3`; file and row where a file has no lines."""
    values: Mapping[str, Any]
    """Columns of the row; empty where it is none."""
    fault: RowFault | None = None
    """Why it is no row of columns."""
    text: str = ""
    """Beginning of what stands there instead."""


Rows = Iterator[Row]


def as_row(where: str, value: object) -> Row:
    """A parsed value as a row."""
    if isinstance(value, dict):
        return Row(where, value)
    return Row(where, {}, RowFault("no-object", f"the row is {kind_of(value)}"), str(value)[:SHOWN_CHARACTERS])
