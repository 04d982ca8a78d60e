"""Web archives: the pages of a WARC, and the texts of a WET. `quintain.text.web_archive` writes one."""

import re
from collections.abc import Iterator
from pathlib import Path

from quintain.limits import WARC_HEADER_BYTES
from quintain.records import Dropped, RawPage
from quintain.web.http_response import read_response
from quintain.web.warc_framing import DamagedError, WarcRecord
from quintain.web.warc_records import read_records

_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_HTML = ("text/html", "application/xhtml+xml")
_TEXT = ("text/plain", "text/markdown")
_ABOUT_OTHERS = ("warcinfo", "request", "metadata")
"""Types of records that say something about a crawl or another record, and are nobody's page."""
_HOLD_PAGES = ("response", "resource", "conversion")


def read_warc(
    path: Path, max_bytes: int, name: str = "", start: int = 0, stop: int | None = None
) -> Iterator[RawPage | Dropped]:
    """Read the pages of a web archive, one at a time.

    Requests, metadata and warcinfo tell of other records and are passed over. Everything else is a page or a drop:
    responses that are not HTML or whose status is not 200, revisits, records of unknown types, pages over the limit,
    and records that are damaged, after which reading goes on at the next record. A conversion of text/plain, as in WET
    files, is a page whose main text is there already.

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
    if record.kind in _ABOUT_OTHERS:
        return None
    if record.kind == "revisit":
        raise DamagedError("revisit", "a crawler met the page again and kept no second copy")
    if record.kind not in _HOLD_PAGES:
        raise DamagedError("record-type", f"records of the type {record.kind[:40]!r} hold no page that can be read")
    if not record.url:
        raise DamagedError("no-url", "the record has no WARC-Target-URI")
    content_type, is_text = record.content_type, False
    is_http = content_type.lower().startswith("application/http")
    if is_http or (record.kind == "response" and record.block[:5].upper() == b"HTTP/"):
        response = read_response(record.block)
        if response.status != "200":
            raise DamagedError("status", f"HTTP status {response.status}")
        content_type = response.content_type
        _require_html(content_type)
        body = response.body(max_bytes)
        size = max(len(body), record.block_bytes if record.block_bytes > max_bytes + WARC_HEADER_BYTES else 0)
    else:
        media = content_type.partition(";")[0].strip().lower()
        is_text = media in _TEXT if media else record.kind == "conversion"
        if record.kind == "response" or not is_text:
            _require_html(content_type)
        body, size = record.block, record.block_bytes
    if size > max_bytes:
        raise DamagedError("too-large", f"{size:,} bytes or more, the limit max_bytes is {max_bytes:,}")
    named = _CHARSET.search(content_type)
    return RawPage(url=record.url, html=body, charset=named[1] if named else "", where=where, is_text=is_text)


def _require_html(content_type: str) -> None:
    if content_type and not content_type.lower().startswith(_HTML):
        raise DamagedError("not-html", content_type)


def _drop(damage: DamagedError, where: str) -> Dropped:
    return Dropped(stage="read", reason=damage.reason, where=where, text=str(damage))
