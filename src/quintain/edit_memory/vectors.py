"""A file of unit vectors that grows in place: a header, then float32 rows.

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
_ROWS_AT_A_TIME = 4096
_ROWS_TO_TURN = 256
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
    """A file of vectors, held in memory. Who appends holds the memory's lock.

    The file is read, not mapped: one that is cut short by somebody else would end the process that has it mapped. In
    memory the numbers of one place lie side by side, so that a question with few numbers besides 0 reads few of them.

    Args:
        path: The file.
        read_only: Whether the disk takes nothing.

    Raises:
        ValueError: It is missing, cut off, damaged, or no file of vectors.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self._path = path
        try:
            self._file = os.open(path, os.O_RDONLY if read_only else os.O_RDWR)
        except OSError as error:
            raise ValueError(f"cannot be opened: {error.strerror}") from None
        self.close = weakref.finalize(self, os.close, self._file)
        self.header = self._read_header()
        self._all: Vectors = np.empty((self.header.dimension, 0), np.float32)
        self._held = self._crc = 0
        self._take_in()

    @classmethod
    def create(cls, path: Path, header: Header) -> "VectorFile":
        """Make an empty file that replaces what stood there, also for those who have it open."""
        aside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
        aside.write_bytes(_packed(header))
        aside.replace(path)
        return cls(path)

    def _read_header(self) -> Header:
        try:
            header = Header(**json.loads(os.pread(self._file, _HEADER_BYTES, 0)))
        except (ValueError, TypeError, RecursionError):
            raise ValueError("has no readable header") from None
        counts = (header.dimension, header.rows, header.texts_crc, header.rows_crc, header.format)
        if not all(type(count) is int and count >= 0 for count in counts):
            raise ValueError("has no readable header")
        row_bytes = 4 * header.dimension
        room = max(0, os.fstat(self._file).st_size - _HEADER_BYTES) // row_bytes if row_bytes else 0
        if header.format != _FORMAT or room < header.rows:
            raise ValueError(f"has room for {room} rows of the {header.rows} that its header counts")
        return header

    def _take_in(self) -> None:
        """Read the rows that the header counts and that are not held yet."""
        self._make_room(self.header.rows)
        for start, data in self._blocks(self._held, self.header.rows):
            self._crc = zlib.crc32(data, self._crc)
            rows = np.frombuffer(data, np.float32).reshape(-1, self.header.dimension)
            self._hold(start, rows)
        self._held = self.header.rows
        if self._crc != self.header.rows_crc:
            raise ValueError("holds other bytes than were written")

    def _blocks(self, start: int, end: int) -> Iterator[tuple[int, bytes]]:
        row_bytes = 4 * self.header.dimension
        step = max(1, _BLOCK_BYTES // row_bytes) if row_bytes else 1
        for first in range(start, end, step):
            wanted = (min(first + step, end) - first) * row_bytes
            data = os.pread(self._file, wanted, _HEADER_BYTES + first * row_bytes)
            if len(data) < wanted:
                raise ValueError("was cut short while it was read")
            yield first, data

    def _hold(self, start: int, rows: Vectors) -> None:
        # Few at a time: whole columns would be written past every cache.
        for first in range(0, len(rows), _ROWS_TO_TURN):
            some = rows[first : first + _ROWS_TO_TURN]
            self._all[:, start + first : start + first + len(some)] = some.T

    def _make_room(self, rows: int) -> None:
        held = self._all.shape[1]
        if rows <= held:
            return
        room = max(_LEAST_ROWS, rows, int(held * _GROWTH))
        # Aligned to pages: a scan is quicker for it.
        memory = mmap.mmap(-1, max(1, room * 4 * self.header.dimension), flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        grown: Vectors = np.frombuffer(memory, np.float32, room * self.header.dimension)
        grown = grown.reshape(self.header.dimension, room)
        grown[:, : self._held] = self._all[:, : self._held]
        self._all = grown

    @property
    def rows(self) -> Vectors:
        """The vectors. Shape (rows, dimension)."""
        return self._all[:, : self.header.rows].T

    def refresh(self) -> bool:
        """Take in what another process appended.

        Returns:
            False when it has replaced the file.

        Raises:
            ValueError: The file was cut short or damaged meanwhile.
        """
        try:
            if self._path.stat().st_ino != os.fstat(self._file).st_ino:
                return False
        except FileNotFoundError:
            return False
        former, self.header = self.header, self._read_header()
        if (self.header.memory, self.header.dimension) != (former.memory, former.dimension):
            return False
        if self.header.rows < self._held:
            raise ValueError(f"lost {self._held - self.header.rows} of the {self._held} rows that it had")
        self._take_in()
        return True

    def append(self, vectors: Vectors, texts: Sequence[str]) -> None:
        """Add rows: first the numbers, then the header that counts them.

        Args:
            vectors: Rows of length 1. Shape (n, dimension).
            texts: The keys they stand for, n of them.
        """
        start, end = self.header.rows, self.header.rows + len(vectors)
        data = np.ascontiguousarray(vectors, np.float32)
        _write(self._file, data.tobytes(), _HEADER_BYTES + start * 4 * self.header.dimension)
        header = replace(
            self.header,
            rows=end,
            texts_crc=chain_texts(self.header.texts_crc, texts),
            rows_crc=zlib.crc32(data.data, self.header.rows_crc),
        )
        _write(self._file, _packed(header), 0)
        self._make_room(end)
        self._hold(start, data)
        self.header, self._held, self._crc = header, end, header.rows_crc

    def crc_of(self, count: int) -> int:
        """Checksum of the first rows as they are held."""
        crc = 0
        for start in range(0, count, _ROWS_AT_A_TIME):
            rows = self._all[:, start : min(start + _ROWS_AT_A_TIME, count)].T
            crc = zlib.crc32(np.ascontiguousarray(rows).data, crc)
        return crc

    def is_whole(self) -> bool:
        """True when the rows on disk are the bytes that were appended."""
        crc = 0
        try:
            for _, data in self._blocks(0, self.header.rows):
                crc = zlib.crc32(data, crc)
        except ValueError:
            return False
        return crc == self.header.rows_crc


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
    scores = _likenesses(rows, question)
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


def _likenesses(rows: Vectors, question: NDArray[np.float32]) -> NDArray[np.float32]:
    """Cosine of each row; of the numbers that meet a 0 in the question none is read."""
    if 2 * np.count_nonzero(question) > len(question):
        return rows @ question
    places = np.flatnonzero(question)
    weights, columns = question[places], rows.T
    scores = np.empty(len(rows), np.float32)
    for start in range(0, len(rows), _ROWS_AT_A_TIME):
        end = min(start + _ROWS_AT_A_TIME, len(rows))
        np.dot(weights, columns[places, start:end], out=scores[start:end])
    return scores
