"""Pages from a data set of the Hugging Face hub, streamed row by row and never fetched as a whole."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from quintain.errors import ConfigError, RecordError
from quintain.records import Dropped, RawPage, content_id
from quintain.text.file_names import short_name
from quintain.web.columns import COMMON, Columns, page_of
from quintain.web.page_limits import MAX_BYTES
from quintain.web.tables import require_columns

if TYPE_CHECKING:
    from datasets import IterableDataset

_BUILDERS = ("json", "parquet", "csv", "text", "arrow")
"""Names that `load_dataset` takes for a format of local files."""


@dataclass(frozen=True)
class HubStream:
    """Rows of one file of a data set, or the first rows of all of it."""

    arguments: str
    """Arguments of `datasets.load_dataset`, as JSON."""
    part: int = 0
    """Which of the files, from 0."""
    parts: int = 1
    """Number of files."""
    rows: int = 0
    """Rows to take from the beginning; 0 for all."""
    stamp: str = ""
    """Hash of the names, sizes and times of change of its files, where they lie on this machine."""

    @property
    def title(self) -> str:
        """Name of the data set in messages."""
        return str(json.loads(self.arguments)["path"])

    @property
    def name(self) -> str:
        """Name of its output: the same rows always have the same name."""
        return f"{short_name(re.sub(r'[^A-Za-z0-9.-]+', '-', self.title))}-{content_id(*vars(self).values())}"

    def pages(self, max_bytes: int, columns: Columns) -> Iterator[RawPage | Dropped]:
        """Stream the rows as pages.

        Args:
            max_bytes: Largest page, in bytes.
            columns: Which column is what.

        Yields:
            Pages and drops, in the order of the data set.

        Raises:
            RecordError: The data set cannot be read, breaks off, or no column can hold a page.
        """
        rows = opened(json.loads(self.arguments))
        if self.parts > 1:
            rows = rows.shard(self.parts, self.part)
        if self.rows:
            rows = rows.take(self.rows)
        number = 0
        name = f"{self.title} of the hub"
        try:
            for number, row in enumerate(rows, 1):
                if number == 1:
                    require_columns(columns, list(row), name)
                where = f"{name}, file {self.part + 1}, row {number}" if self.parts > 1 else f"{name}, row {number}"
                yield page_of(row, columns, name, where, max_bytes)
        except (OSError, ValueError, RuntimeError, TypeError) as error:
            raise _unreadable(name, number, error) from error

    def __str__(self) -> str:
        return f"{self.title} of the hub" + (f", file {self.part + 1} of {self.parts}" if self.parts > 1 else "")


@dataclass(frozen=True)
class HubSource:
    """A data set of the hub. Iterating streams its rows, from the start each time; `ingest` takes it file by file."""

    arguments: Mapping[str, Any]
    """Arguments of `datasets.load_dataset`."""
    max_bytes: int = MAX_BYTES
    """Largest page, in bytes."""
    columns: Columns = COMMON
    """Which column is what."""
    rows: int = 0
    """Rows to take from the beginning; 0 for all."""

    def __iter__(self) -> Iterator[RawPage | Dropped]:
        for stream in self.streams():
            yield from stream.pages(self.max_bytes, self.columns)

    def streams(self) -> list[HubStream]:
        """Open the data set, to see of how many files it is.

        Returns:
            Streams that give the rows one after the other: one per file, or one where only the first rows are wanted.

        Raises:
            RecordError: The data set cannot be read.
        """
        arguments, stamp = json.dumps(self.arguments, sort_keys=True), _stamp(self.arguments)
        if self.rows:
            return [HubStream(arguments, rows=self.rows, stamp=stamp)]
        parts = max(1, int(opened(self.arguments).num_shards))
        return [HubStream(arguments, part, parts, stamp=stamp) for part in range(parts)]


def _stamp(arguments: Mapping[str, Any]) -> str:
    named = arguments.get("data_files") or ()
    given = [named] if isinstance(named, str) else named.values() if isinstance(named, Mapping) else named
    folder = Path(str(arguments["path"]))
    places = [folder] if folder.is_dir() else [Path(str(one)) for one in given]
    files = sorted(
        file for place in places for file in ([place] if place.is_file() else place.rglob("*")) if file.is_file()
    )
    return content_id([(str(file), file.stat().st_size, file.stat().st_mtime_ns) for file in files]) if files else ""


def read_hub(
    hub: Mapping[str, Any], max_bytes: int = MAX_BYTES, columns: Columns | None = None, rows: int = 0
) -> HubSource:
    """Read the pages of a data set of the hub, streamed.

    Args:
        hub: Arguments of `datasets.load_dataset`: `path`, `name`, `split`, `revision`, `data_files`.
        max_bytes: Largest page, in bytes.
        columns: Which column is what, where the common names do not tell.
        rows: Rows to take from the beginning; 0 for all.

    Returns:
        An iterable of pages, and drops for what could not be read; nothing is fetched yet.

    Raises:
        ConfigError: `path` is missing, or it is a name of the hub without a revision.
    """
    path = str(hub.get("path") or "")
    if not path:
        raise ConfigError("hub needs `path`: the name of a data set, or a folder")
    if path not in _BUILDERS and not Path(path).is_dir() and not hub.get("revision"):
        raise ConfigError(f"hub.path {path!r} needs `revision`, or the pages would change by themselves")
    if rows < 0:
        raise ConfigError(f"rows must be at least 0, got {rows}")
    arguments = {name: value for name, value in hub.items() if name not in ("streaming", "trust_remote_code")}
    return HubSource({"split": "train", **arguments}, max_bytes, columns or COMMON, rows)


def opened(arguments: Mapping[str, Any]) -> "IterableDataset":
    """Open a data set for streaming.

    Args:
        arguments: Arguments of `datasets.load_dataset`.

    Returns:
        Its rows; none is read yet.

    Raises:
        RecordError: It does not exist, cannot be reached, needs code of its own, or has no such split.
    """
    import datasets

    try:
        found = datasets.load_dataset(**arguments, streaming=True)
    except (OSError, ValueError, RuntimeError, TypeError, KeyError) as error:
        raise _unreadable(f"{arguments['path']} of the hub", 0, error) from error
    return found


def _unreadable(name: str, rows: int, error: Exception) -> RecordError:
    said = " ".join(str(error).split())
    if "script" in said:
        hint = "data sets that need code of their own are refused; take the copy at the revision refs/convert/parquet"
    elif rows:
        hint = "run the same command again: files that were read whole are not read again"
    else:
        hint = "see `path`, `name`, `split` and `revision`, and whether the hub can be reached"
    return RecordError(f"{name} cannot be read{f' after row {rows}' if rows else ''}: {said}; {hint}")
