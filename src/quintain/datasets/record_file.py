"""Records in a file of JSON lines, each decoded when it is asked for: a list that takes no memory."""

import codecs
from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, cast, overload

import msgspec

from quintain.records import Record


class RecordFile(Sequence[Record]):
    """The records of a file that was checked line by line.

    Args:
        path: The file, not compressed.
        record: Class of the records.
        offsets: Where each line begins.
    """

    def __init__(self, path: Path, record: type[Record], offsets: "array[int]") -> None:
        self._path = path.resolve()
        self._record = record
        self._offsets = offsets
        self._opened: tuple[Any, Any] | None = None

    def __len__(self) -> int:
        return len(self._offsets)

    def __iter__(self) -> Iterator[Record]:
        decode = msgspec.json.Decoder(self._record).decode
        with self._path.open("rb") as file:
            for offset in self._offsets:
                file.seek(offset)
                yield decode(file.readline().removeprefix(codecs.BOM_UTF8))

    @overload
    def __getitem__(self, place: int) -> Record: ...
    @overload
    def __getitem__(self, place: slice) -> list[Record]: ...
    def __getitem__(self, place: int | slice) -> Record | list[Record]:
        if isinstance(place, slice):
            return [self[each] for each in range(*place.indices(len(self)))]
        if self._opened is None:
            self._opened = self._path.open("rb"), msgspec.json.Decoder(self._record).decode
        file, decode = self._opened
        file.seek(self._offsets[place])
        return cast("Record", decode(file.readline().removeprefix(codecs.BOM_UTF8)))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, RecordFile | list | tuple):
            return NotImplemented
        return len(self) == len(other) and all(one == another for one, another in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]

    def __del__(self) -> None:
        if self._opened is not None:
            self._opened[0].close()

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_opened": None}
