"""Items that are read anew each time they are wanted, and never lie in one list; they pass between processes."""

import shutil
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Generic, TypeVar

import msgspec

T = TypeVar("T")
U = TypeVar("U")

CHUNK_ITEMS = 256
"""Items that are in memory together."""
_DAY_SECONDS = 86_400.0


def batched(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Cut items into lists of a size; the last may be shorter."""
    items = iter(items)
    while batch := list(islice(items, size)):
        yield batch


class Stream(Generic[T]):
    """Base of whatever can be iterated again and again; its length is counted once."""

    _length: int | None = None

    def __iter__(self) -> Iterator[T]:
        raise NotImplementedError

    def __contains__(self, item: object) -> bool:
        return any(each == item for each in self)

    def __len__(self) -> int:
        if self._length is None:
            self._length = sum(1 for _ in self)
        return self._length


class Mapped(Stream[U], Generic[T, U]):
    """Results of a function of some items, a few at a time.

    Args:
        items: The items; they must bear being iterated more than once.
        function: From some items, in order, to what becomes of them; picklable.
    """

    def __init__(self, items: Iterable[T], function: Callable[[list[T]], Iterable[U]]) -> None:
        self._items, self._function = items, function

    def __iter__(self) -> Iterator[U]:
        for batch in batched(self._items, CHUNK_ITEMS):
            yield from self._function(batch)


class Joined(Stream[T]):
    """Several collections one after the other."""

    def __init__(self, *parts: Iterable[T]) -> None:
        self._parts = parts

    def __iter__(self) -> Iterator[T]:
        for part in self._parts:
            yield from part


@dataclass(eq=False)
class Spool(Stream[T]):
    """Dataclass objects in Parquet files of a folder, in the order in which they were added."""

    folder: Path
    """Where the files lie."""
    kind: type[T]
    """Class of the objects."""
    sizes: list[int] = field(default_factory=list)
    """Objects in each file."""

    def add(self, items: Iterable[T]) -> None:
        """Write objects behind those that are there.

        Args:
            items: The objects.

        Raises:
            OSError: The disk refused.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        encode = msgspec.json.Encoder().encode
        schema = pa.schema([pa.field("record", pa.binary(), nullable=False)])
        self.folder.mkdir(parents=True, exist_ok=True)
        count = 0
        with pq.ParquetWriter(self._file(len(self.sizes)), schema, compression="zstd") as writer:
            for batch in batched(items, CHUNK_ITEMS):
                writer.write_table(pa.table([[encode(item) for item in batch]], schema=schema))
                count += len(batch)
        self.sizes.append(count)

    def __iter__(self) -> Iterator[T]:
        import pyarrow.parquet as pq

        decode: Any = msgspec.json.Decoder(self.kind).decode
        for number in range(len(self.sizes)):
            with pq.ParquetFile(self._file(number), pre_buffer=False) as file:
                for batch in file.iter_batches(CHUNK_ITEMS):
                    yield from map(decode, batch.column(0).to_pylist())

    def __len__(self) -> int:
        return sum(self.sizes)

    def _file(self, number: int) -> Path:
        return self.folder / f"{number:05}.parquet"


def working_folder(parent: Path) -> Path:
    """Name a new folder for spools, and remove those of former runs once they are a day old and nobody's any more."""
    for leftover in parent.glob("spool-*"):
        try:
            if time.time() - leftover.stat().st_mtime > _DAY_SECONDS:
                shutil.rmtree(leftover, ignore_errors=True)
        except FileNotFoundError:  # another run was quicker
            continue
    return parent.resolve() / f"spool-{uuid.uuid4().hex}"
