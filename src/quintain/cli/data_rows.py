"""Records in, rows out, for `quintain data export`."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from quintain.cli.data_folder import FILES
from quintain.datasets.atomic import written
from quintain.errors import ConfigError, RecordError
from quintain.given.exporting import as_line
from quintain.records import Instruction, InstructionPair, PreferencePair, Record
from quintain.text.json_lines import read_json_lines

_KINDS: dict[str, type[Record]] = {
    FILES["pairs"]: InstructionPair, FILES["preferences"]: PreferencePair, FILES["instructions"]: Instruction
}  # fmt: skip
_Rows = Iterable[Mapping[str, Any]]


def read_records(source: Path) -> Iterator[Record]:
    """Read the records of an import.

    Args:
        source: Its folder, or a file of instruction pairs, preference pairs or instructions.

    Yields:
        Record: The records, in order.

    Raises:
        RecordError: There are none, or a line is no such record; names file and line.
    """
    if source.is_dir():
        found = [source / name for name in _KINDS if (source / name).is_file()]
        if len(found) != 1:
            named = ", ".join(path.name for path in found) or f"none of {', '.join(_KINDS)}"
            raise RecordError(f"{source} holds {named}; name the file to be written")
        source = found[0]
    kinds = {kind: msgspec.json.Decoder(kind).decode for kind in _KINDS.values()}
    keys = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode

    def decode(line: bytes) -> Record:
        names = keys(line).keys()
        kind = PreferencePair if "rejected" in names else Instruction if "text" in names else InstructionPair
        return kinds[kind](line)

    for _, record in read_json_lines(source, decode):
        yield record


def write_rows(to: Path, rows: Callable[[], _Rows]) -> int:
    """Write rows to a file that takes its name when it is complete.

    Args:
        to: The file; its ending says how.
        rows: Gives the rows, each time from the first.

    Returns:
        Their number.

    Raises:
        ConfigError: The ending is none that is written.
        RecordError: Rows do not fit one table, or the disk refused.
    """
    writer = _WRITERS.get(to.suffix.lower())
    if writer is None:
        raise ConfigError(f"{to} must end in {', '.join(_WRITERS)}")
    with written(to) as temporary:
        return writer(temporary, rows)


def _lines(path: Path, rows: Callable[[], _Rows]) -> int:
    count = 0
    with path.open("wb") as file:
        for row in rows():
            count += file.write(as_line(dict(row))) > 0
    return count


def _array(path: Path, rows: Callable[[], _Rows]) -> int:
    count = 0
    with path.open("wb") as file:
        file.write(b"[\n")
        for count, row in enumerate(rows(), start=1):
            file.write((b",\n" if count > 1 else b"") + as_line(dict(row)).removesuffix(b"\n"))
        file.write(b"\n]\n")
    return count


def _table(delimiter: str) -> Callable[[Path, Callable[[], _Rows]], int]:
    def write(path: Path, rows: Callable[[], _Rows]) -> int:
        header = list(dict.fromkeys(name for row in rows() for name in row))
        count = 0
        with path.open("wb") as raw:
            file = io.TextIOWrapper(raw, encoding="utf-8", errors="backslashreplace", newline="")
            cells = csv.writer(file, delimiter=delimiter, lineterminator="\n")
            cells.writerow(header)
            for row in rows():
                count += cells.writerow([_cell(row.get(name)) for name in header]) > 0
            file.flush()
            file.detach()
        return count

    return write


def _cell(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _parquet(path: Path, rows: Callable[[], _Rows]) -> int:
    import pyarrow
    from pyarrow import parquet

    held = [dict(row) for row in rows()]
    columns = dict.fromkeys(name for row in held for name in row)
    try:
        table = pyarrow.Table.from_pylist([{name: row.get(name) for name in columns} for row in held])
    except (pyarrow.ArrowException, OverflowError, UnicodeEncodeError) as error:
        raise RecordError(f"the rows do not fit one table of Parquet ({error}); write them as .jsonl") from None
    parquet.write_table(table, path)
    return len(held)


_WRITERS = {
    ".jsonl": _lines, ".json": _array, ".csv": _table(","), ".tsv": _table("\t"), ".parquet": _parquet
}  # fmt: skip
"""Ending → how it is written."""
