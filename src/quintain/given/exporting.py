"""Export: records become rows again, those that were imported with every column that they came with."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from quintain.errors import ConfigError
from quintain.given.columns import Columns
from quintain.given.detection import FORMATS
from quintain.given.faults import RowFault
from quintain.given.formats import Format
from quintain.given.remainder import FORMAT, NAMES, REST, SOURCE, read_names, read_remainder
from quintain.records import InstructionPair, Origin, PreferencePair, Record

_BY_DEFAULT = {InstructionPair: "messages", PreferencePair: "preference"}
_OURS = (SOURCE, FORMAT, REST, NAMES)


class Exporter:
    """Writes records as rows.

    Args:
        format_name: Format of all rows; empty: each as it came, others as messages or as TRL's preference columns.

    Raises:
        ConfigError: There is no such format, or rows cannot be written in it.
    """

    def __init__(self, format_name: str = "") -> None:
        if format_name and (format_name not in FORMATS or FORMATS[format_name].write is None):
            known = ", ".join(name for name, each in FORMATS.items() if each.write)
            raise ConfigError(f"there is no format {format_name!r} to write; there are {known}")
        self._name = format_name
        self.left_out: Counter[str] = Counter()
        """Columns that rows came with and that their new format uses for something else, by name."""
        self.refused: list[str] = []
        """Records that the format cannot hold, and why."""

    def rows(self, records: Iterable[Record]) -> Iterator[dict[str, Any]]:
        """Write records; one that the format cannot hold is left out and named in `refused`.

        Args:
            records: The records.

        Yields:
            dict[str, Any]: One row each.
        """
        self.left_out, self.refused = Counter(), []
        for record in records:
            try:
                yield self._row(record)
            except RowFault as fault:
                self.refused.append(f"{record.origin.knobs.get(SOURCE) or record.id}: {fault}")

    def _row(self, record: Record) -> dict[str, Any]:
        came = FORMATS.get(record.origin.knobs.get(FORMAT, ""))
        bare = replace(record, id=record.id, origin=_without_ours(record.origin))
        chosen = self._chosen(record, came)
        rest = read_remainder(record.origin)
        more: dict[str, Any] = rest.get("more", {})
        if chosen is came and record.is_intact:
            row = {**(came.write(bare) if came and came.write else {}), **more}
            row = {name: row[name] for name in rest.get("order", row) if name not in rest.get("less", ())}
            return Columns(read_names(record.origin)).theirs(row, rest.get("hidden", {}))
        if chosen.write is None or chosen.output != _output(record):
            raise RowFault("not-written", f"{chosen.title} cannot hold it")
        row = chosen.write(bare)
        # What the record was made of is in the record, and may have been changed there.
        beside = {name: value for name, value in more.items() if came is None or name not in came.columns}
        for name, value in {**beside, **rest.get("hidden", {})}.items():
            if name in row:
                self.left_out[name] += 1
            else:
                row[name] = value
        return row

    def _chosen(self, record: Record, came: Format | None) -> Format:
        if self._name:
            return FORMATS[self._name]
        if came is not None and (came.write or record.is_intact):
            return came
        return FORMATS[_BY_DEFAULT.get(type(record), "instructions")]


def _output(record: Record) -> str:
    if isinstance(record, InstructionPair):
        return "pairs"
    return "preferences" if isinstance(record, PreferencePair) else "instructions"


def _without_ours(origin: Origin) -> Origin:
    return replace(origin, knobs={name: value for name, value in origin.knobs.items() if name not in _OURS})


def as_line(row: dict[str, Any]) -> bytes:
    """A row as a line of JSON; halves of characters are spelled in ASCII."""
    try:
        return (json.dumps(row, ensure_ascii=False) + "\n").encode("utf-8")
    except UnicodeEncodeError:
        return (json.dumps(row) + "\n").encode("ascii")
