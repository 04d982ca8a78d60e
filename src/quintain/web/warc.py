"""Web archives: the pages of a WARC. `quintain.text.web_archive` writes one.

What is inside a record (HTTP headers, chunks, content encodings) is read by warcio.
"""

import io
import re
from collections.abc import Iterator
from pathlib import Path

from warcio.bufferedreaders import BufferedReader as EncodedReader
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecordLoader
from warcio.statusandheaders import StatusAndHeadersParserException

from quintain.limits import WARC_HEADER_BYTES
from quintain.records import Dropped, RawPage
from quintain.web.warc_records import DamagedError, WarcRecord, read_records

_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_HTML = ("text/html", "application/xhtml+xml")


def read_warc(
    path: Path, max_bytes: int, name: str = "", start: int = 0, stop: int | None = None
) -> Iterator[RawPage | Dropped]:
    """Read the pages of a web archive, one at a time.

    Requests, metadata and revisits are no pages and are passed over. Everything else is a page or a drop: responses
    that are not HTML or whose status is not 200, pages over the limit, and records that are damaged, after which
    reading goes on at the next record.

    Args:
        path: A `.warc` or `.warc.gz`.
        max_bytes: Largest page, in bytes of HTML.
        name: What messages call the file; its name when empty.
        start: In a `.warc.gz`, where to begin: at the first record that starts there or later.
        stop: Where to end: before the first record that starts there or later; None for the end of the file.

    Yields:
        Pages and drops, in the order of the file.
    """
    for number, (offset, found) in enumerate(read_records(path, max_bytes, start, stop), 1):
        if stop is not None and offset >= stop:
            return
        if offset < start:  # a plain archive, whatever its name says, is read from its first byte
            continue
        # Nobody has counted the records before a stretch.
        record = f"record {number}" if stop is None else "record"
        where = f"{name or path.name}, {record} at byte {offset}"
        if isinstance(found, DamagedError):
            yield _drop(found, where)
            continue
        try:
            page = _page(found, where, max_bytes)
        except DamagedError as damage:
            yield _drop(damage, f"{found.url} ({where})")
        else:
            if page:
                yield page


def _page(record: WarcRecord, where: str, max_bytes: int) -> RawPage | None:
    """Read the page of a record.

    Args:
        record: The record.
        where: File and position, for the page.
        max_bytes: Largest page, in bytes of HTML.

    Returns:
        The page; None for records that are no pages.

    Raises:
        DamagedError: The record should hold a page, but it cannot be had; the reason says why.
    """
    if record.kind not in ("response", "resource"):
        return None
    if not record.url:
        raise DamagedError("no-url", "the record has no WARC-Target-URI")
    http = record.content_type.lower().startswith("application/http")
    if record.kind == "response" and not http:
        return None  # a DNS lookup or the like
    if not http:
        _require_html(record.content_type)
        html, charset = record.data[-record.block_bytes :] if record.block_bytes else b"", record.content_type
        size = record.block_bytes
    else:
        html, charset = _http_body(record, max_bytes)
        size = max(len(html), record.block_bytes if record.block_bytes > max_bytes + WARC_HEADER_BYTES else 0)
    if size > max_bytes:
        raise DamagedError("too-large", f"{size:,} bytes or more, the limit max_bytes is {max_bytes:,}")
    named = _CHARSET.search(charset)
    return RawPage(url=record.url, html=html, charset=named[1] if named else "", where=where)


def _http_body(record: WarcRecord, max_bytes: int) -> tuple[bytes, str]:
    """Decode the body of an HTTP response, up to one byte more than the limit, and give its content type."""
    try:
        parsed = ArcWarcRecordLoader(verify_http=True).parse_record_stream(
            io.BytesIO(record.data), known_format="warc", no_record_parse=True
        )
        parsed.http_headers = ArcWarcRecordLoader().http_parser.parse(parsed.raw_stream)
    except (ArchiveLoadFailed, StatusAndHeadersParserException, EOFError, ValueError) as error:
        raise DamagedError("broken-http", f"{type(error).__name__}: {error}"[:200]) from None
    headers = parsed.http_headers
    status = headers.get_statuscode()
    if status != "200":
        raise DamagedError("status", f"HTTP status {status}")
    content_type = headers.get_header("Content-Type") or ""
    _require_html(content_type)
    encoding = (headers.get_header("Content-Encoding") or "identity").lower()
    if encoding != "identity" and encoding not in EncodedReader.get_supported_decompressors():
        raise DamagedError("encoding", f"no decoder for Content-Encoding {encoding}")
    return parsed.content_stream().read(max_bytes + 1), content_type


def _require_html(content_type: str) -> None:
    if content_type and not content_type.lower().startswith(_HTML):
        raise DamagedError("not-html", content_type)


def _drop(damage: DamagedError, where: str) -> Dropped:
    return Dropped(stage="read", reason=damage.reason, where=where, text=str(damage))
