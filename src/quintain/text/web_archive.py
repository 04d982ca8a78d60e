"""Web archives written: a WARC of pages, with the same bytes every time."""

import hashlib
import io
import os
import tempfile
import uuid
from collections.abc import Iterable
from pathlib import Path

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from quintain.errors import RecordError
from quintain.records import RawPage
from quintain.text.file_names import short_name

_WRITTEN_AT = "2020-01-01T00:00:00Z"


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
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{short_name(path.name)}.")
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
    media = "text/plain" if page.is_text else "text/html"
    content_type = f"{media}; charset={page.charset}" if page.charset else media
    body, length = io.BytesIO(page.html), len(page.html)
    if page.is_text:
        return writer.create_warc_record(
            page.url, "conversion", body, length, warc_content_type=content_type, warc_headers_dict=fields
        )
    if not page.url.startswith(("http:", "https:")):
        return writer.create_warc_record(
            page.url, "resource", body, length, warc_content_type=content_type, warc_headers_dict=fields
        )
    http = StatusAndHeaders("200 OK", [("Content-Type", content_type)], protocol="HTTP/1.1")
    return writer.create_warc_record(page.url, "response", body, length, http_headers=http, warc_headers_dict=fields)
