"""JSON lines, read in one way everywhere: which bytes are a line, and what is wrong with one that is no record.

A line ends at a line feed, with a carriage return before it or not, and nowhere else: U+2028 and its like may stand in
a text. A byte order mark before the first line is no part of it.
"""

import codecs
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import msgspec

from quintain.errors import RecordError
from quintain.limits import LINE_BYTES

T = TypeVar("T")

_SKIPPED_BYTES = 1 << 20


class UnreadableLineError(ValueError):
    """A line that is no record, and why."""


def decode_line(line: bytes, decode: Callable[[bytes], T]) -> T:
    r"""Decode a line by a decoder of JSON.

    Args:
        line: The bytes of the line.
        decode: From bytes to a value, such as `json.loads` or that of a msgspec decoder.

    Returns:
        The value.

    Raises:
        UnreadableLineError: The line is not UTF-8, no JSON, not of the decoder's type, nested too deep, or holds a
            number of more digits than Python reads.

    >>> decode_line(b'{"a": 1}', json.loads)
    {'a': 1}
    """
    try:
        line.decode("utf-8")
        return decode(line)
    except UnicodeDecodeError as error:
        raise UnreadableLineError(f"byte {error.start + 1} is not UTF-8") from None
    except RecursionError:
        raise UnreadableLineError("brackets are nested too deep") from None
    except (msgspec.MsgspecError, ValueError) as error:
        raise UnreadableLineError(str(error)) from None


def lines(file: BinaryIO, longest: int = LINE_BYTES) -> Iterator[tuple[int, bytes]]:
    """Cut a file into lines.

    Args:
        file: A file, at its beginning.
        longest: Longest line that is given whole, in bytes.

    Yields:
        tuple[int, bytes]: Number of the line, from 1, and its bytes without the line break; of a line that is too long
        one byte more than `longest`, so that it can be told.
    """
    number = 0
    while line := read_line(file, longest):
        number += 1
        if number == 1:
            line = line.removeprefix(codecs.BOM_UTF8)
        yield number, line[: longest + 1].rstrip(b"\r\n")


def read_line(file: BinaryIO, longest: int, stop: int | None = None) -> bytes:
    """Read a line; of one that is too long only its beginning, and the file then stands behind it.

    Args:
        file: Where it comes from.
        longest: Longest line that is given whole, in bytes.
        stop: Where reading over a long line may end: who reads a stretch of a file wants nothing behind it.

    Returns:
        The line with its line break, empty at the end of the file.
    """
    line = file.readline(longest + 1)
    if len(line) > longest and not line.endswith(b"\n"):
        skip_line(file, stop)
    return line


def skip_line(file: BinaryIO, stop: int | None = None) -> None:
    """Read on to the next line, or until `stop` is reached."""
    while (rest := file.readline(_SKIPPED_BYTES)) and not rest.endswith(b"\n"):
        if stop is not None and file.tell() >= stop:
            return


def read_json_lines(path: Path, decode: Callable[[bytes], T]) -> Iterator[tuple[int, T]]:
    """Read a file of JSON lines; blank lines are passed over.

    Args:
        path: The file.
        decode: From the bytes of a line to a value, such as `json.loads`.

    Yields:
        tuple[int, T]: Number of the line, from 1, and its value.

    Raises:
        RecordError: The file cannot be read, or a line is no record; names file and line.
    """
    try:
        with path.open("rb") as file:
            for number, line in lines(file):
                if len(line) > LINE_BYTES:
                    raise RecordError(f"{path}, line {number} is longer than {LINE_BYTES:,} bytes (LINE_BYTES); cut it")
                if not line.strip():
                    continue
                try:
                    yield number, decode_line(line, decode)
                except UnreadableLineError as error:
                    raise RecordError(f"{path}, line {number}: {error}") from None
    except OSError as error:
        raise RecordError(f"{path} cannot be read: {error.strerror or error}") from None


def read_json(path: Path) -> Any:
    """Read a file that is one JSON document.

    Args:
        path: The file.

    Returns:
        The document.

    Raises:
        RecordError: The file cannot be read, or is no JSON; names it.
    """
    try:
        return decode_line(path.read_bytes().removeprefix(codecs.BOM_UTF8), json.loads)
    except OSError as error:
        raise RecordError(f"{path} cannot be read: {error.strerror or error}") from None
    except UnreadableLineError as error:
        raise RecordError(f"{path} is no JSON: {error}") from None
