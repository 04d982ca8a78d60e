"""The body of a reply: read up to a limit, inflated up to a limit."""

import zlib

import aiohttp

MOST_REPLY_BYTES = 16 * 2**20
"""Longest body of a reply, inflated; a chat completion has kilobytes."""
ACCEPTED_ENCODINGS = "gzip, deflate"
"""Encodings that are asked for, as the header Accept-Encoding has them."""
_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS


class BodyRefused(Exception):
    """A body that is not read to its end; asking again would bring another of its kind."""


class BodyBroken(Exception):
    """A body that did not arrive whole."""


async def read_reply_body(response: aiohttp.ClientResponse, most_bytes: int = MOST_REPLY_BYTES) -> bytes:
    """Read the body of a reply from a session that does not inflate by itself.

    Args:
        response: The reply.
        most_bytes: Longest body, before and after inflation.

    Returns:
        The body, inflated.

    Raises:
        BodyRefused: It is longer, or in an encoding that was not asked for.
        BodyBroken: What is deflated is damaged or ends early.
    """
    encoding = ", ".join(response.headers.getall("Content-Encoding", [])).strip().lower()
    if encoding not in ("", "identity", "gzip", "x-gzip", "deflate"):
        raise BodyRefused(f"the reply is encoded as {encoding[:40]!r}, and {ACCEPTED_ENCODINGS} were asked for")
    body = bytearray()
    inflating = None if encoding in ("", "identity") else _Inflating()
    read_bytes = 0
    async for piece in response.content.iter_any():
        read_bytes += len(piece)
        body += inflating.inflate(piece, most_bytes + 1 - len(body)) if inflating else piece
        if max(read_bytes, len(body)) > most_bytes:
            raise BodyRefused(f"the reply is longer than {most_bytes:,} bytes (MOST_REPLY_BYTES)")
    if inflating and not inflating.whole:
        raise BodyBroken("the reply ends in the middle of what is deflated")
    return bytes(body)


class _Inflating:
    """Inflates one member of gzip after the other, or one stream of zlib with or without its header."""

    def __init__(self) -> None:
        self._stream = zlib.decompressobj(_GZIP_OR_ZLIB)
        self._begun = False

    @property
    def whole(self) -> bool:
        """True when nothing is missing."""
        return self._stream.eof or not self._begun

    def inflate(self, piece: bytes, most_bytes: int) -> bytes:
        """Inflate a piece, to `most_bytes` bytes at most."""
        inflated = b""
        while piece and len(inflated) < most_bytes:
            if not self._begun and piece[0] & 0x0F != 8 and piece[0] != 0x1F:
                self._stream = zlib.decompressobj(-zlib.MAX_WBITS)  # some servers leave zlib's header out
            self._begun = True
            if self._stream.eof:
                self._stream = zlib.decompressobj(_GZIP_OR_ZLIB)
            try:
                inflated += self._stream.decompress(piece, most_bytes - len(inflated))
            except zlib.error as error:
                raise BodyBroken(f"what is deflated is damaged ({error})") from None
            piece = self._stream.unconsumed_tail or self._stream.unused_data
        return inflated
