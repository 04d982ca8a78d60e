"""A reply of the server behind on its way to a client: byte for byte, or with a citation."""

import logging
from collections.abc import Sequence
from http import HTTPStatus

import aiohttp

from quintain.methods.lte import Hit
from quintain.models.reply_body import MOST_REPLY_BYTES
from quintain.serving.citations import citation_of, citing_header, with_citation
from quintain.serving.cited_events import CitedEvents
from quintain.serving.gate import Send
from quintain.serving.json_body import error_body, json_bytes
from quintain.serving.passed_headers import to_client
from quintain.serving.upstream import Failure, Upstream

logger = logging.getLogger(__name__)

_EVENTS = b"text/event-stream"
_ENDS = (b"\n\n", b"\r\n\r\n", b"\r\r")


class PassedReply:
    """Passes one reply on, piece by piece as it comes.

    Args:
        upstream: The server behind.
        send: Takes what the client gets.
        edits: Edits that are in the question.
        choices: Choices that were asked for.
    """

    def __init__(self, upstream: Upstream, send: Send, edits: Sequence[Hit] = (), choices: int = 1) -> None:
        self._upstream = upstream
        self._send = send
        self._edits = edits
        self._choices = choices
        self._started = False
        self._is_events = False
        self._last = self._held = b""

    async def pass_on(self, reply: aiohttp.ClientResponse) -> None:
        """Pass a reply on to its end.

        Args:
            reply: The reply, its body still to come.

        Raises:
            ClientError: It broke off.
            TimeoutError: It stopped.
        """
        if 300 <= reply.status < 400 and reply.status != HTTPStatus.NOT_MODIFIED:
            await self.fail(self._upstream.redirected(reply.headers.get("Location", "")))
            return
        kind = _value(reply, b"content-type").partition(b";")[0].strip().lower()
        self._is_events = kind == _EVENTS
        plain = _value(reply, b"content-encoding").strip().lower() in (b"", b"identity")
        if self._edits and plain and reply.status == HTTPStatus.OK:
            if self._is_events:
                await self._pass_events(reply)
                return
            if kind.endswith(b"json"):
                await self._pass_object(reply)
                return
        await self._start(reply, length=True)
        await self._pass_rest(reply)

    async def fail(self, failure: Failure) -> None:
        """Say that there is no reply; one that has begun is left without its end, so that nobody takes it for whole."""
        body = json_bytes(error_body(failure.message, "upstream_error", code=failure.code))
        if not self._started:
            headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
            await self._send({"type": "http.response.start", "status": int(failure.status), "headers": headers})
            await self._send({"type": "http.response.body", "body": body})
            return
        logger.warning("a reply broke off: %s", failure.message)
        if self._is_events and (not self._last or self._last.endswith(_ENDS)):
            await self._piece(b"data: " + body + b"\n\n")

    async def _pass_rest(self, reply: aiohttp.ClientResponse) -> None:
        async for piece in reply.content.iter_any():
            await self._piece(piece)
        await self._end()

    async def _pass_events(self, reply: aiohttp.ClientResponse) -> None:
        events = CitedEvents(citation_of(self._edits), self._choices)
        await self._start(reply, length=False)
        async for piece in reply.content.iter_any():
            await self._piece(events.feed(piece))
        await self._end(events.rest())

    async def _pass_object(self, reply: aiohttp.ClientResponse) -> None:
        """Read an object whole, and cite in it; what is too long to be held is passed on as it comes."""
        pieces, size = [], 0
        async for piece in reply.content.iter_any():
            pieces.append(piece)
            size += len(piece)
            if size > MOST_REPLY_BYTES:
                await self._start(reply, length=True)
                await self._piece(b"".join(pieces))
                await self._pass_rest(reply)
                return
        body = with_citation(b"".join(pieces), citation_of(self._edits))
        await self._start(reply, length=False, more=[(b"content-length", str(len(body)).encode())])
        await self._end(body)

    async def _start(
        self, reply: aiohttp.ClientResponse, *, length: bool, more: Sequence[tuple[bytes, bytes]] = ()
    ) -> None:
        headers = [
            (name, self._upstream.key.cover(value)) for name, value in to_client(reply.raw_headers, length=length)
        ]
        if self._edits:
            headers.append(citing_header(self._edits))
        self._started = True
        await self._send({"type": "http.response.start", "status": reply.status, "headers": [*headers, *more]})

    async def _piece(self, piece: bytes) -> None:
        """Send what came, but for an end that may be the beginning of the key."""
        shown = self._upstream.key.cover(self._held + piece)
        cut = len(shown) - self._upstream.key.begun_in(shown)
        self._held = shown[cut:]
        if cut:
            self._last = (self._last + shown[:cut])[-4:]
            await self._send({"type": "http.response.body", "body": shown[:cut], "more_body": True})

    async def _end(self, piece: bytes = b"") -> None:
        await self._send({"type": "http.response.body", "body": self._upstream.key.cover(self._held + piece)})


def _value(reply: aiohttp.ClientResponse, name: bytes) -> bytes:
    return next((value for each, value in reply.raw_headers if each.lower() == name), b"")
