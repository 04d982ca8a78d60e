"""Folder of an import: one file of records for each kind, what was dropped, and a report."""

import json
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import msgspec

from quintain.datasets.atomic import written
from quintain.given.exporting import as_line
from quintain.given.formats import Output
from quintain.given.importing import FileReport, Imported
from quintain.records import Dropped

FILES: dict[Output, str] = {
    "pairs": "pairs.jsonl",
    "preferences": "preferences.jsonl",
    "instructions": "instructions.jsonl",
    "items": "items.jsonl",
    "edits": "edits.jsonl",
}
"""What rows become → the file that holds it."""
_DROPPED, _REPORT = "dropped.jsonl", "import.json"


class DataFolder:
    """Takes records one by one; the files take their names when all is there, and what a former import left goes.

    Args:
        folder: The folder.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, BinaryIO] = {}
        self._open = ExitStack()
        self._encode = msgspec.json.Encoder(order="deterministic").encode
        self._counts: dict[str, int] = {}
        self.lines: list[str] = []
        """What was written and removed, for people."""

    @property
    def kept(self) -> int:
        """Records that were added."""
        return sum(count for name, count in self._counts.items() if name != _DROPPED)

    def __enter__(self) -> Self:
        self._file(_DROPPED)
        return self

    def add(self, row: Imported | Dropped) -> None:
        """Write what became of a row; edits stay rows, for their own readers."""
        if isinstance(row, Dropped):
            name, line = _DROPPED, self._encode(row) + b"\n"
        else:
            name = FILES[row.output]
            line = as_line(_edit(row)) if row.output == "edits" else self._encode(row.record) + b"\n"
        self._file(name).write(line)
        self._counts[name] = self._counts.get(name, 0) + 1

    def report(self, reports: list[FileReport]) -> None:
        """Write what each file was taken for, and what became of its rows."""
        told = [
            {
                "file": one.name,
                "kind": one.kind,
                "format": one.taken.main.name if one.taken.main else "",
                "why": one.taken.why,
                "rows": one.rows,
                "dropped": dict(one.dropped),
            }
            for one in reports
        ]
        counts = {name: self._counts.get(name, 0) for name in self._files}
        self._file(_REPORT).write(json.dumps({"files": told, "rows": counts}, indent=1).encode() + b"\n")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        former = self._former() if error is None else set()
        self._open.__exit__(kind, error, trace)
        self.lines += [f"{count} rows → {self._folder / name}" for name, count in self._counts.items()]
        for name in sorted(former - self._files.keys()):
            (self._folder / name).unlink(missing_ok=True)
            self.lines.append(f"removed {self._folder / name}, which a former import had written")

    def _file(self, name: str) -> BinaryIO:
        if name not in self._files:
            temporary = self._open.enter_context(written(self._folder / name))
            self._files[name] = self._open.enter_context(temporary.open("wb"))
        return self._files[name]

    def _former(self) -> set[str]:
        """Files that a former import wrote here, by its own report."""
        try:
            report = json.loads((self._folder / _REPORT).read_bytes())
            return set(report["rows"]) & set(FILES.values())
        except (OSError, ValueError, KeyError, TypeError):
            return set()


def _edit(row: Imported) -> dict[str, object]:
    """An edit's row with KnowEdit's name for its target."""
    known = dict(row.row)
    if "target_new" not in known and "target" in known:
        known["target_new"] = known.pop("target")
    return known
