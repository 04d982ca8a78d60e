"""Import: rows of files as people have them become records, or are dropped, each with its reason."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from typing import Any

from quintain.errors import RecordError
from quintain.given.detection import FORMATS, Taken, for_row, remedy, take
from quintain.given.faults import RowFault
from quintain.given.formats import Output
from quintain.given.layout import Layout
from quintain.given.remainder import with_remainder
from quintain.given.rows import Row
from quintain.given.seen_ids import SeenIds
from quintain.given.sources import Source
from quintain.records import SHOWN_CHARACTERS, ConstraintItem, Dropped, Record
from quintain.text.surrogates import without_surrogates

STAGE = "import"
_LOOKED_AT_ROWS = 100
"""Rows of a file by which its format is told."""
_HEX = frozenset("0123456789abcdef")


@dataclass
class FileReport:
    """Report of a file: its kind, its formats, and the rows that were dropped."""

    name: str
    """The file."""
    kind: str
    """Kind of the file, such as `JSON lines`."""
    taken: Taken = field(default_factory=lambda: Taken(None, ""))
    """What it was taken for."""
    formats: Counter[str] = field(default_factory=Counter)
    """Rows by the title of their format."""
    dropped: Counter[str] = field(default_factory=Counter)
    """Dropped rows by reason."""
    rows: int = 0
    """Its rows."""

    @property
    def kept(self) -> int:
        """Rows that became records."""
        return self.rows - self.dropped.total()

    @property
    def line(self) -> str:
        """One line: what the file was taken for and why, and what was dropped."""
        main = self.taken.main
        said = f"{self.name}: {self.kind}, taken for {main.title if main else 'nothing'}"
        said += f", since {self.taken.why}" if self.taken.why else ""
        if others := [
            f"{count} rows are {title}" for title, count in self.formats.items() if main and title != main.title
        ]:
            said += f"; mixed: {', '.join(others)}"
        reasons = ", ".join(f"{count} {reason}" for reason, count in self.dropped.most_common())
        return f"{said}; {self.kept} of {self.rows} rows kept" + (f", dropped {reasons}" if reasons else "")


@dataclass(frozen=True)
class Imported:
    """A record that a row became."""

    output: Output
    """What kind of record."""
    record: Record
    """The record."""
    row: Mapping[str, Any]
    """The row, under our names."""


class Importer:
    """Reads files one after the other; a record that came before, in whichever file, is dropped as `duplicate`."""

    def __init__(self) -> None:
        self._seen = SeenIds()
        self.reports: list[FileReport] = []

    @property
    def rows(self) -> int:
        """Rows of all files so far."""
        return sum(report.rows for report in self.reports)

    @property
    def kept(self) -> int:
        """Rows that became records so far."""
        return sum(report.kept for report in self.reports)

    def read(self, source: Source, layout: Layout) -> Iterator[Imported | Dropped]:
        """Read a file.

        Args:
            source: The file.
            layout: What is known of it.

        Yields:
            Imported | Dropped: What each row became.

        Raises:
            RecordError: It cannot be read, no row fits any format, or columns that were named are in no row.
        """
        report = FileReport(source.name, source.kind)
        self.reports.append(report)
        rows = source.rows()
        first = list(islice(rows, _LOOKED_AT_ROWS))
        _require_columns(source.name, layout, first)
        report.taken = take([layout.columns.ours(row.values)[0] for row in first if row.fault is None], layout)
        if not first:
            raise RecordError(f"{source.name} holds no row")
        if report.taken.main is None:
            raise _unknown(source.name, first)
        paths = _Paths()
        for row in chain(first, rows):
            report.rows += 1
            try:
                yield self._imported(row, report, layout, paths)
            except RowFault as fault:
                report.dropped[fault.reason] += 1
                yield _dropped(row, fault)

    def _imported(self, row: Row, report: FileReport, layout: Layout, paths: "_Paths") -> Imported:
        if row.fault:
            raise row.fault
        if missing := layout.columns.missing(row.values):
            raise RowFault("missing-column", ", ".join(missing))
        values, hidden = layout.columns.ours(row.values)
        found = FORMATS[layout.format] if layout.format else for_row(values, report.taken.main, layout)
        if found is None:
            raise RowFault("unknown-format", f"the row has {', '.join(map(str, values)) or 'no column'}")
        report.formats[found.title] += 1
        path = paths.before(values) if found.output == "items" else ()
        record = found.read(values, layout)
        if isinstance(record, ConstraintItem):
            record = replace(record, id="", path=path)
        if not self._seen.add(_key(record)):
            raise RowFault("duplicate", "a row before it is the same")
        return Imported(found.output, with_remainder(record, values, hidden, row.where, found, layout), values)


class _Paths:
    """Instructions of the levels before, for items that come group by group, the bare one first."""

    def __init__(self) -> None:
        self._group = ""
        self._path: tuple[str, ...] = ()

    def before(self, row: Mapping[str, Any]) -> tuple[str, ...]:
        """Instructions before a row; the row's own is noted for the next. Items with examples have none."""
        group = f"{row.get('example_id')}"
        if group != self._group or row.get("category") == "example":
            self._group, self._path = group, ()
        found = self._path
        self._path = (*found, str(row.get("instruction")))
        return found


def _key(record: Record) -> str:
    """The content's hash; a row may bring an id of its own."""
    own = record.id
    return own if len(own) == 16 and _HEX.issuperset(own) else replace(record, id="").id


def _require_columns(name: str, layout: Layout, rows: list[Row]) -> None:
    whole = [row for row in rows if row.fault is None]
    for ours, theirs in layout.columns.names.items():
        if whole and not any(theirs in row.values for row in whole):
            have = dict.fromkeys(str(column) for row in whole for column in row.values)
            raise RecordError(
                f"{name}: no row has a column {theirs!r}, which {ours} was to be read from; the columns are "
                f"{', '.join(have)}. Correct --columns (`columns` in the catalog)"
            )


def _unknown(name: str, rows: list[Row]) -> RecordError:
    whole = [row.values for row in rows if row.fault is None]
    if not whole:
        fault = rows[0].fault
        return RecordError(f"{name}: none of its first {len(rows)} rows can be read; {rows[0].where}: {fault}")
    have = ", ".join(dict.fromkeys(str(column) for values in whole for column in values)) or "no columns"
    return RecordError(f"{name} fits no format that is known: its rows have {have}; {remedy(whole)}")


def _dropped(row: Row, fault: RowFault) -> Dropped:
    where = f"{row.where}: {fault.detail}" if fault.detail else row.where
    text = row.text or (json.dumps(row.values, ensure_ascii=False, default=str) if row.values else "")
    return Dropped(
        stage=STAGE,
        reason=fault.reason,
        where=without_surrogates(where),
        text=without_surrogates(text[:SHOWN_CHARACTERS]),
    )
