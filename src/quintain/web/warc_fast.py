"""Pages of a web archive by fastwarc, faster than our own reader and with the same result.

Fastwarc ends at the first broken record and takes a record that was cut off for a whole one. So every record is checked
for its length and the last one for the end of the file, and where anything is wrong our own reader goes on.
"""

import os
import zlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from quintain.errors import ConfigError
from quintain.limits import WARC_HEADER_BYTES
from quintain.records import Dropped, RawPage
from quintain.web.gzip_members import GZIP, next_warc_member
from quintain.web.http_response import COMPRESSED
from quintain.web.warc import _CHARSET, _drop, _page, read_warc
from quintain.web.warc_framing import DamagedError, WarcRecord

try:
    from fastwarc.warc import ArchiveIterator
except ImportError as error:
    raise ConfigError("reading archives in bulk needs fastwarc: pip install 'quintain[bulk]'") from error

if TYPE_CHECKING:
    from fastwarc.warc import WarcRecord as FastRecord

_CHUNK_BYTES = 1 << 16


def read_warc_fast(
    path: Path, max_bytes: int, name: str = "", start: int = 0, stop: int | None = None
) -> Iterator[RawPage | Dropped]:
    """Read the pages of a web archive, one at a time, as `read_warc` reads them.

    Args:
        path: A `.warc` or `.warc.gz`.
        max_bytes: Largest page, in bytes of HTML.
        name: What messages call the file; its name when empty.
        start: In a `.warc.gz`, where to begin: at the first record that starts there or later.
        stop: Where to end: before the first record that starts there or later; None for the end of the file.

    Yields:
        Pages and drops, in the order of the file.
    """
    done = 0
    held: RawPage | Dropped | None = None
    try:
        for number, (offset, record) in enumerate(_records(path, start, stop), 1):
            if held:
                yield held
                done += 1
            if offset < start:  # a plain archive, whatever its name says, is read from its first byte
                continue
            # Nobody has counted the records before a stretch.
            which = f"record {number}" if stop is None else "record"
            held = _read(record, f"{name or path.name}, {which} at byte {offset}", max_bytes)
    except (OSError, ValueError, DamagedError):
        # What was sound is read twice; few archives have a broken record.
        yield from islice(read_warc(path, max_bytes, name, start, stop), done, None)
    else:
        if held:
            yield held


def _records(path: Path, start: int, stop: int | None) -> Iterator[tuple[int, "FastRecord"]]:
    """Read the records of a stretch, and in a plain archive those before it, with their offsets.

    Args:
        path: The archive.
        start: First byte of the stretch.
        stop: First byte after it; None for the end of the file.

    Yields:
        Offset and record, its block unread.

    Raises:
        DamagedError: The file does not hold one record after the other, each in a gzip member of its own if in any.
    """
    with path.open("rb") as file, path.open("rb", buffering=0) as beside:
        zipped, size = beside.read(len(GZIP)) == GZIP, os.fstat(beside.fileno()).st_size
        first = next_warc_member(file, start, stop) if zipped and start else 0
        if first is None or (stop is not None and first >= stop):
            return
        file.seek(first)
        offset, past = first - 1, False
        for record in ArchiveIterator(file, parse_http=False):
            before, offset = offset, record.stream_pos
            beside.seek(offset)
            # Lines that end without a carriage return are one line to it, and what follows them is lost.
            if any("\n" in value for _, value in record.headers.to_tuples()):
                raise DamagedError("broken-record", f"the header at byte {offset} has lines of another end")
            # Of a record that shares its member with others fastwarc gives a later offset, perhaps the next member's.
            if zipped and (offset == before or beside.read(len(GZIP)) != GZIP):
                raise DamagedError("broken-gzip", f"no gzip member begins at byte {offset}")
            if not zipped and offset + record.content_length > size:
                raise DamagedError("truncated", f"the record at byte {offset} ends behind the archive")
            if past:  # one record further, so that what was said of the last offset is proved
                return
            past = stop is not None and offset >= stop
            if not past:
                yield offset, record
        _require_end(path, max(offset, 0))


def _require_end(path: Path, offset: int) -> None:
    """Check that a whole gzip member, and nothing else, lies between an offset and the end of the file."""
    with path.open("rb") as file:
        if file.read(2) != b"\x1f\x8b":
            return
        file.seek(offset)
        inflate = zlib.decompressobj(16 + zlib.MAX_WBITS)
        try:
            while not inflate.eof and (data := inflate.unconsumed_tail or file.read(_CHUNK_BYTES)):
                inflate.decompress(data, _CHUNK_BYTES)
        except zlib.error as error:
            raise DamagedError("broken-gzip", str(error)) from None
        if not inflate.eof or inflate.unused_data or file.read(1):
            raise DamagedError("truncated", "the archive does not end with the record that was read last")


def _read(record: "FastRecord", where: str, max_bytes: int) -> RawPage | Dropped | None:
    """Read one record.

    Args:
        record: The record, its block unread.
        where: File and position, for the page.
        max_bytes: Largest page, in bytes of HTML.

    Returns:
        The page, why there is none, or None for records that are no pages.

    Raises:
        DamagedError: The record is cut off.
    """
    wanted = min(record.content_length, max_bytes + WARC_HEADER_BYTES)
    block = record.reader.read(wanted)
    if len(block) < wanted:
        raise DamagedError("truncated", f"{len(block):,} of {record.content_length:,} bytes are there")
    fields = {name.lower(): value for name, value in record.headers.to_tuples()}
    url = fields.get("warc-target-uri", "").strip("<>").replace(" ", "%20")
    page = _plain_page(url, block, where, max_bytes) if fields.get("warc-type") == "response" and url else None
    if page:
        return page
    whole = WarcRecord(
        fields.get("warc-type", "").lower(), url, fields.get("content-type", ""), block, record.content_length
    )
    try:
        return _page(whole, where, max_bytes)
    except DamagedError as damage:
        return _drop(damage, f"{url} ({where})")


def _plain_page(url: str, block: bytes, where: str, max_bytes: int) -> RawPage | None:
    """Read the page of an ordinary response: status 200, HTML, no encodings; None for any other."""
    head, _, html = block.partition(b"\r\n\r\n")
    status, *lines = head.split(b"\r\n")
    if not status.startswith((b"HTTP/1.1 200 ", b"HTTP/1.0 200 ")) or b"\n\n" in head or len(html) > max_bytes:
        return None
    if html.startswith(COMPRESSED):
        return None
    content_type = ""
    for line in lines:
        name, _, value = line.partition(b":")
        name = name.strip().lower()
        if name in (b"content-encoding", b"transfer-encoding") or line[:1] in b" \t":
            return None
        if name == b"content-type":
            if content_type:
                return None
            content_type = value.decode("utf-8", "replace").strip()
    if not content_type.lower().startswith(("text/html", "application/xhtml+xml")):
        return None
    named = _CHARSET.search(content_type)
    return RawPage(url=url, html=html, charset=named[1] if named else "", where=where)
