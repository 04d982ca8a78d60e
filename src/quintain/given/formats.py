"""Format: how rows of one kind are told from others, read into records, and written back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from quintain.given.faults import is_absent
from quintain.given.layout import Layout
from quintain.records import Record

Values = Mapping[str, Any]
Output = Literal["pairs", "preferences", "instructions", "items", "edits"]
"""What rows become: instruction pairs, preference pairs, instructions to distil on, items of a benchmark, edits."""


@dataclass(frozen=True)
class Format:
    """A format of rows."""

    name: str
    """Name for commands and catalogs, such as `alpaca`."""
    title: str
    """Name for people."""
    output: Output
    """What its rows become."""
    columns: tuple[str, ...]
    """Columns that a record is made of."""
    fits: Callable[[Values], bool]
    """Whether a row has what this format is known by; columns that are null count as missing."""
    read: Callable[[Values, Layout], Record]
    """From a row under our names to a record; raises RowFault."""
    write: Callable[[Any], dict[str, Any]] | None = None
    """From a record to a row; raises RowFault where this format cannot hold it. None where rows come back only as they
    came."""
    weak: bool = False
    """True where rows of other formats from which something is missing look like this one."""


def present(row: Values) -> set[str]:
    """Columns of a row that hold something."""
    return {name for name, value in row.items() if not is_absent(value)}
