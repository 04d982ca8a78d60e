"""A file of unit vectors that grows in place: a header, then float32 rows, mapped into memory.

Row i belongs to the i-th key of the log, so the file needs no ids; the header says of which memory, embedder and keys.
"""

import json
import mmap
import os
import weakref
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]

_HEADER_BYTES = 4096
_FORMAT = 1
_LEAST_ROWS = 1024
_GROWTH = 1.5
_BLOCK_BYTES = 64 << 20
_OUT = float("-inf")


@dataclass(frozen=True, kw_only=True)
class Header:
    """Header of a file of vectors."""

    memory: str
    """Id of the log it was made from."""
    embedder: str
    """Name of the embedder, for messages."""
    dimension: int
    """Numbers per row."""
    rows: int = 0
    """Rows that count; the file has room for more."""
    texts_crc: int = 0
    """Checksum of the keys' texts in order."""
    rows_crc: int = 0
    """Checksum of the rows' bytes in order."""
    format: int = _FORMAT
    """Layout of the file."""


def chain_texts(crc: int, texts: Iterable[str]) -> int:
    """Carry a checksum of texts on."""
    for text in texts:
        crc = zlib.crc32(text.encode("utf-8", "surrogatepass") + b"\0", crc)
    return crc


class VectorFile:
    """A mapped file of vectors. Who appends holds the memory's lock.

    Args:
        path: The file.

    Raises:
        ValueError: It is missing, cut off, or no file of vectors.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._file = os.open(path, os.O_RDWR)
        except OSError as error:
            raise ValueError(f"cannot be opened: {error.strerror}") from None
        self.close = weakref.finalize(self, os.close, self._file)
        self._map()

    @classmethod
    def create(cls, path: Path, header: Header) -> "VectorFile":
        """Make an empty file that replaces what stood there, also for those who have it open."""
        aside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
        aside.write_bytes(_packed(header))
        aside.replace(path)
        return cls(path)

    def _map(self) -> None:
        self.header = self._read_header()
        row_bytes = 4 * self.header.dimension
        room = (os.fstat(self._file).st_size - _HEADER_BYTES) // row_bytes if row_bytes else 0
        if self.header.format != _FORMAT or room < self.header.rows:
            raise ValueError(f"has room for {room} rows of the {self.header.rows} that its header counts")
        self._all: Vectors = np.empty((0, self.header.dimension), np.float32)
        if room:
            mapped = mmap.mmap(self._file, _HEADER_BYTES + room * row_bytes, access=mmap.ACCESS_READ)
            self._all = np.frombuffer(mapped, np.float32, offset=_HEADER_BYTES).reshape(room, self.header.dimension)

    def _read_header(self) -> Header:
        try:
            return Header(**json.loads(os.pread(self._file, _HEADER_BYTES, 0)))
        except (ValueError, TypeError):
            raise ValueError("has no readable header") from None

    @property
    def rows(self) -> Vectors:
        """The vectors, in place. Shape (rows, dimension)."""
        return self._all[: self.header.rows]

    def refresh(self) -> bool:
        """Take in what another process appended; False when it has replaced the file."""
        try:
            if self._path.stat().st_ino != os.fstat(self._file).st_ino:
                return False
        except FileNotFoundError:
            return False
        self.header = self._read_header()
        if self.header.rows > len(self._all):
            self._map()
        return True

    def append(self, vectors: Vectors, texts: Sequence[str]) -> None:
        """Add rows: first the numbers, then the header that counts them.

        Args:
            vectors: Rows of length 1. Shape (n, dimension).
            texts: The keys they stand for, n of them.
        """
        start, end = self.header.rows, self.header.rows + len(vectors)
        if end > len(self._all):
            room = max(_LEAST_ROWS, end, int(len(self._all) * _GROWTH))
            # Beyond the rows the file is a hole that takes no space; mapping ahead spares a mapping per row.
            os.ftruncate(self._file, _HEADER_BYTES + room * 4 * self.header.dimension)
            self._map()
        # Not through the mapping: on a full disk that would end the process instead of raising.
        data = np.ascontiguousarray(vectors, np.float32)
        _write(self._file, data.tobytes(), _HEADER_BYTES + start * 4 * self.header.dimension)
        self.header = replace(
            self.header,
            rows=end,
            texts_crc=chain_texts(self.header.texts_crc, texts),
            rows_crc=zlib.crc32(data.data, self.header.rows_crc),
        )
        _write(self._file, _packed(self.header), 0)

    def crc_of(self, count: int) -> int:
        """Checksum of the first rows as they stand in the file now."""
        crc, step = 0, max(1, _BLOCK_BYTES // (4 * self.header.dimension))
        for start in range(0, count, step):
            crc = zlib.crc32(self._all[start : min(start + step, count)].data, crc)
        return crc

    def is_whole(self) -> bool:
        """True when the rows are the bytes that were appended."""
        return self.crc_of(self.header.rows) == self.header.rows_crc


def _packed(header: Header) -> bytes:
    return json.dumps(vars(header)).encode().ljust(_HEADER_BYTES - 1) + b"\n"


def _write(file: int, data: bytes, place: int) -> None:
    left = memoryview(data)
    while left:
        written = os.pwrite(file, left, place)
        left, place = left[written:], place + written


def nearest_rows(rows: Vectors, question: NDArray[np.float32], dead: NDArray[np.intp]) -> Iterator[tuple[int, float]]:
    """Find the rows most like a question, exactly, best first; who needs few takes few.

    Args:
        rows: Unit vectors. Shape (n, d).
        question: Unit vector. Shape (d,).
        dead: Numbers of rows that are out of the running.

    Yields:
        tuple[int, float]: Row number and cosine, of equal ones the lower number first.
    """
    scores = rows.dot(question)
    if len(dead):
        scores[dead] = _OUT
    # One look for the largest reads all scores, and is still quicker than any partition while few are wanted.
    for _ in range(len(scores)):
        row = int(scores.argmax())
        score = scores.item(row)
        if score == _OUT:
            return
        yield row, score
        scores[row] = _OUT
