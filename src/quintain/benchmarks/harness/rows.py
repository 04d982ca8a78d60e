"""Rows of a task file, read from the folder that somebody named, with what is wrong said by file and line."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from quintain.benchmarks.harness.task_file import Kind, TaskFile
from quintain.errors import RecordError
from quintain.text.json_lines import read_json, read_json_lines

_TYPES: dict[Kind, tuple[type, ...]] = {
    "text": (str,),
    "list": (list,),
    "number": (int, float),
    "flag": (bool,),
    "object": (dict,),
}


def read_rows(file: TaskFile, folder: Path, part: str = "") -> list[dict[str, Any]]:
    """Read the rows of a task, or of one part of it.

    Args:
        file: The task file.
        folder: Folder of its rows.
        part: Part, where the task file has parts.

    Returns:
        The rows with every field that the task file names.

    Raises:
        RecordError: The folder or file is missing, is no JSON, or a row lacks a field or holds something else in it.
    """
    path = folder / file.files.format(part=part)
    if not path.is_file():
        raise RecordError(
            f"{path} does not exist: the task {file.task} reads {file.files} in the folder that `sources.{file.task}` "
            "of its benchmark names"
        )
    rows = [_row(file, row, where, file.parts.get(part, {})) for where, row in _numbered(file, path)]
    if not rows:
        raise RecordError(f"{path} holds no rows of the task {file.task}")
    return rows


def _numbered(file: TaskFile, path: Path) -> Iterator[tuple[str, Any]]:
    if path.suffix == ".jsonl":
        for number, row in read_json_lines(path, json.loads):
            yield f"{path}, line {number}", row
        return
    document = read_json(path)
    if file.rows:
        document = document.get(file.rows) if isinstance(document, dict) else None
    if not isinstance(document, list):
        raise RecordError(f"{path} must hold a list of rows{f' under {file.rows!r}' if file.rows else ''}")
    for number, row in enumerate(document, 1):
        yield f"{path}, row {number}", row


def _row(file: TaskFile, row: Any, where: str, own: Mapping[str, Any]) -> dict[str, Any]:
    if not isinstance(row, dict):
        raise RecordError(f"{where}: the task {file.task} reads objects, got {str(row)[:60]!r}")
    # A field that is null is one that the row lacks, as in files that keep one form for several tasks.
    whole = {**file.defaults, **{name: value for name, value in row.items() if value is not None}, **own}
    for name, kind in file.fields.items():
        found = _at(whole, name)
        # True is a number to Python, and no number to anybody else.
        if not isinstance(found, _TYPES[kind]) or (kind == "number" and isinstance(found, bool)):
            said = "lacks" if found is None else f"has {str(found)[:40]!r} as"
            raise RecordError(f"{where}: the row {said} {name!r}, which the task {file.task} reads as {kind}")
    return {name.partition(".")[0]: whole[name.partition(".")[0]] for name in [*file.fields, *file.defaults, *own]}


def _at(row: Mapping[str, Any], name: str) -> Any:
    found: Any = row
    for step in name.split("."):
        found = found.get(step) if isinstance(found, dict) else None
    return found
