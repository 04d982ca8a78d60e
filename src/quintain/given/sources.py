"""Sources of rows: which kind of file lies there, told by its content and its ending, and how it is read."""

import codecs
import gzip
import json
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

from quintain.errors import RecordError
from quintain.given.delimited import delimited_rows
from quintain.given.faults import RowFault
from quintain.given.json_array import array_items
from quintain.given.parquet_rows import parquet_rows
from quintain.given.rows import Row, Rows, as_row
from quintain.given.turns import is_chat, is_turn
from quintain.limits import LINE_BYTES
from quintain.records import SHOWN_CHARACTERS
from quintain.text.json_lines import UnreadableLineError, decode_line, lines, read_line

ENDINGS = (".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".parquet")
"""Endings of files that are read, each also with `.gz` behind it but for Parquet."""
_TABLES = {".csv": "", ".tsv": "\t"}
_LINES = (".jsonl", ".ndjson")
_PACKED = {b"\x28\xb5\x2f\xfd": "zstandard", b"\xfd7zX": "xz", b"PK\x03\x04": "zip", b"BZh": "bzip2"}
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_OF_A_ROW = {"messages", "conversations", "instruction", "prompt", "chosen"}
_HEAD_BYTES = 1 << 16


@dataclass(frozen=True)
class Source:
    """A file, and how its rows are read."""

    name: str
    """Path, or name of a data set of the hub."""
    kind: str
    """Kind of the file, such as `JSON lines`."""
    rows: Callable[[], Rows]
    """Reads it from its beginning."""


def file_source(path: Path) -> Source:
    """Tell the kind of a file.

    Args:
        path: The file.

    Returns:
        How its rows are read; nothing but its beginning is read yet.

    Raises:
        RecordError: It cannot be read, or is of no kind that is known.
    """
    ending = _ending(path)
    with _opened(path) as file:
        head = file.read(_HEAD_BYTES)
    if head.startswith(b"PAR1"):
        return Source(str(path), "Parquet", lambda: parquet_rows(path))
    if packed := next((name for mark, name in _PACKED.items() if head.startswith(mark)), ""):
        raise RecordError(f"{path} is packed with {packed}; unpack it, or pack it with gzip")
    if head.startswith(_UTF_16):
        raise RecordError(f"{path} is UTF-16; save it as UTF-8")
    if ending in _TABLES:
        return Source(str(path), "TSV" if ending == ".tsv" else "CSV", lambda: _table(path, _TABLES[ending]))
    begun = head.removeprefix(codecs.BOM_UTF8).lstrip()
    if not begun:
        raise RecordError(f"{path} is empty")
    if begun.startswith(b"[") and not (ending in _LINES and _is_lines(path, list)):
        return Source(str(path), "a JSON array", lambda: _array(path))
    if ending in _LINES or _is_lines(path):
        return Source(str(path), "JSON lines", lambda: _json_lines(path))
    if begun.startswith(b"{"):
        return Source(str(path), "a JSON document", lambda: _document(path))
    raise RecordError(f"{path} is no JSON, CSV, TSV or Parquet; files are read that end in {', '.join(ENDINGS)}")


def files_below(folder: Path) -> list[Path]:
    """Find the files of a folder that are read.

    Args:
        folder: The folder.

    Returns:
        The files, sorted by their paths; hidden ones are passed over.

    Raises:
        RecordError: There is none.
    """
    found = sorted(
        path
        for path in folder.rglob("*")
        if path.is_file() and _ending(path) in ENDINGS and not path.name.startswith(".")
    )
    if not found:
        raise RecordError(f"{folder} holds no file that ends in {', '.join(ENDINGS)}")
    return found


def _ending(path: Path) -> str:
    name = path.name.lower().removesuffix(".gz")
    return next((ending for ending in ENDINGS if name.endswith(ending)), "")


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            yield cast("BinaryIO", gzip.GzipFile(fileobj=raw)) if packed else raw
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise RecordError(f"{path} is damaged ({error}); fetch it again") from None
    except OSError as error:
        raise RecordError(f"{path} cannot be read: {error.strerror or error}") from None


def _json_lines(path: Path) -> Rows:
    with _opened(path) as file:
        for number, line in lines(file):
            where = f"{path}, line {number}"
            if not line.strip():
                continue
            if len(line) > LINE_BYTES:
                yield Row(where, {}, RowFault("unreadable-line", f"longer than {LINE_BYTES:,} bytes (LINE_BYTES)"))
                continue
            try:
                value = decode_line(line, json.loads)
            except UnreadableLineError as error:
                text = line[:SHOWN_CHARACTERS].decode("utf-8", "replace")
                yield Row(where, {}, RowFault("unreadable-line", str(error)), text)
            else:
                yield as_row(where, value)


def _array(path: Path) -> Rows:
    with _opened(path) as file:
        for number, line, value in array_items(file, str(path)):
            yield as_row(f"{path}, line {line}, item {number}", value)


def _table(path: Path, delimiter: str) -> Rows:
    with _opened(path) as file:
        yield from delimited_rows(file, str(path), delimiter)


def _is_lines(path: Path, kind: type = dict) -> bool:
    """True where the first line is a value of a kind by itself, and another line follows."""
    with _opened(path) as file:
        first = read_line(file, LINE_BYTES).removeprefix(codecs.BOM_UTF8)
        while first and not first.strip():
            first = read_line(file, LINE_BYTES)
        if not _is_value(first, kind):
            return False
        while more := read_line(file, LINE_BYTES):
            if more.strip():
                return True
    return False


def _is_value(line: bytes, kind: type) -> bool:
    try:
        return isinstance(decode_line(line, json.loads), kind)
    except UnreadableLineError:
        return False


def _document(path: Path) -> Rows:
    """Rows of a file that is one object: the object itself, the one list of objects in it, or columns."""
    with _opened(path) as file:
        content = file.read()
    try:
        document: Mapping[str, Any] = decode_line(content.removeprefix(codecs.BOM_UTF8), json.loads)
    except UnreadableLineError:
        yield from _json_lines(path)  # lines of which the first is broken
        return
    tables = [] if document.keys() & _OF_A_ROW else [name for name, value in document.items() if _is_table(value)]
    if len(tables) > 1:
        raise RecordError(
            f"{path} holds several lists of rows ({', '.join(tables)}); write each into a file of its own"
        )
    if tables:
        for number, value in enumerate(document[tables[0]], start=1):
            yield as_row(f"{path}, item {number} of {tables[0]!r}", value)
    elif _is_columns(document):
        for number, cells in enumerate(zip(*document.values(), strict=True), start=1):
            yield Row(f"{path}, row {number}", dict(zip(document, cells, strict=True)))
    else:
        yield Row(f"{path}, line 1", document)


def _is_table(value: object) -> bool:
    return isinstance(value, list) and bool(value) and is_chat(value) and not all(map(is_turn, value))


def _is_columns(document: Mapping[str, Any]) -> bool:
    lists = [value for value in document.values() if isinstance(value, list)]
    return (
        len(lists) == len(document) > 1
        and len({len(one) for one in lists}) == 1
        and all(isinstance(cell, str) or cell is None for cell in lists[0])
    )
