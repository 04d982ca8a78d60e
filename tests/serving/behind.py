"""A server on loopback that stands behind `quintain serve --upstream`: it notes bytes and says what a test wants."""

import asyncio
import contextlib
import http.client
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from aiohttp import web

from quintain.serving.ending import EndingServer
from quintain.serving.server import address_of, take_port


@dataclass(frozen=True)
class Came:
    """One request, byte for byte."""

    method: str
    path: str
    """With its query, as it was written."""
    headers: dict[str, str]
    """Names in small letters."""
    body: bytes


@dataclass(frozen=True)
class Gives:
    """A reply in pieces; an event between them is waited for, None cuts the connection."""

    pieces: Sequence[bytes | threading.Event | None]
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})
    chunked: bool = False


class Behind:
    """The server, in a thread of this process."""

    def __init__(self, reply: Callable[[Came], Gives]) -> None:
        self.reply = reply
        self.came: list[Came] = []
        self.left = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: self._loop.run_until_complete(self._serve()), daemon=True)

    def __enter__(self) -> "Behind":
        self._thread.start()
        assert self._ready.wait(timeout=100)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join()
        self._loop.close()

    async def _serve(self) -> None:
        self._end = asyncio.Event()
        app = web.Application(client_max_size=1 << 26)
        app.router.add_route("*", "/{path:.*}", self._answer)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0, handler_cancellation=True)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.address = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
        self._ready.set()
        await self._end.wait()
        await runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        headers = {name.lower(): value for name, value in request.headers.items()}
        came = Came(request.method, request.raw_path, headers, await request.read())
        self.came.append(came)
        gives = self.reply(came)
        response = web.StreamResponse(status=gives.status, headers=gives.headers)
        if gives.chunked:
            response.enable_chunked_encoding()
        else:
            response.content_length = sum(len(piece) for piece in gives.pieces if isinstance(piece, bytes)) + (
                10 if None in gives.pieces else 0
            )
        try:
            await response.prepare(request)
            for piece in gives.pieces:
                if piece is None:
                    request.transport.abort()
                elif isinstance(piece, threading.Event):
                    while not piece.is_set():
                        await asyncio.sleep(0.005)
                else:
                    await response.write(piece)
        except (asyncio.CancelledError, ConnectionError):
            self.left.set()
            raise
        return response


class Running:
    """An application in a thread of this process, and a client of it."""

    def __init__(self, app) -> None:
        self.socket = take_port("127.0.0.1", 0)
        self.address = address_of(self.socket)
        self.place = urlsplit(self.address).netloc
        self.socket.listen()
        self.server = EndingServer(app)
        self.thread = threading.Thread(target=self.server.run, args=([self.socket],), daemon=True)
        self.thread.start()

    def __enter__(self) -> "Running":
        return self

    def __exit__(self, *_: object) -> None:
        self.server.should_exit = True
        self.thread.join(timeout=100)
        assert not self.thread.is_alive()

    @contextlib.contextmanager
    def asked(self, path, body=None, method=None, **headers):
        """A reply whose body is still to be read."""
        with contextlib.closing(http.client.HTTPConnection(self.place, timeout=60)) as client:
            client.request(
                method or ("GET" if body is None else "POST"), path, body,
                {"Content-Type": "application/json"} | {name.replace("_", "-"): said for name, said in headers.items()},
            )  # fmt: skip
            yield client.getresponse()

    def call(self, path, body=None, method=None, **headers):
        """Status, headers and body of a reply."""
        with self.asked(path, body, method, **headers) as reply:
            return reply.status, {name.lower(): value for name, value in reply.getheaders()}, reply.read()
