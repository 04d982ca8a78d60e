"""Lists of records as JSON lines, one typed record a line."""

import dataclasses
import gc
import gzip
import zlib
from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, cast

import msgspec
from kedro.io import AbstractDataset
from kedro_datasets._typing import TablePreview

from quintain import records
from quintain.datasets import atomic
from quintain.datasets.record_file import RecordFile
from quintain.errors import ConfigError, RecordError
from quintain.text.json_lines import UnreadableLineError, decode_line, lines

_ENDINGS = (".jsonl", ".jsonl.gz")
_PREVIEW_CHARACTERS = 200


def record_type(name: str) -> type[records.Record]:
    """Look up a record type of `quintain.records` by name.

    Args:
        name: Name of the class.

    Returns:
        The class.

    Raises:
        ConfigError: There is none of that name.
    """
    kind = getattr(records, name, None)
    if not (isinstance(kind, type) and issubclass(kind, records.Record)):
        known = sorted(k for k, v in vars(records).items() if isinstance(v, type) and issubclass(v, records.Record))
        raise ConfigError(f"there is no record type {name!r}; there are {', '.join(known)}")
    return kind


class RecordsDataset(AbstractDataset[Iterable[records.Record], Sequence[records.Record]]):
    """A list of records of one type; `.jsonl` or `.jsonl.gz`.

    Equal records give equal bytes, a save is whole or not at all, and a load says which line and field is wrong.

    Example:
        ```yaml
        pages:
          type: quintain.datasets.RecordsDataset
          filepath: data/02_intermediate/pages.jsonl
          record: WebPage
        ```

    Args:
        filepath: The file.
        record: Name of the record type, a class of `quintain.records`.
        stream: Whether to read each record only when it is asked for, so that the list takes no memory; `.jsonl` only.
        metadata: Read by Kedro-Viz, dvc-sync and the tracking hook, not by the dataset.
    """

    def __init__(
        self, *, filepath: str, record: str, stream: bool = False, metadata: dict[str, Any] | None = None
    ) -> None:
        self._filepath = Path(filepath)
        if not self._filepath.name.endswith(_ENDINGS):
            raise ConfigError(f"{filepath}: records are kept as {' or '.join(_ENDINGS)}; change the ending")
        if stream and self._filepath.suffix == ".gz":
            raise ConfigError(f"{filepath}: a compressed file cannot be read from its middle; leave out `stream`")
        self._stream = stream
        self._record = record_type(record)
        self.metadata = metadata
        self._columns = [field.name for field in dataclasses.fields(self._record)]
        self._decode = msgspec.json.Decoder(self._record).decode
        self._keys = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode

    def load(self) -> Sequence[records.Record]:
        """Read all records.

        Returns:
            The records in the order of the file: a list, or with `stream` what reads them again each time.

        Raises:
            RecordError: The file is missing, or a line is not a record of this type.
        """
        with _collector_paused():
            if not self._stream:
                return list(self._read())
            offsets = array("q")
            for _ in self._read(offsets):
                pass
            return RecordFile(self._filepath, self._record, offsets)

    def _read(self, offsets: "array[int] | None" = None) -> Iterator[records.Record]:
        columns = frozenset(self._columns)
        for number, line in self._lines(offsets):
            try:
                # A column that this version does not know must not vanish silently.
                keys = decode_line(line, self._keys).keys()
                if not keys <= columns:
                    raise UnreadableLineError(f"unknown column {', '.join(sorted(keys - columns))}")
                yield decode_line(line, self._decode)
            except UnreadableLineError as error:
                raise RecordError(
                    f"{self._filepath}, line {number}: not a {self._record.__name__}: {error}. "
                    "Make the file again with this version, or correct the line"
                ) from None

    def _lines(self, offsets: "array[int] | None" = None) -> Iterator[tuple[int, bytes]]:
        opener = gzip.open if self._filepath.suffix == ".gz" else open
        try:
            with opener(self._filepath, "rb") as file:
                begins = 0
                for number, line in lines(cast("BinaryIO", file)):
                    if offsets is not None:
                        offsets.append(begins)
                        begins = file.tell()
                    yield number, line
        except FileNotFoundError:
            raise RecordError(f"{self._filepath} does not exist; run the pipeline that makes it first") from None
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise RecordError(f"{self._filepath} is damaged ({error}); make it again") from None
        except OSError as error:
            raise RecordError(f"{self._filepath} cannot be read: {error.strerror or error}") from None

    def save(self, data: Iterable[records.Record]) -> None:
        """Write all records, each id once.

        Args:
            data: The records, in order.

        Raises:
            RecordError: Two records share an id, one is of another type or cannot be written as JSON, or the disk
                refused; the former file is untouched.
        """
        with atomic.written(self._filepath) as temporary, temporary.open("wb") as raw:
            if self._filepath.suffix == ".gz":
                # Without name and time in the header, equal records give equal bytes.
                with gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as file:
                    file.writelines(self._encoded(data))
            else:
                raw.writelines(self._encoded(data))

    def _encoded(self, data: Iterable[records.Record]) -> Iterator[bytes]:
        encode = msgspec.json.Encoder(order="deterministic").encode
        seen: set[str] = set()
        for i, record in enumerate(data):
            where = f"{self._filepath}: item {i}"
            if not isinstance(record, self._record):
                raise RecordError(f"{where} is a {type(record).__name__}, expected {self._record.__name__}")
            if record.id in seen:
                raise RecordError(f"{where}: id {record.id} occurs twice; drop duplicates first")
            seen.add(record.id)
            try:
                yield encode(record) + b"\n"
            except (TypeError, UnicodeEncodeError) as error:
                raise RecordError(f"{where} (id {record.id}) cannot be written as JSON: {error}") from None

    def preview(self, nrows: int = 10) -> TablePreview:
        """First rows as a table for Kedro-Viz."""
        columns = [name for name in self._columns if name != "origin"]
        rows = [
            [str(getattr(record, name))[:_PREVIEW_CHARACTERS] for name in columns]
            for record in islice(self._read(), nrows)
        ]
        return TablePreview({"index": list(range(len(rows))), "columns": columns, "data": rows})

    def _exists(self) -> bool:
        return self._filepath.is_file()

    def _describe(self) -> dict[str, Any]:
        return {"filepath": str(self._filepath), "record": self._record.__name__}


@contextmanager
def _collector_paused() -> Iterator[None]:
    # Records form no cycles, but each counts towards the next collection: with it, loading takes three times as long.
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
