"""Rows of a SQLite file, read page by page, whatever the tree above them and the index beside them say.

SQLite finds a row by walking down a tree, so one damaged page hides all rows below it. The rows themselves stand in the
leaves, and every leaf says where its rows begin. Format: https://www.sqlite.org/fileformat2.html
"""

import mmap
import struct
from collections.abc import Iterator
from pathlib import Path

Value = int | float | str | bytes | None

_LEAF = 0x0D
_HEADER_BYTES = 100
_WAL_HEADER_BYTES = 32
_FRAME_HEADER_BYTES = 24
_USUAL_PAGE_BYTES = 4096
_INTEGER_BYTES = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}


class SqlitePages:
    """Pages of a SQLite file, as its write-ahead log has left them.

    Args:
        path: The file; its log is beside it, with `-wal` behind the name.
    """

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            # A ledger may be larger than the memory; an empty file cannot be mapped.
            empty = path.stat().st_size == 0
            self._file = b"" if empty else mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        stated = int.from_bytes(self._file[16:18], "big")
        size = 65536 if stated == 1 else stated
        sound = 512 <= size <= 65536 and size & (size - 1) == 0
        self.page_bytes = size if sound else _USUAL_PAGE_BYTES
        reserved = self._file[20] if len(self._file) > 20 and sound else 0
        self._usable = self.page_bytes - (reserved if reserved <= 32 else 0)
        log = path.with_name(f"{path.name}-wal")
        self._newer = _committed(log.read_bytes(), self.page_bytes) if log.is_file() else {}
        self.pages = max([-(-len(self._file) // self.page_bytes), *self._newer])

    @property
    def missing(self) -> int:
        """Pages that the header promises and the file lacks."""
        header = self._newer.get(1, self._file)
        if len(header) < _HEADER_BYTES or header[24:28] != header[92:96]:
            return 0
        promised: int = struct.unpack(">I", header[28:32])[0]
        return max(0, promised - max([len(self._file) // self.page_bytes, *self._newer]))

    def page(self, number: int) -> bytes:
        """One page, from 1; empty where the file has ended."""
        if number in self._newer:
            return self._newer[number]
        return self._file[(number - 1) * self.page_bytes : number * self.page_bytes]

    def rows(self) -> Iterator[tuple[int, tuple[Value, ...] | None]]:
        """All rows of all tables.

        Yields:
            Number of the page, and the values; None for a row that is damaged.
        """
        for number in range(1, self.pages + 1):
            page = self.page(number)
            start = _HEADER_BYTES if number == 1 else 0
            if len(page) <= start + 8 or page[start] != _LEAF:
                continue
            cells = int.from_bytes(page[start + 3 : start + 5], "big")
            for place in range(start + 8, min(start + 8 + 2 * cells, len(page) - 1), 2):
                at = int.from_bytes(page[place : place + 2], "big")
                try:
                    yield number, _values(self._payload(page, at))
                except (IndexError, ValueError, struct.error):
                    yield number, None

    def _payload(self, page: bytes, at: int) -> bytes:
        length, at = _varint(page, at)
        _, at = _varint(page, at)
        most = self._usable - 35
        if length <= most:
            return _whole(page[at : at + length], length)
        least = (self._usable - 12) * 32 // 255 - 23
        here = least + (length - least) % (self._usable - 4)
        here = here if here <= most else least
        if length > self.pages * self.page_bytes:
            raise ValueError("longer than the file")
        parts, left = [_whole(page[at : at + here], here)], length - here
        following = _whole(page[at + here : at + here + 4], 4)
        while left > 0:
            overflow = self.page(int.from_bytes(following, "big"))
            following, part = _whole(overflow[:4], 4), overflow[4 : self._usable][:left]
            if not part:
                raise ValueError("the chain of pages ends early")
            parts.append(part)
            left -= len(part)
        return b"".join(parts)


def _values(payload: bytes) -> tuple[Value, ...]:
    header_bytes, at = _varint(payload, 0)
    kinds = []
    while at < header_bytes:
        kind, at = _varint(payload, at)
        kinds.append(kind)
    values: list[Value] = []
    at = header_bytes
    for kind in kinds:
        length = _INTEGER_BYTES.get(kind, 8 if kind == 7 else (kind - 12) // 2 if kind >= 12 else 0)
        raw = _whole(payload[at : at + length], length)
        at += length
        values.append(_value(kind, raw))
    return tuple(values)


def _value(kind: int, raw: bytes) -> Value:
    if kind == 0:
        return None
    if kind in _INTEGER_BYTES:
        return int.from_bytes(raw, "big", signed=True)
    if kind == 7:
        number: float = struct.unpack(">d", raw)[0]
        return number
    if kind in (8, 9):
        return kind - 8
    if kind < 12:
        raise ValueError("no kind of value")
    return raw.decode("utf-8", "replace") if kind % 2 else raw


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for place in range(8):
        byte = data[at + place]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + place + 1
    return value << 8 | data[at + 8], at + 9


def _whole(data: bytes, length: int) -> bytes:
    if len(data) < length:
        raise ValueError("ends early")
    return data


def _committed(log: bytes, page_bytes: int) -> dict[int, bytes]:
    """Pages of a write-ahead log up to its last commit, as far as its sums hold."""
    if len(log) < _WAL_HEADER_BYTES or log[:3] != b"\x37\x7f\x06" or int.from_bytes(log[8:12], "big") != page_bytes:
        return {}
    order = ">" if log[3] & 1 else "<"
    sums = _checksum(log[:24], (0, 0), order)
    if struct.pack(">II", *sums) != log[24:32]:
        return {}
    committed: dict[int, bytes] = {}
    pending: dict[int, bytes] = {}
    for at in range(_WAL_HEADER_BYTES, len(log), _FRAME_HEADER_BYTES + page_bytes):
        head = log[at : at + _FRAME_HEADER_BYTES]
        page = log[at + _FRAME_HEADER_BYTES : at + _FRAME_HEADER_BYTES + page_bytes]
        if len(page) < page_bytes or head[8:16] != log[16:24]:
            break
        sums = _checksum(page, _checksum(head[:8], sums, order), order)
        if struct.pack(">II", *sums) != head[16:24]:
            break
        number, commits = struct.unpack(">II", head[:8])
        pending[number] = page
        if commits:
            committed |= pending
            pending = {}
    return committed


def _checksum(data: bytes, sums: tuple[int, int], order: str) -> tuple[int, int]:
    first, second = sums
    words = struct.unpack(f"{order}{len(data) // 4}I", data)
    for one, other in zip(words[::2], words[1::2], strict=True):
        first = (first + one + second) & 0xFFFFFFFF
        second = (second + other + first) & 0xFFFFFFFF
    return first, second
