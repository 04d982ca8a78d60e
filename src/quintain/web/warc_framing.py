"""Framing of a web archive: a stream of bytes cut into records, a damage costing the record that it hits."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, BinaryIO

from quintain.limits import WARC_HEADER_BYTES, WARC_LENGTH_DIGITS

BEGINNING = b"WARC/"
"""First bytes of a record."""
BLOCK_BYTES = 1 << 16
"""Read at a time."""
_ENDING_BYTES = 64


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


class LostError(Exception):
    """A record in a stream that cannot be read again is damaged; the next may begin at `resume` or later."""

    def __init__(self, damage: DamagedError, resume: int) -> None:
        super().__init__(str(damage))
        self.damage = damage
        self.resume = resume


def framed_records(
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
        LostError: A record is damaged, and the stream cannot be read from another place.
    """
    offset, line = (stream.tell(), stream.readline(WARC_HEADER_BYTES)) if in_sight else _next_header(stream)
    while line:
        if not line.strip():
            offset = stream.tell()
            line = stream.readline(WARC_HEADER_BYTES)
            continue
        if not line.startswith(BEGINNING):
            yield offset, DamagedError("broken-record", f"expected a WARC header, found {line[:40]!r}")
            offset, line = _next_header(stream, line)
            continue
        resume = stream.tell()
        try:
            record = _record(line, stream, max_bytes)
            # The check of a gzip member stands at its end: the record is sound once what follows it was read.
            next_offset = stream.tell()
            following = stream.readline(WARC_HEADER_BYTES)
            if following.strip() and not following.startswith(BEGINNING):
                raise _no_blank_line(following)
            while following and not following.strip():
                next_offset = stream.tell()
                following = stream.readline(WARC_HEADER_BYTES)
        except DamagedError as damage:
            if not stream.seekable():
                raise LostError(damage, resume) from None
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
        if not line or (begins and line.startswith(BEGINNING)):
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
        passed_over = len(stream.read(min(BLOCK_BYTES, block_bytes - len(block) - skipped)))
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
        if lines[-1].startswith(BEGINNING):
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
    if following.split(b"\n")[0].strip() and not following.startswith(BEGINNING):
        raise _no_blank_line(following)
    stream.seek(start)


def _cut_off(there: int, wanted: int) -> DamagedError:
    return DamagedError("truncated", f"{there:,} of {wanted:,} bytes are there")


def _fields(lines: list[bytes]) -> dict[str, str]:
    pairs = (line.decode("utf-8", "replace").partition(":") for line in lines)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}
