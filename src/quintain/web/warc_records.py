"""Bytes of a web archive to records: plain or gzip, damaged or not.

The framing is our own: warcio ends at the first broken record, and a crawl always has some. Here a damage costs the
record it hits, and reading goes on at the next one.
"""

import contextlib
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

HEADER_BYTES = 1 << 16
"""Longest header of a record; HTTP headers are given as much again."""

GZIP = b"\x1f\x8b\x08"
"""First bytes of a gzip member."""
_BLOCK_BYTES = 1 << 16


class DamagedError(Exception):
    """A record cannot be read; `reason` is the word for the funnel."""

    def __init__(self, reason: str, said: str) -> None:
        super().__init__(said)
        self.reason = reason


@dataclass(frozen=True)
class WarcRecord:
    """One record, its header read and its block as it came."""

    kind: str
    """WARC-Type, such as `response`."""
    url: str
    """WARC-Target-URI, empty when it has none."""
    content_type: str
    """Content-Type of the block."""
    data: bytes
    """Header and block, at most as many bytes of the block as are wanted."""
    block_bytes: int
    """Length of the whole block."""


def read_records(path: Path, max_bytes: int, start: int = 0) -> Iterator[tuple[int, WarcRecord | DamagedError]]:
    """Read the records of a web archive, one at a time.

    Args:
        path: A `.warc` or `.warc.gz`.
        max_bytes: Largest page; of a larger record only the beginning is kept.
        start: In a gzip file, where to look for the first record.

    Yields:
        Offset of the record, or of the gzip member that holds it, and the record or what is wrong with it.
    """
    with path.open("rb") as file:
        first_bytes = file.read(len(GZIP))
        # The name counts too: the damage may be in the first bytes.
        zipped = first_bytes == GZIP or (path.suffix == ".gz" and first_bytes not in (b"", b"WAR"))
        file.seek(0)
        yield from _zipped_records(file, max_bytes, start) if zipped else _plain_records(file, max_bytes)


class _Member(io.RawIOBase):
    """One member of a gzip file, inflated as it is read."""

    def __init__(self, file: BinaryIO, offset: int) -> None:
        file.seek(offset)
        self._file = file
        self._inflate = zlib.decompressobj(16 + zlib.MAX_WBITS)

    @property
    def end(self) -> int:
        """Offset of the first byte after the member, once it is read to its end."""
        return self._file.tell() - len(self._inflate.unused_data)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while not self._inflate.eof:
            data = self._inflate.unconsumed_tail or self._file.read(_BLOCK_BYTES)
            if not data:
                raise DamagedError("truncated", "the gzip member ends early")
            try:
                inflated = self._inflate.decompress(data, len(buffer))
            except zlib.error as error:
                raise DamagedError("broken-gzip", str(error)) from None
            if inflated:
                buffer[: len(inflated)] = inflated
                return len(inflated)
        return 0


def _zipped_records(file: BinaryIO, max_bytes: int, start: int) -> Iterator[tuple[int, WarcRecord | DamagedError]]:
    """Read member after member; after a damaged one, go on at the next that begins with a WARC header."""
    offset = next_warc_member(file, start) if start else 0
    while offset is not None:
        member = _Member(file, offset)
        try:
            for _, found in _records(io.BufferedReader(member, _BLOCK_BYTES), max_bytes):
                yield offset, found
        except DamagedError as damage:
            yield offset, damage
            offset = next_warc_member(file, offset + 1)
        else:
            offset = member.end
            file.seek(offset)
            following = file.read(_BLOCK_BYTES)
            if not following.startswith(GZIP):
                if following.strip(b"\0"):  # zeros are padding
                    yield offset, DamagedError("broken-gzip", f"no gzip member begins with {following[:20]!r}")
                offset = next_warc_member(file, offset)


def next_warc_member(file: BinaryIO, offset: int) -> int | None:
    """Find the next gzip member that holds a WARC record; the magic bytes alone also occur in compressed data.

    Args:
        file: A gzip file.
        offset: Where to look from.

    Returns:
        Offset of the member, or None when there is no other.
    """
    file.seek(offset)
    window, start = b"", offset
    while block := file.read(1 << 20):
        window += block
        found = window.find(GZIP)
        while found >= 0:
            resume = file.tell()
            with contextlib.suppress(DamagedError):
                if io.BufferedReader(_Member(file, start + found), _BLOCK_BYTES).read(5) == b"WARC/":
                    return start + found
            file.seek(resume)
            found = window.find(GZIP, found + 1)
        kept = len(GZIP) - 1
        start += len(window) - kept
        window = window[-kept:]
    return None


def _plain_records(file: BinaryIO, max_bytes: int) -> Iterator[tuple[int, WarcRecord | DamagedError]]:
    try:
        yield from _records(file, max_bytes)
    except DamagedError as damage:
        yield file.tell(), damage


def _records(stream: BinaryIO, max_bytes: int) -> Iterator[tuple[int, WarcRecord | DamagedError]]:
    """Cut a stream into records; rubbish after a blank line is a damage of its own.

    Args:
        stream: An archive, or one gzip member of it.
        max_bytes: Largest page; of a larger record only the beginning is kept.

    Yields:
        Offset, and the record or what is wrong with it.

    Raises:
        DamagedError: The stream breaks off; nothing after this point can be read.
    """
    tell = stream.tell if stream.seekable() else int
    offset = tell()
    line = stream.readline(HEADER_BYTES)
    while line:
        if not line.strip():
            offset = tell()
            line = stream.readline(HEADER_BYTES)
            continue
        if not line.startswith(b"WARC/"):
            yield offset, DamagedError("broken-record", f"expected a WARC header, found {line[:40]!r}")
            while line and not line.startswith(b"WARC/"):
                offset = tell()
                line = stream.readline(HEADER_BYTES)
            continue
        record = _record(line, stream, max_bytes)
        # The check of a gzip member stands at its end: the record is sound once what follows it was read.
        next_offset = tell()
        following = stream.readline(HEADER_BYTES)
        if following.strip() and not following.startswith(b"WARC/"):
            record = DamagedError("broken-record", f"a blank line must follow a record, found {following[:40]!r}")
        while following and not following.strip():
            next_offset = tell()
            following = stream.readline(HEADER_BYTES)
        yield offset, record
        offset, line = next_offset, following


def _record(first_line: bytes, stream: BinaryIO, max_bytes: int) -> WarcRecord | DamagedError:
    lines = [first_line]
    while lines[-1].strip():
        lines.append(stream.readline(HEADER_BYTES))
        if not lines[-1]:
            raise DamagedError("truncated", "the header of the record breaks off")
        if sum(map(len, lines)) > HEADER_BYTES:
            return DamagedError("broken-record", f"the header is longer than {HEADER_BYTES:,} bytes")
    fields = _fields(lines[1:])
    length = fields.get("content-length", "")
    if not (length.isascii() and length.isdigit()):
        return DamagedError("broken-record", f"Content-Length is {length!r}")
    wanted = min(int(length), max_bytes + HEADER_BYTES)
    block = stream.read(wanted)
    skipped = 0
    while len(block) + skipped < int(length):
        passed_over = len(stream.read(min(_BLOCK_BYTES, int(length) - len(block) - skipped)))
        if not passed_over:
            raise DamagedError("truncated", f"{len(block) + skipped:,} of {int(length):,} bytes are there")
        skipped += passed_over
    return WarcRecord(
        kind=fields.get("warc-type", ""),
        url=fields.get("warc-target-uri", "").strip("<>").replace(" ", "%20"),
        content_type=fields.get("content-type", ""),
        data=b"".join(lines) + block,
        block_bytes=int(length),
    )


def _fields(lines: list[bytes]) -> dict[str, str]:
    pairs = (line.decode("utf-8", "replace").partition(":") for line in lines)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}
