"""Web archives as crawlers write them, and what a reading gave."""

import io

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from quintain.records import Dropped, RawPage

LIMIT = 10_000


def html(number):
    return f"<html><body><p>Page number {number} of the archive.</p></body></html>".encode()


def urls(read):
    return [page.url for page in read if isinstance(page, RawPage)]


def reasons(read):
    return [page.reason for page in read if isinstance(page, Dropped)]


def foreign(path, *records, gzipped=True):
    """Write records with warcio: (type, url, HTTP status line, HTTP headers, body)."""
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=gzipped)
        for kind, url, status, headers, body in records:
            http = StatusAndHeaders(status, headers, protocol="HTTP/1.1") if status else None
            length = len(body)
            record = writer.create_warc_record(url, kind, io.BytesIO(body), length, http_headers=http)
            writer.write_record(record)
    return path


def response(url, body, status="200 OK", **headers):
    named = {"Content-Type": "text/html", **{name.replace("_", "-"): value for name, value in headers.items()}}
    return "response", url, status, list(named.items()), body


def plain(kind, block, content_type, ends=b"\r\n", url="https://a.example", **fields):
    """A record by hand, its lines ending as said."""
    lines = [b"WARC/1.0", b"WARC-Type: " + kind.encode(), b"WARC-Target-URI: " + url.encode()]
    lines += [b"Content-Type: " + content_type.encode()] if content_type else []
    lines += [f"{name.replace('_', '-')}: {value}".encode() for name, value in fields.items()]
    return ends.join([*lines, b"Content-Length: %d" % len(block), b"", b""]) + block + ends * 2


def http(status=b"HTTP/1.1 200 OK", body=b"<p>x</p>", ends=b"\r\n", headers=(b"Content-Type: text/html",)):
    return ends.join([status, *headers, b"", body])
