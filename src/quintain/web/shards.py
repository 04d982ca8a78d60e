"""Shards: the pieces of a source that are ingested one by one.

How a source is cut depends on its files alone, never on the engine or the number of workers, so every run over the
same files has the same shards under the same names.
"""

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from quintain.records import Dropped, RawPage, content_id
from quintain.text.file_names import short_name
from quintain.web.columns import COMMON, Columns
from quintain.web.hub import HubSource, HubStream
from quintain.web.ingestion_params import Profile
from quintain.web.sources import PageSource, can_be_cut, read_file


@dataclass(frozen=True)
class Shard:
    """Some files of a source, or the records that begin within a stretch of one."""

    name: str
    """What it is called: its first file, and a hash of names, sizes and times of change of all."""
    files: tuple[Path, ...]
    """The files, in order."""
    names: tuple[str, ...]
    """What messages call them."""
    max_bytes: int
    """Largest page, in bytes of HTML."""
    start: int = 0
    """First byte of the stretch."""
    stop: int | None = None
    """First byte after the stretch; None for whole files."""
    columns: Columns = COMMON
    """Which column of a table is what."""
    stream: HubStream | None = None
    """Where the rows come from when they lie in no file of this machine."""

    def pages(self, profile: Profile) -> Iterator[RawPage | Dropped]:
        """Read the pages, and drops for what could not be read, by the archive reader of a profile."""
        if self.stream:
            yield from self.stream.pages(self.max_bytes, self.columns)
        for file, name in zip(self.files, self.names, strict=True):
            yield from read_file(file, name, self.max_bytes, self.start, self.stop, profile, self.columns)

    def __str__(self) -> str:
        if self.stream:
            return str(self.stream)
        if self.stop is not None:
            return f"{self.names[0]}, bytes {self.start:,} to {self.stop:,}"
        return self.names[0] if len(self.names) == 1 else f"{self.names[0]} to {self.names[-1]}"


def cut(source: PageSource | HubSource, shard_bytes: int) -> list[Shard]:
    """Cut a source into shards of about the same size.

    Small files share a shard. A large `.warc.gz`, `.jsonl` or Parquet file is cut into stretches; any other large file
    is one shard, since it can only be read from its first byte. Of a data set of the hub each file is a shard.

    Args:
        source: Where the pages lie.
        shard_bytes: Size of a shard, in bytes of the files as they lie on disk; at least 1.

    Returns:
        The shards, in the order of the files.
    """
    if isinstance(source, HubSource):
        return [
            Shard(
                name=stream.name, files=(), names=(), max_bytes=source.max_bytes, columns=source.columns, stream=stream
            )
            for stream in source.streams()
        ]
    shards: list[Shard] = []
    group: list[Path] = []
    group_bytes = 0
    for file in source.files():
        size = file.stat().st_size
        if group and group_bytes + size > shard_bytes:
            shards.append(_shard(source, group))
            group, group_bytes = [], 0
        if size > shard_bytes and can_be_cut(file):
            step = math.ceil(size / math.ceil(size / shard_bytes))
            shards += [_shard(source, [file], start, min(start + step, size)) for start in range(0, size, step)]
        else:
            group.append(file)
            group_bytes += size
    if group:
        shards.append(_shard(source, group))
    return shards


def _shard(source: PageSource, files: list[Path], start: int = 0, stop: int | None = None) -> Shard:
    names = tuple(map(source.name_of, files))
    changes = [(file.stat().st_size, file.stat().st_mtime_ns) for file in files]
    return Shard(
        name=f"{short_name(files[0].name)}-{content_id(names, changes, start, stop, *_read_otherwise(source))}",
        files=tuple(file.resolve() for file in files),
        names=names,
        max_bytes=source.max_bytes,
        start=start,
        stop=stop,
        columns=source.columns,
    )


def _read_otherwise(source: PageSource) -> list[object]:
    """Settings of a source that change its rows, where they are not the usual ones."""
    return [asdict(source.columns)] if source.columns != COMMON else []
