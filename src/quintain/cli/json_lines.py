"""JSON lines in and out of commands: typed, one clear error per bad line, written whole or not at all."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from quintain.datasets.atomic import written
from quintain.models.lenient_json import read_json
from quintain.text.json_lines import read_json_lines

T = TypeVar("T")


def read_lines(path: Path, kind: type[T]) -> list[T]:
    """Read a file of JSON lines.

    Args:
        path: The file.
        kind: Dataclass of a line; further keys are ignored.

    Returns:
        The lines; blank ones are left out.

    Raises:
        RecordError: The file is missing, or a line is not of this kind; names file and line.
    """
    return [value for _, value in read_json_lines(path, msgspec.json.Decoder(kind).decode)]


def read_foreign_lines(path: Path, kind: type[T]) -> list[T]:
    """Read a file of JSON lines that another program wrote, such as pandas, or whoever cut a text in a character.

    Args:
        path: The file.
        kind: Dataclass of a line; further keys are ignored. For its fields NaN is null, 7.0 is 7, and half of a
            character is U+FFFD.

    Returns:
        The lines; blank ones are left out.

    Raises:
        RecordError: The file is missing, or a line is not of this kind; names file and line.
    """

    def decode(line: bytes) -> T:
        row = read_json(line)
        return msgspec.convert({name: _plain(row[name]) for name in row} if isinstance(row, dict) else row, kind)

    return [value for _, value in read_json_lines(path, decode)]


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, float):
        return None if value != value else int(value) if value.is_integer() else value
    return value


def write_whole(path: Path, content: Iterable[bytes]) -> None:
    """Write a file that takes its name only when it is complete.

    Args:
        path: The file.
        content: What goes in.

    Raises:
        RecordError: The disk refused; what stood there before is untouched.
    """
    with written(path) as temporary, temporary.open("wb") as file:
        file.writelines(content)


def line(document: dict[str, Any]) -> bytes:
    """One document as a line."""
    return msgspec.json.encode(document) + b"\n"
