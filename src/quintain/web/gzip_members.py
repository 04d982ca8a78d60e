"""Members of a gzip file: inflated as they are read, and found again behind a damage."""

import contextlib
import io
import tempfile
import zlib
from typing import IO, BinaryIO

from quintain.limits import GZIP_PROBE_BYTES, WARC_MEMBER_BYTES
from quintain.web.warc_framing import BEGINNING, BLOCK_BYTES, DamagedError

GZIP = b"\x1f\x8b\x08"
"""First bytes of a gzip member."""
_SPOOLED_IN_MEMORY = 1 << 24


class GzipMember(io.RawIOBase):
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
        """True: a member is only read."""
        return True

    def tell(self) -> int:
        """Bytes inflated so far."""
        return self._inflated

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Inflate the next bytes; none at the end, and a damage raised where it stands."""
        while not self._inflate.eof:
            data = self._inflate.unconsumed_tail or self._file.read(BLOCK_BYTES)
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


def spooled(file: BinaryIO, offset: int) -> IO[bytes]:
    """Inflate a member as far as it goes into a file that can be read from any place, in memory while it is small."""
    inflated = tempfile.SpooledTemporaryFile(_SPOOLED_IN_MEMORY)  # noqa: SIM115 - the caller closes it
    member = io.BufferedReader(GzipMember(file, offset), BLOCK_BYTES)
    with contextlib.suppress(DamagedError):
        while inflated.tell() < WARC_MEMBER_BYTES and (block := member.read1(BLOCK_BYTES)):
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
        return zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(member, len(BEGINNING)) == BEGINNING
    except zlib.error:
        return False
