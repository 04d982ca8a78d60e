"""Gate before the application: who is let in, and how much of a body at what pace."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, MutableMapping
from http import HTTPStatus
from typing import Any

from quintain.serving.access import Access
from quintain.serving.json_body import Refused, error_body, json_bytes
from quintain.serving.json_shape import excess
from quintain.serving.metrics import Metrics
from quintain.serving.request_limits import RequestLimits

Event = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Event]]
Send = Callable[[Event], Awaitable[None]]
Application = Callable[[Event, Receive, Send], Awaitable[None]]


class Gate:
    """Lets a request through with its whole body, or answers it itself.

    Args:
        app: The application behind.
        access: Who is let in.
        limits: What bodies may be.
        metrics: Where requests are counted.
        read: Paths whose bodies are read as JSON behind; of all by default.
    """

    def __init__(
        self,
        app: Application,
        access: Access,
        limits: RequestLimits,
        metrics: Metrics,
        read: Collection[str] | None = None,
    ) -> None:
        self._app = app
        self._read_paths = read
        self._access = access
        self._limits = limits
        self._metrics = metrics
        self._held_bytes = 0

    async def __call__(self, scope: Event, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status: list[int] = []

        async def counted(event: Event) -> None:
            if event["type"] == "http.response.start":
                status.append(event["status"])
            await send(event)

        body = _Body(receive)
        self._metrics.in_flight += 1
        try:
            await self._read(body, self._no_access(scope))
            if self._read_paths is None or scope["path"] in self._read_paths:
                self._require_shape(body)
            await self._app(scope, body.again, counted)
        except Refused as refusal:
            await _refuse(refusal, counted)
        finally:
            self._held_bytes -= body.length
            self._metrics.in_flight -= 1
            self._metrics.answered(status[0] if status else HTTPStatus.INTERNAL_SERVER_ERROR)

    def _no_access(self, scope: Event) -> Refused | None:
        if not self._access.knows(scope["headers"]):
            return Refused(
                "this server does not answer to the name it was asked under, or to pages of other servers; ask it as "
                "localhost, or start it with --allow-host NAME", None, "unknown_host", HTTPStatus.FORBIDDEN,
            )  # fmt: skip
        if not self._access.lets_in(scope["path"], scope["headers"]):
            return Refused(
                "the key is missing or wrong; send it as `Authorization: Bearer KEY`", None, "invalid_api_key",
                HTTPStatus.UNAUTHORIZED,
            )  # fmt: skip
        return None

    async def _read(self, body: "_Body", refusal: Refused | None) -> None:
        """Read a body to its end; of one that is refused nothing is kept, for a client first sends and then listens."""
        limits = self._limits
        try:
            async with asyncio.timeout(limits.body_seconds):
                async for piece in body.pieces():
                    if body.length + len(piece) > limits.body_bytes:
                        refusal = refusal or _too_large(limits)
                    elif self._held_bytes + len(piece) > limits.bodies_bytes:
                        refusal = refusal or _busy()
                    elif refusal is None:
                        self._held_bytes += len(piece)
                        body.take(piece)
        except TimeoutError:
            refusal = refusal or Refused(
                f"the body did not come within {limits.body_seconds:g} s (limit body_seconds)", None, "body_too_slow",
                HTTPStatus.REQUEST_TIMEOUT,
            )  # fmt: skip
        if refusal is not None:
            raise refusal

    def _require_shape(self, body: "_Body") -> None:
        limits = self._limits
        if limit := excess(body.data, nesting=limits.nesting, values=limits.values):
            raise Refused(
                f"the body has more than {getattr(limits, limit)} {'levels' if limit == 'nesting' else 'values'} of "
                f"JSON (limit {limit})", None, f"too_much_{limit}",
            )  # fmt: skip


def _too_large(limits: RequestLimits) -> Refused:
    return Refused(
        f"the body is longer than {limits.body_bytes} bytes (limit body_bytes); shorten the chat", None,
        "body_too_large", HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    )  # fmt: skip


def _busy() -> Refused:
    return Refused(
        "the server holds too many bodies of other requests (limit bodies_bytes); ask again later", None, "server_busy",
        HTTPStatus.SERVICE_UNAVAILABLE,
    )  # fmt: skip


async def _refuse(refusal: Refused, send: Send) -> None:
    """Answer with a refusal and end the connection, on which more of a body may come."""
    body = json_bytes(error_body(str(refusal), "invalid_request_error", refusal.param, refusal.code))
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    if refusal.status == HTTPStatus.UNAUTHORIZED:
        headers.append((b"www-authenticate", b"Bearer"))
    await send({"type": "http.response.start", "status": int(refusal.status), "headers": headers})
    await send({"type": "http.response.body", "body": body})


class _Body:
    """A body that is read once here and then once more by the application."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._pieces: list[bytes] = []
        self._given = False
        self.length = 0

    async def pieces(self) -> AsyncIterator[bytes]:
        """Pieces as they come; ends where the client leaves."""
        while True:
            event = await self._receive()
            if event["type"] != "http.request":
                return
            yield event.get("body", b"")
            if not event.get("more_body"):
                return

    def take(self, piece: bytes) -> None:
        """Keep a piece."""
        self._pieces.append(piece)
        self.length += len(piece)

    @property
    def data(self) -> bytes:
        """All that was kept."""
        self._pieces = [b"".join(self._pieces)]
        return self._pieces[0]

    async def again(self) -> Event:
        """The body in one event; after it whatever the client does."""
        if self._given:
            return await self._receive()
        self._given = True
        body, self._pieces = self.data, []
        return {"type": "http.request", "body": body, "more_body": False}
