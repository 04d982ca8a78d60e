"""Tables of pages on disk, a row a page: JSON lines, a JSON array, Parquet; read one row at a time."""

import codecs
import gzip
import io
import json
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, BinaryIO, cast

import msgspec

from quintain.errors import RecordError
from quintain.limits import LINE_BYTES
from quintain.records import SHOWN_CHARACTERS, Dropped, RawPage
from quintain.text.json_lines import UnreadableLineError, decode_line, read_line, skip_line
from quintain.web.columns import Columns, page_of

if TYPE_CHECKING:
    from pyarrow import NativeFile

_BATCH_ROWS = 64
_BUFFER_BYTES = 1 << 20
_LOOKED_AT_ROWS = 100
_JSON_BYTES_PER_CHARACTER = 6


def read_json_rows(
    path: Path, name: str, max_bytes: int, columns: Columns, start: int = 0, stop: int | None = None
) -> Iterator[RawPage | Dropped]:
    """Read the pages of JSON lines, or of a file that is one JSON array.

    Args:
        path: The file; `.gz` and `.zst` are decompressed.
        name: What messages call it.
        max_bytes: Largest page, in bytes.
        columns: Which field is what.
        start: First byte of a stretch; lines that begin before it are left out.
        stop: First byte after it; None for a whole file.

    Yields:
        Pages and drops, in the order of the file.
    """
    longest = _JSON_BYTES_PER_CHARACTER * max_bytes
    with _opened(path) as opened:
        file = cast("BinaryIO", opened)
        if start:
            file.seek(start - 1)
            skip_line(file, stop)
        elif _is_array(path):
            yield from _array(file, name, max_bytes, columns)
            return
        number = 0
        while stop is None or file.tell() < stop:
            number += 1
            # Nobody has counted the lines before a stretch.
            where = f"{name}, line {number}" if stop is None else f"{name}, line at byte {file.tell()}"
            try:
                line = read_line(file, longest, stop)
            except (EOFError, gzip.BadGzipFile, zlib.error) as error:
                said = f"{type(error).__name__}: {error}; nothing after it can be read"
                yield Dropped(stage="read", reason="broken-gzip", where=where, text=said)
                return
            if not line:
                return
            if len(line) > longest:
                said = f"a line over {longest:,} bytes, 6 times the limit max_bytes"
                yield Dropped(stage="read", reason="too-large", where=where, text=said)
            elif line.strip():
                yield _row(line.removeprefix(codecs.BOM_UTF8), columns, name, where, max_bytes)


def _row(line: bytes, columns: Columns, name: str, where: str, max_bytes: int) -> RawPage | Dropped:
    try:
        fields = decode_line(line, json.loads)
    except UnreadableLineError as error:
        said = f"{error}: {line[:SHOWN_CHARACTERS].decode('utf-8', 'replace')}"[:SHOWN_CHARACTERS]
        return Dropped(stage="read", reason="broken-json", where=where, text=said)
    return page_of(fields, columns, name, where, max_bytes)


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    kind = path.suffix.lower()
    if kind == ".zst":
        import pyarrow as pa

        with pa.input_stream(str(path), compression="zstd") as stream, io.BufferedReader(_Readable(stream)) as file:
            yield file
    elif kind == ".gz":
        with gzip.open(path) as file:
            yield cast("IO[bytes]", file)
    else:
        with path.open("rb") as file:
            yield file


class _Readable(io.RawIOBase):
    """A stream of Arrow as Python's raw files are."""

    def __init__(self, stream: "NativeFile") -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def _is_array(path: Path) -> bool:
    """True for a file that is one JSON array; lines of arrays are none."""
    if ".jsonl" in path.name.lower() or ".ndjson" in path.name.lower():
        return False
    try:
        with _opened(path) as file:
            return file.read(_BUFFER_BYTES).removeprefix(codecs.BOM_UTF8).lstrip()[:1] == b"["
    except (OSError, EOFError, zlib.error):
        return False


def _array(file: IO[bytes], name: str, max_bytes: int, columns: Columns) -> Iterator[RawPage | Dropped]:
    """Read an array whole, but decode its rows one by one."""
    data = file.read(LINE_BYTES + 1)
    if len(data) > LINE_BYTES:
        raise RecordError(
            f"{name} is one JSON array of more than {LINE_BYTES:,} bytes (LINE_BYTES), and can only be read whole; "
            "write it as JSON lines, one object a line, for example with `jq -c '.[]'`"
        )
    try:
        rows = decode_line(data.removeprefix(codecs.BOM_UTF8), msgspec.json.Decoder(list[msgspec.Raw]).decode)
    except UnreadableLineError as error:
        yield Dropped(stage="read", reason="broken-json", where=name, text=f"{error}; nothing of it can be read")
        return
    for number, row in enumerate(rows, 1):
        yield _row(bytes(row), columns, name, f"{name}, item {number}", max_bytes)


def read_parquet_rows(
    path: Path, name: str, max_bytes: int, columns: Columns, start: int = 0, stop: int | None = None
) -> Iterator[RawPage | Dropped]:
    """Read the pages of a Parquet file.

    Args:
        path: The file.
        name: What messages call it.
        max_bytes: Largest page, in bytes.
        columns: Which column is what.
        start: First byte of a stretch; row groups that begin before it are left out.
        stop: First byte after it; None for a whole file.

    Yields:
        Pages and drops, in the order of the file.

    Raises:
        RecordError: No column can hold a page.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(path, buffer_size=_BUFFER_BYTES, pre_buffer=False)
    except (OSError, ValueError, pa.ArrowException) as error:
        if not start:  # whoever reads the first stretch says it for all
            yield _broken_parquet(name, f"{error}; nothing of it can be read")
        return
    with file:
        require_columns(columns, file.schema_arrow.names, name)
        wanted = columns.read_from(file.schema_arrow.names)
        row = 0
        for group in range(file.num_row_groups):
            about = file.metadata.row_group(group)
            if start <= _begins(about) and (stop is None or _begins(about) < stop):
                read = row
                try:
                    for batch in file.iter_batches(_BATCH_ROWS, row_groups=[group], columns=wanted):
                        for fields in batch.to_pylist():
                            read += 1
                            yield page_of(fields, columns, name, f"{name}, row {read}", max_bytes)
                except (OSError, ValueError, pa.ArrowException) as error:
                    # One drop for each row, so that the count of what came in stays right.
                    for lost in range(read + 1, row + about.num_rows + 1):
                        yield _broken_parquet(f"{name}, row {lost}", f"its row group cannot be read: {error}")
            row += about.num_rows


def _begins(row_group) -> int:  # type: ignore[no-untyped-def]
    """Offset of a row group in its file."""
    first = row_group.column(0)
    return int(min(filter(None, (first.dictionary_page_offset, first.data_page_offset)), default=0))


def _broken_parquet(where: str, said: str) -> Dropped:
    return Dropped(stage="read", reason="broken-parquet", where=where, text=" ".join(said.split())[:SHOWN_CHARACTERS])


def require_columns(columns: Columns, there: list[str], name: str) -> None:
    """Refuse a table that cannot be read by these columns.

    Args:
        columns: Which column is what.
        there: The columns that there are.
        name: What messages call the table.

    Raises:
        RecordError: A column that the user names is missing, or none can hold a page.
    """
    if missing := columns.missing_in(there):
        raise RecordError(f"{name}: {missing}")


def check_table(path: Path, name: str, columns: Columns) -> None:
    """Look at the beginning of a table before anything is read of it.

    Args:
        path: A file of JSON lines or Parquet.
        name: What messages call it.
        columns: Which column is what.

    Raises:
        RecordError: None of the first 100 rows has the columns that the user names, or the Parquet file none at all.
    """
    if path.name.lower().endswith(".parquet"):
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            names = pq.read_schema(path).names
        except (OSError, ValueError, pa.ArrowException):
            return  # reading makes a counted drop of it
        require_columns(columns, names, name)
        return
    if not columns.named:
        return
    keys: dict[str, None] = {}
    for fields in _first_objects(path):
        keys |= dict.fromkeys(map(str, fields))
    if keys:
        require_columns(columns, list(keys), name)


def _first_objects(path: Path) -> Iterator[dict[str, object]]:
    if _is_array(path):
        return  # read as a whole, where each row says what it lacks
    try:
        with _opened(path) as file:
            for line in islice(iter(lambda: read_line(cast("BinaryIO", file), LINE_BYTES), b""), _LOOKED_AT_ROWS):
                try:
                    fields = decode_line(line.removeprefix(codecs.BOM_UTF8), json.loads)
                except UnreadableLineError:
                    continue
                if isinstance(fields, dict):
                    yield fields
    except (OSError, EOFError, zlib.error):
        return
