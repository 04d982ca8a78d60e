"""Lists of records as JSON lines, one typed record a line."""

import dataclasses
import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from kedro.io import AbstractDataset
from kedro_datasets._typing import TablePreview

from quintain import records
from quintain.datasets import atomic
from quintain.errors import ConfigError, RecordError

_PREVIEW_CHARACTERS = 200


def record_type(name: str) -> type[records.Record]:
    """Look up a record type of `quintain.records` by name.

    Raises:
        ConfigError: There is none of that name.
    """
    kind = getattr(records, name, None)
    if not (isinstance(kind, type) and issubclass(kind, records.Record)):
        known = sorted(k for k, v in vars(records).items() if isinstance(v, type) and issubclass(v, records.Record))
        raise ConfigError(f"there is no record type {name!r}; there are {', '.join(known)}")
    return kind


class RecordsDataset(AbstractDataset[list[records.Record], list[records.Record]]):
    """A list of records of one type; `.jsonl` or `.jsonl.gz`.

    Equal records give equal bytes, a save is whole or not at all, and a load says which line and field is wrong.

    Example:
        ```yaml
        pages:
          type: quintain.datasets.RecordsDataset
          filepath: data/02_intermediate/pages.jsonl
          record: WebPage
        ```
    """

    def __init__(self, *, filepath: str, record: str, metadata: dict[str, Any] | None = None) -> None:
        self._filepath = Path(filepath)
        self._record = record_type(record)
        self.metadata = metadata
        self._columns = {field.name for field in dataclasses.fields(self._record)}
        self._decoder = msgspec.json.Decoder(self._record)

    def load(self) -> list[records.Record]:
        """Read all records.

        Raises:
            RecordError: The file is missing, or a line is not a record of this type.
        """
        return [self._read(line, number) for number, line in enumerate(self._lines(), start=1)]

    def _lines(self) -> Iterator[bytes]:
        opener = gzip.open if self._filepath.suffix == ".gz" else open
        try:
            with opener(self._filepath, "rb") as file:
                yield from file
        except FileNotFoundError:
            raise RecordError(f"{self._filepath} does not exist; run the pipeline that makes it first") from None
        except (EOFError, gzip.BadGzipFile) as error:
            raise RecordError(f"{self._filepath} is damaged ({error}); make it again") from None

    def _read(self, line: bytes, number: int) -> records.Record:
        try:
            # One look at the first line: a column that this version does not know must not vanish silently.
            if number == 1 and (unknown := set(msgspec.json.decode(line)) - self._columns):
                raise msgspec.ValidationError(f"unknown columns {', '.join(sorted(unknown))}")
            return self._decoder.decode(line)
        except (msgspec.ValidationError, msgspec.DecodeError) as error:
            raise RecordError(
                f"{self._filepath}, line {number}: not a {self._record.__name__}: {error}. "
                "Make the file again with this version, or correct the line"
            ) from None

    def save(self, data: list[records.Record]) -> None:
        """Write all records, each id once.

        Raises:
            RecordError: Two records share an id, one is of another type, or the disk refused.
        """
        seen: set[str] = set()
        for i, record in enumerate(data):
            if not isinstance(record, self._record):
                raise RecordError(
                    f"{self._filepath}: item {i} is a {type(record).__name__}, expected {self._record.__name__}"
                )
            if record.id in seen:
                raise RecordError(f"{self._filepath}: id {record.id} occurs twice (item {i}); drop duplicates first")
            seen.add(record.id)
        encode = msgspec.json.Encoder(order="deterministic").encode
        with atomic.written(self._filepath) as temporary, temporary.open("wb") as raw:
            if self._filepath.suffix == ".gz":
                with gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as file:
                    file.writelines(encode(record) + b"\n" for record in data)
            else:
                raw.writelines(encode(record) + b"\n" for record in data)

    def preview(self, nrows: int = 10) -> TablePreview:
        """First rows as a table for Kedro-Viz."""
        rows: list[list[str]] = []
        columns = [name for name in sorted(self._columns) if name != "origin"]
        for number, line in zip(range(nrows), self._lines(), strict=False):
            record = self._read(line, number + 1)
            rows.append([str(getattr(record, name))[:_PREVIEW_CHARACTERS] for name in columns])
        return TablePreview({"index": list(range(len(rows))), "columns": columns, "data": rows})

    def _exists(self) -> bool:
        return self._filepath.is_file()

    def _describe(self) -> dict[str, Any]:
        return {"filepath": str(self._filepath), "record": self._record.__name__}
