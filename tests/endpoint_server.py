"""An OpenAI-compatible server on loopback that says what a test wants and notes what it saw.

with EndpointServer(lambda call: said(call.prompt.upper())) as server:
    EndpointModel(EndpointSettings(address=server.address, model="loud"), Sampling())
"""

import asyncio
import json
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web


@dataclass(frozen=True)
class Call:
    """One request as the server saw it."""

    body: dict[str, Any]
    """The request's JSON."""
    headers: dict[str, str]
    """Its headers, names in small letters."""
    attempt: int
    """How many times this body came, this time included."""
    order: int
    """How many requests came before it."""
    at: float = field(default_factory=time.monotonic)
    """When it came."""

    @property
    def prompt(self) -> str:
        """The last turn of the chat."""
        return self.body["messages"][-1]["content"]


@dataclass(frozen=True)
class Said:
    """One reply of the server."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    after_seconds: float = 0.0
    """How long the reply takes."""
    cut: bool = False
    """Whether the connection is closed in the middle of the body."""


def said(text: str | None, finish_reason: str = "stop", after_seconds: float = 0.0, **more: Any) -> Said:
    """A whole chat completion; `usage` counts words unless it is given, None leaves it out."""
    message = {"role": "assistant", "content": text}
    usage = more.pop("usage", {"prompt_tokens": 5, "completion_tokens": len((text or "").split())})
    answer = {"object": "chat.completion", "choices": [{"message": message, "finish_reason": finish_reason}], **more}
    if usage is not None:
        answer["usage"] = usage
    return Said(body=json.dumps(answer).encode(), after_seconds=after_seconds)


def refused(status: int, message: str = "no", **headers: str) -> Said:
    """An error; underscores in names of headers stand for hyphens."""
    body = json.dumps({"error": {"message": message, "type": "test"}}).encode()
    return Said(status, body, {name.replace("_", "-"): value for name, value in headers.items()})


class EndpointServer:
    """The server, in a thread of this process.

    Args:
        reply: What to say to a call.
        routes: Paths that its /openapi.json lists, for servers that are known by them.
    """

    def __init__(self, reply: Callable[[Call], Said], routes: tuple[str, ...] = ()) -> None:
        self.reply = reply
        self.calls: list[Call] = []
        self.in_flight = 0
        self.peak = 0
        self._routes = routes
        self._seen: Counter[str] = Counter()
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> "EndpointServer":
        self._thread.start()
        assert self._ready.wait(timeout=500), "the server did not start"
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join()

    def forget(self) -> None:
        """See everything for the first time again."""
        self.calls.clear()
        self._seen.clear()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self.serve())
        self._loop.close()

    async def serve(self) -> None:
        """Serve until the end is set."""
        self._end = asyncio.Event()
        app = web.Application(client_max_size=1 << 26)
        app.router.add_post("/v1/chat/completions", self._chat)
        if self._routes:
            app.router.add_get("/openapi.json", self._describe)
        self.routes(app)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0, handler_cancellation=True)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.address = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
        self._ready.set()
        await self._end.wait()
        await runner.cleanup()

    def routes(self, app: web.Application) -> None:
        """Add routes of servers that can more."""

    async def _describe(self, _: web.Request) -> web.Response:
        return web.json_response({"paths": {route: {} for route in self._routes}})

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        key = raw.decode()
        self._seen[key] += 1
        headers = {name.lower(): value for name, value in request.headers.items()}
        call = Call(json.loads(raw), headers, self._seen[key], len(self.calls))
        self.calls.append(call)
        self.in_flight += 1
        self.peak = max(self.peak, self.in_flight)
        try:
            reply = self.reply(call)
            if reply.after_seconds:
                await asyncio.sleep(reply.after_seconds)
        finally:
            self.in_flight -= 1
        if not reply.cut:
            return web.Response(
                status=reply.status, body=reply.body, headers={"Content-Type": "application/json", **reply.headers}
            )
        response = web.StreamResponse(status=reply.status, headers={"Content-Length": str(len(reply.body))})
        await response.prepare(request)
        await response.write(reply.body[: len(reply.body) // 2])
        request.transport.abort()
        return response
