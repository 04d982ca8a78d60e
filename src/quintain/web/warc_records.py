"""Bytes of a web archive to records: plain or gzip, damaged or not.

The framing is our own: warcio ends at the first broken record, and a crawl always has some. Here a damage costs the
record it hits, and reading goes on at the next one.
"""

import contextlib
import io
import tempfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO

from quintain.limits import GZIP_PROBE_BYTES, WARC_HEADER_BYTES, WARC_LENGTH_DIGITS, WARC_MEMBER_BYTES

GZIP = b"\x1f\x8b\x08"
"""First bytes of a gzip member."""
_BEGINNING = b"WARC/"
_BLOCK_BYTES = 1 << 16
_ENDING_BYTES = 64
_SPOOLED_IN_MEMORY = 1 << 24


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
    block: bytes
    """The block as it came, at most as many bytes of it as are wanted."""
    block_bytes: int
    """Length of the whole block."""


def read_records(
    path: Path, max_bytes: int, start: int = 0, stop: int | None = None
) -> Iterator[tuple[int, WarcRecord | DamagedError]]:
    """Read the records of a web archive, one at a time.

    Args:
        path: A `.warc` or `.warc.gz`.
        max_bytes: Largest page; of a larger record only the beginning is kept.
        start: In a gzip file, where to look for the first record.
        stop: Where no further member is looked for in a gzip file; records behind it may be read or not.

    Yields:
        Offset of the record, or of the gzip member that holds it, and the record or what is wrong with it.
    """
    with path.open("rb") as file:
        first_bytes = file.read(len(GZIP))
        # The name counts too: the damage may be in the first bytes.
        zipped = first_bytes == GZIP or (path.suffix == ".gz" and first_bytes not in (b"", b"WAR"))
        file.seek(0)
        yield from _zipped_records(file, max_bytes, start, stop) if zipped else _records(file, max_bytes)


class _Member(io.RawIOBase):
    """One member of a gzip file, inflated as it is read."""

    def __init__(self, file: BinaryIO, offset: int) -> None:
        file.seek(offset)
        self._file = file
        self._inflate = zlib.decompressobj(16 + zlib.MAX_WBITS)
        self._inflated = 0

    @property
    def end(self) -> int:
        """Offset of the first byte after the member, once it is read to its end."""
        return self._file.tell() - len(self._inflate.unused_data)

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._inflated

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
                self._inflated += len(inflated)
                return len(inflated)
        return 0


def _zipped_records(
    file: BinaryIO, max_bytes: int, start: int, stop: int | None
) -> Iterator[tuple[int, WarcRecord | DamagedError]]:
    """Read member after member; after a damaged one, go on at the next that begins with a WARC header."""
    offset = next_warc_member(file, start, stop) if start else 0
    while offset is not None:
        member = _Member(file, offset)
        try:
            for _, found in _records(io.BufferedReader(member, _BLOCK_BYTES), max_bytes):
                yield offset, found
        except _LostError as lost:
            yield offset, lost.damage
            with _spooled(file, offset) as inflated:
                inflated.seek(lost.resume)
                for _, found in _records(inflated, max_bytes, in_sight=False):
                    yield offset, found
            offset = next_warc_member(file, offset + 1, stop)
        except DamagedError as damage:
            yield offset, damage
            offset = next_warc_member(file, offset + 1, stop)
        else:
            offset = member.end
            file.seek(offset)
            following = file.read(_BLOCK_BYTES)
            if not following.startswith(GZIP):
                if following.strip(b"\0"):  # zeros are padding
                    yield offset, DamagedError("broken-gzip", f"no gzip member begins with {following[:20]!r}")
                offset = next_warc_member(file, offset, stop)


def _spooled(file: BinaryIO, offset: int) -> IO[bytes]:
    """Inflate a member as far as it goes into a file that can be read from any place, in memory while it is small."""
    inflated = tempfile.SpooledTemporaryFile(_SPOOLED_IN_MEMORY)  # noqa: SIM115 - the caller closes it
    member = io.BufferedReader(_Member(file, offset), _BLOCK_BYTES)
    with contextlib.suppress(DamagedError):
        while inflated.tell() < WARC_MEMBER_BYTES and (block := member.read1(_BLOCK_BYTES)):
            inflated.write(block)
    return inflated


def next_warc_member(file: BinaryIO, offset: int, stop: int | None = None) -> int | None:
    """Find the next gzip member that holds a WARC record; the magic bytes alone also occur in compressed data.

    Args:
        file: A gzip file.
        offset: Where to look from.
        stop: Where to look no further.

    Returns:
        Offset of the member, or None when there is no other before `stop`.
    """
    file.seek(offset)
    window, start = b"", offset
    while (stop is None or start < stop) and (block := file.read(1 << 20)):
        window += block
        found = window.find(GZIP)
        while found >= 0:
            if len(window) - found < GZIP_PROBE_BYTES and (more := file.read(GZIP_PROBE_BYTES)):
                window += more
            if _holds_a_record(window[found : found + GZIP_PROBE_BYTES]):
                return start + found if stop is None or start + found < stop else None
            found = window.find(GZIP, found + 1)
        kept = len(GZIP) - 1
        start += len(window) - kept
        window = window[-kept:]
    return None


def _holds_a_record(member: bytes) -> bool:
    try:
        return zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(member, len(_BEGINNING)) == _BEGINNING
    except zlib.error:
        return False


class _LostError(Exception):
    """A record in a stream that cannot be read again is damaged; the next may begin at `resume` or later."""

    def __init__(self, damage: DamagedError, resume: int) -> None:
        super().__init__(str(damage))
        self.damage = damage
        self.resume = resume


def _records(
    stream: BinaryIO | IO[bytes], max_bytes: int, *, in_sight: bool = True
) -> Iterator[tuple[int, WarcRecord | DamagedError]]:
    """Cut a stream into records; rubbish after a blank line is a damage of its own.

    A record must end where it says, with a blank line or the next record after it. If it does not, its length is wrong,
    and the next header is looked for from its own header on.

    Args:
        stream: An archive, or one gzip member of it.
        max_bytes: Largest page; of a larger record only the beginning is kept.
        in_sight: Whether the stream stands at a record; if not, at what is left of a damaged one.

    Yields:
        Offset, and the record or what is wrong with it.

    Raises:
        DamagedError: The gzip member is damaged where no record is.
        _LostError: A record is damaged, and the stream cannot be read from another place.
    """
    offset, line = (stream.tell(), stream.readline(WARC_HEADER_BYTES)) if in_sight else _next_header(stream)
    while line:
        if not line.strip():
            offset = stream.tell()
            line = stream.readline(WARC_HEADER_BYTES)
            continue
        if not line.startswith(_BEGINNING):
            yield offset, DamagedError("broken-record", f"expected a WARC header, found {line[:40]!r}")
            offset, line = _next_header(stream, line)
            continue
        resume = stream.tell()
        try:
            record = _record(line, stream, max_bytes)
            # The check of a gzip member stands at its end: the record is sound once what follows it was read.
            next_offset = stream.tell()
            following = stream.readline(WARC_HEADER_BYTES)
            if following.strip() and not following.startswith(_BEGINNING):
                raise _no_blank_line(following)
            while following and not following.strip():
                next_offset = stream.tell()
                following = stream.readline(WARC_HEADER_BYTES)
        except DamagedError as damage:
            if not stream.seekable():
                raise _LostError(damage, resume) from None
            yield offset, damage
            stream.seek(resume)
            offset, line = _next_header(stream)
            continue
        yield offset, record
        offset, line = next_offset, following


def _next_header(stream: BinaryIO | IO[bytes], line: bytes = b"\n") -> tuple[int, bytes]:
    """Read on to a line that begins a record; its offset and the line, which is empty at the end of the stream."""
    while True:
        begins = line.endswith(b"\n")  # a long line comes in pieces
        offset = stream.tell()
        line = stream.readline(WARC_HEADER_BYTES)
        if not line or (begins and line.startswith(_BEGINNING)):
            return offset, line


def _no_blank_line(found: bytes) -> DamagedError:
    return DamagedError("broken-record", f"a blank line must follow a record, found {found[:40]!r}")


def _record(first_line: bytes, stream: BinaryIO | IO[bytes], max_bytes: int) -> WarcRecord:
    """Read a record, its first line read.

    Args:
        first_line: Its first line.
        stream: Where the rest comes from.
        max_bytes: Largest page; of a larger record only the beginning is kept.

    Returns:
        The record; the stream stands behind its block.

    Raises:
        DamagedError: The header is none, or the record does not end where it says.
    """
    header = _header(first_line, stream)
    fields = _fields(header)
    length = fields.get("content-length", "")
    if not (length.isascii() and length.isdigit() and len(length) <= WARC_LENGTH_DIGITS):
        raise DamagedError("broken-record", f"Content-Length is {length[:40]!r}")
    block_bytes = int(length)
    if stream.seekable():
        _require_end(stream, block_bytes)
    block = stream.read(min(block_bytes, max_bytes + WARC_HEADER_BYTES))
    skipped = 0
    if stream.seekable():
        stream.seek(block_bytes - len(block), io.SEEK_CUR)
        skipped = block_bytes - len(block)
    while len(block) + skipped < block_bytes:
        passed_over = len(stream.read(min(_BLOCK_BYTES, block_bytes - len(block) - skipped)))
        if not passed_over:
            raise _cut_off(len(block) + skipped, block_bytes)
        skipped += passed_over
    return WarcRecord(
        kind=fields.get("warc-type", "").lower(),
        url=fields.get("warc-target-uri", "").strip("<>").replace(" ", "%20"),
        content_type=fields.get("content-type", ""),
        block=block,
        block_bytes=block_bytes,
    )


def _header(first_line: bytes, stream: BinaryIO | IO[bytes]) -> list[bytes]:
    lines, size = [first_line], len(first_line)
    while lines[-1].strip():
        lines.append(stream.readline(WARC_HEADER_BYTES))
        size += len(lines[-1])
        if not lines[-1]:
            raise DamagedError("truncated", "the header of the record breaks off")
        if size > WARC_HEADER_BYTES:
            raise DamagedError("broken-record", f"the header is longer than {WARC_HEADER_BYTES:,} bytes")
        if lines[-1].startswith(_BEGINNING):
            raise DamagedError("broken-record", "another record begins within the header")
    return lines


def _require_end(stream: BinaryIO | IO[bytes], block_bytes: int) -> None:
    """Look where a block ends before reading it: a wrong length costs nothing then, however often it occurs."""
    start = stream.tell()
    end = stream.seek(0, io.SEEK_END)
    if start + block_bytes > end:
        raise _cut_off(end - start, block_bytes)
    stream.seek(start + block_bytes)
    following = stream.read(_ENDING_BYTES)
    if following.split(b"\n")[0].strip() and not following.startswith(_BEGINNING):
        raise _no_blank_line(following)
    stream.seek(start)


def _cut_off(there: int, wanted: int) -> DamagedError:
    return DamagedError("truncated", f"{there:,} of {wanted:,} bytes are there")


def _fields(lines: list[bytes]) -> dict[str, str]:
    pairs = (line.decode("utf-8", "replace").partition(":") for line in lines)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}
