"""Web archives: read the pages of a WARC, plain or gzip, damaged or not; write one with the same bytes every time.

The framing of records is our own: warcio ends at the first broken record, and a crawl always has some. What is inside
a record (HTTP headers, chunks, content encodings) is read by warcio.
"""

import contextlib
import hashlib
import io
import os
import re
import tempfile
import uuid
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from warcio.bufferedreaders import BufferedReader as EncodedReader
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecordLoader
from warcio.statusandheaders import StatusAndHeaders, StatusAndHeadersParserException
from warcio.warcwriter import WARCWriter

from quintain.errors import RecordError
from quintain.records import Dropped, RawPage

_GZIP = b"\x1f\x8b\x08"
_BLOCK_BYTES = 1 << 16
_HEADER_BYTES = 1 << 16
"""Longest header of a record; HTTP headers are given as much again."""
_WRITTEN_AT = "2020-01-01T00:00:00Z"
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_HTML = ("text/html", "application/xhtml+xml")


class _DamagedError(Exception):
    """A record cannot be read; `reason` is the word for the funnel."""

    def __init__(self, reason: str, said: str) -> None:
        super().__init__(said)
        self.reason = reason


@dataclass(frozen=True)
class _Record:
    kind: str
    url: str
    content_type: str
    data: bytes
    """Header and block, at most as many bytes of the block as are wanted."""
    block_bytes: int
    """Length of the whole block."""


def read_warc(path: Path, max_bytes: int) -> Iterator[RawPage | Dropped]:
    """Read the pages of a web archive, one at a time.

    Requests, metadata and revisits are no pages and are passed over. Everything else is a page or a drop: responses
    that are not HTML or whose status is not 200, pages over the limit, and records that are damaged, after which
    reading goes on at the next record.

    Args:
        path: A `.warc` or `.warc.gz`.
        max_bytes: Largest page, in bytes of HTML.

    Yields:
        Pages and drops, in the order of the file.
    """
    with path.open("rb") as file:
        start = file.read(len(_GZIP))
        # The name counts too: the damage may be in the first bytes.
        zipped = start == _GZIP or (path.suffix == ".gz" and start not in (b"", b"WAR"))
        file.seek(0)
        records = _zipped_records(file, max_bytes) if zipped else _plain_records(file, max_bytes)
        for number, (offset, found) in enumerate(records, 1):
            where = f"{path.name}, record {number} at byte {offset}"
            try:
                page = _page(found, where, max_bytes) if isinstance(found, _Record) else _drop(found, where)
            except _DamagedError as damage:
                page = _drop(damage, f"{found.url} ({where})" if isinstance(found, _Record) else where)
            if page:
                yield page


# --- framing -------------------------------------------------------------------------------------------------------


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
                raise _DamagedError("truncated", "the gzip member ends early")
            try:
                inflated = self._inflate.decompress(data, len(buffer))
            except zlib.error as error:
                raise _DamagedError("broken-gzip", str(error)) from None
            if inflated:
                buffer[: len(inflated)] = inflated
                return len(inflated)
        return 0


def _zipped_records(file: BinaryIO, max_bytes: int) -> Iterator[tuple[int, _Record | _DamagedError]]:
    """Read member after member; after a damaged one, go on at the next that begins with a WARC header."""
    offset: int | None = 0
    while offset is not None:
        member = _Member(file, offset)
        try:
            for _, found in _records(io.BufferedReader(member, _BLOCK_BYTES), max_bytes):
                yield offset, found
        except _DamagedError as damage:
            yield offset, damage
            offset = _next_warc_member(file, offset + 1)
        else:
            offset = member.end
            file.seek(offset)
            following = file.read(_BLOCK_BYTES)
            if not following.startswith(_GZIP):
                if following.strip(b"\0"):  # zeros are padding
                    yield offset, _DamagedError("broken-gzip", f"no gzip member begins with {following[:20]!r}")
                offset = _next_warc_member(file, offset)


def _next_warc_member(file: BinaryIO, offset: int) -> int | None:
    """Find the next gzip member that holds a WARC record; the magic bytes alone also occur in compressed data."""
    file.seek(offset)
    window, start = b"", offset
    while block := file.read(1 << 20):
        window += block
        found = window.find(_GZIP)
        while found >= 0:
            resume = file.tell()
            with contextlib.suppress(_DamagedError):
                if io.BufferedReader(_Member(file, start + found), _BLOCK_BYTES).read(5) == b"WARC/":
                    return start + found
            file.seek(resume)
            found = window.find(_GZIP, found + 1)
        kept = len(_GZIP) - 1
        start += len(window) - kept
        window = window[-kept:]
    return None


def _plain_records(file: BinaryIO, max_bytes: int) -> Iterator[tuple[int, _Record | _DamagedError]]:
    try:
        yield from _records(file, max_bytes)
    except _DamagedError as damage:
        yield file.tell(), damage


def _records(stream: BinaryIO, max_bytes: int) -> Iterator[tuple[int, _Record | _DamagedError]]:
    """Cut a stream into records; rubbish after a blank line is a damage of its own.

    Args:
        stream: An archive, or one gzip member of it.
        max_bytes: Largest page; of a larger record only the beginning is kept.

    Yields:
        Offset, and the record or what is wrong with it.

    Raises:
        _DamagedError: The stream breaks off; nothing after this point can be read.
    """
    tell = stream.tell if stream.seekable() else int
    offset = tell()
    line = stream.readline(_HEADER_BYTES)
    while line:
        if not line.strip():
            offset = tell()
            line = stream.readline(_HEADER_BYTES)
            continue
        if not line.startswith(b"WARC/"):
            yield offset, _DamagedError("broken-record", f"expected a WARC header, found {line[:40]!r}")
            while line and not line.startswith(b"WARC/"):
                offset = tell()
                line = stream.readline(_HEADER_BYTES)
            continue
        record = _record(line, stream, max_bytes)
        # The check of a gzip member stands at its end: the record is sound once what follows it was read.
        next_offset = tell()
        following = stream.readline(_HEADER_BYTES)
        if following.strip() and not following.startswith(b"WARC/"):
            record = _DamagedError("broken-record", f"a blank line must follow a record, found {following[:40]!r}")
        while following and not following.strip():
            next_offset = tell()
            following = stream.readline(_HEADER_BYTES)
        yield offset, record
        offset, line = next_offset, following


def _record(first_line: bytes, stream: BinaryIO, max_bytes: int) -> _Record | _DamagedError:
    lines = [first_line]
    while lines[-1].strip():
        lines.append(stream.readline(_HEADER_BYTES))
        if not lines[-1]:
            raise _DamagedError("truncated", "the header of the record breaks off")
        if sum(map(len, lines)) > _HEADER_BYTES:
            return _DamagedError("broken-record", f"the header is longer than {_HEADER_BYTES:,} bytes")
    fields = _fields(lines[1:])
    length = fields.get("content-length", "")
    if not (length.isascii() and length.isdigit()):
        return _DamagedError("broken-record", f"Content-Length is {length!r}")
    wanted = min(int(length), max_bytes + _HEADER_BYTES)
    block = stream.read(wanted)
    skipped = 0
    while len(block) + skipped < int(length):
        passed_over = len(stream.read(min(_BLOCK_BYTES, int(length) - len(block) - skipped)))
        if not passed_over:
            raise _DamagedError("truncated", f"{len(block) + skipped:,} of {int(length):,} bytes are there")
        skipped += passed_over
    return _Record(
        kind=fields.get("warc-type", ""),
        url=fields.get("warc-target-uri", "").strip("<>").replace(" ", "%20"),
        content_type=fields.get("content-type", ""),
        data=b"".join(lines) + block,
        block_bytes=int(length),
    )


def _fields(lines: list[bytes]) -> dict[str, str]:
    pairs = (line.decode("utf-8", "replace").partition(":") for line in lines)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


# --- one record ----------------------------------------------------------------------------------------------------


def _page(record: _Record, where: str, max_bytes: int) -> RawPage | None:
    """Read the page of a record.

    Args:
        record: The record.
        where: File and position, for the page.
        max_bytes: Largest page, in bytes of HTML.

    Returns:
        The page; None for records that are no pages.

    Raises:
        _DamagedError: The record should hold a page, but it cannot be had; the reason says why.
    """
    if record.kind not in ("response", "resource"):
        return None
    if not record.url:
        raise _DamagedError("no-url", "the record has no WARC-Target-URI")
    http = record.content_type.lower().startswith("application/http")
    if record.kind == "response" and not http:
        return None  # a DNS lookup or the like
    if not http:
        _require_html(record.content_type)
        html, charset = record.data[-record.block_bytes :] if record.block_bytes else b"", record.content_type
        size = record.block_bytes
    else:
        html, charset = _http_body(record, max_bytes)
        size = max(len(html), record.block_bytes if record.block_bytes > max_bytes + _HEADER_BYTES else 0)
    if size > max_bytes:
        raise _DamagedError("too-large", f"{size:,} bytes or more, the limit max_bytes is {max_bytes:,}")
    named = _CHARSET.search(charset)
    return RawPage(url=record.url, html=html, charset=named[1] if named else "", where=where)


def _http_body(record: _Record, max_bytes: int) -> tuple[bytes, str]:
    """Decode the body of an HTTP response, up to one byte more than the limit, and give its content type."""
    try:
        parsed = ArcWarcRecordLoader(verify_http=True).parse_record_stream(
            io.BytesIO(record.data), known_format="warc", no_record_parse=True
        )
        parsed.http_headers = ArcWarcRecordLoader().http_parser.parse(parsed.raw_stream)
    except (ArchiveLoadFailed, StatusAndHeadersParserException, EOFError, ValueError) as error:
        raise _DamagedError("broken-http", f"{type(error).__name__}: {error}"[:200]) from None
    headers = parsed.http_headers
    status = headers.get_statuscode()
    if status != "200":
        raise _DamagedError("status", f"HTTP status {status}")
    content_type = headers.get_header("Content-Type") or ""
    _require_html(content_type)
    encoding = (headers.get_header("Content-Encoding") or "identity").lower()
    if encoding != "identity" and encoding not in EncodedReader.get_supported_decompressors():
        raise _DamagedError("encoding", f"no decoder for Content-Encoding {encoding}")
    return parsed.content_stream().read(max_bytes + 1), content_type


def _require_html(content_type: str) -> None:
    if content_type and not content_type.lower().startswith(_HTML):
        raise _DamagedError("not-html", content_type)


def _drop(damage: _DamagedError, where: str) -> Dropped:
    return Dropped(stage="read", reason=damage.reason, where=where, text=str(damage))


# --- writing -------------------------------------------------------------------------------------------------------


def write_warc(pages: Iterable[RawPage], path: Path) -> None:
    """Write pages as an archive whose bytes depend on the pages alone.

    Dates are fixed and record ids made from the content. The file appears whole or not at all.

    Args:
        pages: The pages, in order.
        path: Target; gzip when its name ends in `.gz`. Its folder is made.

    Raises:
        RecordError: A page has an address that no header can hold.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            writer = WARCWriter(file, gzip=path.suffix == ".gz")
            for page in pages:
                writer.write_record(_written(writer, page))
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    finally:
        Path(temporary).unlink(missing_ok=True)


def _written(writer: WARCWriter, page: RawPage):  # type: ignore[no-untyped-def]
    if not page.url or not page.url.isprintable():
        raise RecordError(f"a page cannot be written to a WARC under the address {page.url!r}; give it a printable one")
    identity = uuid.uuid5(uuid.NAMESPACE_URL, f"{page.url} {hashlib.sha256(page.html).hexdigest()}")
    fields = {"WARC-Date": _WRITTEN_AT, "WARC-Record-ID": f"<urn:uuid:{identity}>"}
    content_type = f"text/html; charset={page.charset}" if page.charset else "text/html"
    body, length = io.BytesIO(page.html), len(page.html)
    if not page.url.startswith(("http:", "https:")):
        return writer.create_warc_record(
            page.url, "resource", body, length, warc_content_type=content_type, warc_headers_dict=fields
        )
    http = StatusAndHeaders("200 OK", [("Content-Type", content_type)], protocol="HTTP/1.1")
    return writer.create_warc_record(page.url, "response", body, length, http_headers=http, warc_headers_dict=fields)
