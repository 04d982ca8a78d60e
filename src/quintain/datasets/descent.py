"""Rows of data by their descent: what a row was made from, and what was made from it."""

import gzip
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, cast

import msgspec

from quintain.errors import RecordError


@dataclass(frozen=True)
class Source:
    """A file of records: JSON lines, or Parquet with the columns `id` and `parents`."""

    file: Path
    format: str
    """Ending of its proper name, such as `.jsonl.gz`; a file in DVC's cache has none."""


@dataclass
class Descent:
    """The relatives of a row."""

    parents: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """The row and every row above it → ids of what it was made from; calls to models are among those."""
    descendants: set[str] = field(default_factory=set)
    """The row and every row below it."""
    places: dict[str, set[Source]] = field(default_factory=dict)
    """Each of them → the files that hold it."""


class _Origin(msgspec.Struct, frozen=True):
    parents: tuple[str, ...] = ()


class _Row(msgspec.Struct, frozen=True):
    id: str = ""
    origin: _Origin = _Origin()


def follow(row_id: str, sources: Iterable[Source]) -> Descent:
    """Find everything that a row descends from and everything that descends from it.

    The files are read from beginning to end, once for every step of the longest descent, and never held in memory.

    Args:
        row_id: Id of the row.
        sources: The files.

    Returns:
        Its relatives; `places` has no entry for the row when no file holds it.

    Raises:
        RecordError: A file is broken.
    """
    sources = list(sources)
    descent = Descent(descendants={row_id})
    above = {row_id}
    known = (0, 0)
    while known != (known := (len(above), len(descent.descendants))):
        for source in sources:
            for each, parents in rows_of(source):
                if each in above:
                    descent.parents[each] = parents
                    above.update(parents)
                if not descent.descendants.isdisjoint(parents):
                    descent.descendants.add(each)
                if each in above or each in descent.descendants:
                    descent.places.setdefault(each, set()).add(source)
    return descent


def rows_of(source: Source) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Read ids and parents of a file's rows.

    Args:
        source: The file.

    Yields:
        Id and parents of each row that has an id.

    Raises:
        RecordError: The file is broken.
    """
    if source.format == ".parquet":
        yield from _parquet_rows(source.file)
        return
    decode = msgspec.json.Decoder(_Row).decode
    number = 1
    try:
        with _opened(source) as lines:
            for line in lines:
                try:
                    row = decode(line)
                except msgspec.ValidationError:  # a row of somebody else's, with an id of another kind
                    row = _Row()
                if row.id:
                    yield row.id, row.origin.parents
                number += 1
    except (msgspec.DecodeError, EOFError, gzip.BadGzipFile) as error:
        raise RecordError(f"{source.file}, line {number}: {error}; make the file again") from None


def _opened(source: Source) -> IO[bytes]:
    return cast("IO[bytes]", gzip.open(source.file, "rb")) if source.format == ".jsonl.gz" else source.file.open("rb")


def _parquet_rows(file: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    from pyarrow import parquet

    with parquet.ParquetFile(file) as opened:
        if not {"id", "parents"} <= set(opened.schema_arrow.names):
            return
        for batch in opened.iter_batches(columns=["id", "parents"]):
            for row in batch.to_pylist():
                yield row["id"], tuple(row["parents"] or ())
