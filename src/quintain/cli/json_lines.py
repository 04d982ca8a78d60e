"""JSON lines in and out of commands: typed, one clear error per bad line, written whole or not at all."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from quintain.datasets.atomic import written
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
