"""HTTP responses as archives hold them: status, headers, and the body with its encodings undone.

Crawlers write what they please: status lines of HTTP/2, line feeds alone, headers of encodings that were undone before
the body was stored, and names of encodings that nobody knows. Where the body itself shows what it is, that counts.
"""

import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from quintain.limits import WARC_HEADER_BYTES
from quintain.web.warc_framing import DamagedError

_HEAD_END = re.compile(rb"\r?\n\r?\n")
_STATUS = re.compile(rb"(?:HTTP(?:/\d+(?:\.\d+)?)?|h[23]c?)[ \t]+(\d{3})(?!\d)", re.IGNORECASE)
_CHUNK = re.compile(rb"([0-9a-fA-F]{1,8})[ \t]*(?:;[^\r\n]*)?\r?\n")
_MOST_INTERIM = 5
_BLOCK_BYTES = 1 << 16

_GZIP, _ZSTD = b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd"
COMPRESSED = (_GZIP, _ZSTD)
"""First bytes of a body that is compressed, whatever its header says; no text begins so."""
_UNENCODED = ("", "identity", "none")
_ALIASES = {"x-gzip": "gzip", "gz": "gzip", "x-deflate": "deflate", "zlib": "deflate", "brotli": "br", "x-br": "br"}
_LEADING = b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n"
_CONTROLS = bytes({*range(32)} - {*b"\t\n\r\f\x1b"})
"""Bytes that stand in no text of one byte or more a character; the escape belongs to ISO-2022-JP."""
_LOOKED_AT_BYTES = 1024


@dataclass(frozen=True)
class HttpResponse:
    """A response, its body as it was sent."""

    status: str
    """Three digits."""
    content_type: str
    """Content-Type, empty when it has none."""
    codings: tuple[str, ...]
    """Names in Content-Encoding, lower-case, in the order in which they were applied."""
    is_chunked: bool
    """Whether the header says that the body comes in chunks."""
    sent: bytes
    """The body with all its encodings."""

    def body(self, limit: int) -> bytes:
        """Undo chunks and encodings.

        Args:
            limit: Largest body that is wanted whole, in bytes.

        Returns:
            The body; of a longer one, and of one that was cut off, the beginning: one byte over the limit at most.

        Raises:
            DamagedError: It is compressed in a way that nothing here reads.
        """
        body = _unchunked(self.sent) if self.is_chunked else self.sent
        for coding in reversed(self.codings or ("identity",)):
            body = _decoded(coding, body, limit)
        return body[: limit + 1]


def read_response(block: bytes) -> HttpResponse:
    """Read status and headers of a response; interim responses (1xx) before it are passed over.

    Args:
        block: The block of an archive's record.

    Returns:
        The response.

    Raises:
        DamagedError: There is no status line, or the headers never end.
    """
    for _ in range(_MOST_INTERIM):
        status = _STATUS.match(block)
        if not status:
            raise DamagedError("broken-http", f"a status line was expected, found {block[:40]!r}")
        code = status[1]
        end = _HEAD_END.search(block, 0, WARC_HEADER_BYTES)
        if not end and len(block) > WARC_HEADER_BYTES:
            raise DamagedError("broken-http", f"the headers are longer than {WARC_HEADER_BYTES:,} bytes")
        head, sent = (block[: end.start()], block[end.end() :]) if end else (block, b"")
        if code.startswith(b"1") and _STATUS.match(sent):
            block = sent
            continue
        break
    fields = _fields(head)
    return HttpResponse(
        status=code.decode(),
        content_type=next(iter(fields.get("content-type", [])), ""),
        codings=tuple(
            name.strip().strip("\"'")
            for value in fields.get("content-encoding", [])
            for name in value.lower().split(",")
        ),
        is_chunked=any("chunked" in value.lower() for value in fields.get("transfer-encoding", [])),
        sent=sent,
    )


def _fields(head: bytes) -> dict[str, list[str]]:
    """Values of each header, by its lower-case name; a line that begins with a space goes on with the one before."""
    fields: dict[str, list[str]] = {}
    last: list[str] = []
    for line in head.decode("utf-8", "replace").replace("\r\n", "\n").split("\n")[1:]:
        if line[:1] in (" ", "\t") and last:
            last[-1] += f" {line.strip()}"
            continue
        name, colon, value = line.partition(":")
        if colon:
            last = fields.setdefault(name.strip().lower(), [])
            last.append(value.strip())
    return fields


def _unchunked(body: bytes) -> bytes:
    """Join the chunks of a body; one that has none, and what follows a broken chunk, stay as they are."""
    parts: list[bytes] = []
    at = 0
    while size := _CHUNK.match(body, at):
        start, length = size.end(), int(size[1], 16)
        if not length:
            return b"".join(parts)
        parts.append(body[start : start + length])
        at = start + length
        at += len(b"\r\n") if body.startswith(b"\r\n", at) else len(b"\n") if body.startswith(b"\n", at) else 0
    return b"".join([*parts, body[at:]])


def _decoded(coding: str, body: bytes, limit: int) -> bytes:
    if not body:
        return body
    coding = _ALIASES.get(coding, coding)
    names = [_shown(body), coding] if _shown(body) else [coding]
    for name in names:
        if name in _DECODERS:
            try:
                return _DECODERS[name](body, limit)
            except _OtherwiseError:
                continue
    if _is_markup(body) or coding in _UNENCODED or (coding not in _DECODERS and _is_text(body)):
        return body
    raise DamagedError("encoding", f"no decoder for the body, whose Content-Encoding is {coding[:40]}")


class _OtherwiseError(ValueError):
    """The body is not compressed in this way."""


def _shown(body: bytes) -> str:
    """The compression that the first bytes show; '' for none."""
    return "gzip" if body.startswith(_GZIP) else "zstd" if body.startswith(_ZSTD) else ""


def _is_markup(body: bytes) -> bool:
    return body[:_LOOKED_AT_BYTES].lstrip(_LEADING).startswith(b"<")


def _is_text(body: bytes) -> bool:
    beginning = body[:_LOOKED_AT_BYTES]
    return len(beginning.translate(None, _CONTROLS)) == len(beginning)


def _gunzip(body: bytes, limit: int) -> bytes:
    return _inflated(body, limit, 16 + zlib.MAX_WBITS)


def _inflate(body: bytes, limit: int) -> bytes:
    """Deflate with its header, as the standard says, or without, as some servers send it."""
    try:
        return _inflated(body, limit, zlib.MAX_WBITS)
    except _OtherwiseError:
        return _inflated(body, limit, -zlib.MAX_WBITS)


def _inflated(body: bytes, limit: int, window_bits: int) -> bytes:
    """Inflate a body, several members too; of a damaged or cut one what comes before the damage."""
    found = bytearray()
    inflate = zlib.decompressobj(window_bits)
    waiting, at = b"", 0
    while (waiting or at < len(body)) and len(found) <= limit:
        if not waiting:
            waiting, at = body[at : at + _BLOCK_BYTES], at + _BLOCK_BYTES
        try:
            found += inflate.decompress(waiting, limit + 1 - len(found))
        except zlib.error as error:
            if not found:
                raise _OtherwiseError from error
            break
        waiting = inflate.unconsumed_tail
        if inflate.eof:
            waiting = inflate.unused_data
            inflate = zlib.decompressobj(window_bits)
    return bytes(found)


def _by_arrow(codec: str) -> Callable[[bytes, int], bytes]:
    def decode(body: bytes, limit: int) -> bytes:
        import pyarrow as pa

        found = bytearray()
        try:
            with pa.CompressedInputStream(pa.BufferReader(body), codec) as stream:
                while len(found) <= limit and (block := stream.read(min(_BLOCK_BYTES, limit + 1 - len(found)))):
                    found += block
        except (OSError, ValueError, pa.ArrowException) as error:
            if not found:
                raise _OtherwiseError from error
        return bytes(found)

    return decode


_DECODERS: dict[str, Callable[[bytes, int], bytes]] = {
    "gzip": _gunzip,
    "deflate": _inflate,
    "br": _by_arrow("brotli"),
    "zstd": _by_arrow("zstd"),
}
