"""The edit memory before another server: questions that an edit is about are put under it, all else goes through."""

import asyncio
import re
from collections.abc import Sequence
from http import HTTPStatus
from types import SimpleNamespace
from urllib.parse import unquote

import aiohttp

from quintain.edit_memory import EditMemory
from quintain.errors import QuintainError
from quintain.methods.lte import Hit, compose
from quintain.serving.access import Access
from quintain.serving.gate import Event, Gate, Receive, Send
from quintain.serving.json_body import Body, Refused, error_body, json_bytes
from quintain.serving.last_question import LastQuestion, last_question
from quintain.serving.metrics import CONTENT_TYPE, OF_PROXY, Metrics
from quintain.serving.passed_reply import PassedReply
from quintain.serving.request_limits import RequestLimits
from quintain.serving.student import find_edits
from quintain.serving.upstream import Upstream

_CHAT = "/v1/chat/completions"
_LOOKED_UP = re.compile(r"/v1/models(/[^\s?#]+)?")
_PASSED = re.compile(
    r"/v1/(embeddings|moderations|rerank|score|audio/(speech|transcriptions|translations)|"
    r"images/(generations|edits|variations))"
)
# A model answers there too, and no edit would reach it.
_PAST_EDITS = re.compile(r"/v1/(completions|responses|messages|batches|assistants|threads|realtime)(/.*)?")
_CLIENT_GONE = 499


class UpstreamApp:
    """The application, for `quintain.serving.server.serve`.

    A memory is read anew with every question. What passes its gate is put into the last user turn; a chat that no edit
    is about goes to the server behind byte for byte, and so does its reply come back.

    Args:
        upstream: Who answers.
        memories: Asked in this order; an edit hides those of later memories that fill the same slot.
        k: Most edits of a memory that a question may find.
        access: Who is let in; by default whoever asks under a name of the loopback.
        limits: Limits of what is asked.
    """

    def __init__(
        self,
        upstream: Upstream,
        memories: Sequence[EditMemory],
        *,
        k: int = 3,
        access: Access | None = None,
        limits: RequestLimits | None = None,
    ) -> None:
        self._upstream = upstream
        self._memories = memories
        self._k = k
        self._limits = limits or RequestLimits.of_upstream()
        self._metrics = Metrics(OF_PROXY)
        self._gate = Gate(self._answer, access or Access(), self._limits, self._metrics, read=(_CHAT,))
        self.state = SimpleNamespace(limits=self._limits, halt=lambda: None)

    async def __call__(self, scope: Event, receive: Receive, send: Send) -> None:
        """Answer one request, or take part in the server's beginning and end."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._gate(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        while (event := await receive())["type"] != "lifespan.shutdown":
            await send({"type": f"{event['type']}.complete"})
        await self._upstream.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def _answer(self, scope: Event, receive: Receive, send: Send) -> None:
        """Answer one request whose whole body is there; its work ends when the client hangs up."""
        body = (await receive())["body"]
        answering = asyncio.create_task(self._respond(scope, body, send))
        leaving = asyncio.create_task(_left(receive))
        try:
            await asyncio.wait({answering, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            leaving.cancel()
            gone = not answering.done()
            answering.cancel()
            await asyncio.wait([answering])  # the connection to the server behind ends with it
        if gone:
            # Nobody hears it; it is counted.
            await send({"type": "http.response.start", "status": _CLIENT_GONE, "headers": []})
            return
        answering.result()

    async def _respond(self, scope: Event, body: bytes, send: Send) -> None:
        method, path = scope["method"], scope["raw_path"].decode("latin-1")
        try:
            if (method, path) == ("GET", "/health"):
                await _say(send, HTTPStatus.OK, await asyncio.to_thread(self._health))
            elif (method, path) == ("GET", "/metrics"):
                await _send(send, HTTPStatus.OK, CONTENT_TYPE.encode(), self._metrics.text().encode())
            elif path == _CHAT:
                _require_method(method, "POST", path)
                await self._complete(scope, body, send)
            else:
                _require_passed(method, path)
                await self._forward(scope, body, PassedReply(self._upstream, send))
        except QuintainError as error:
            await _say(send, HTTPStatus.INTERNAL_SERVER_ERROR, error_body(str(error), "server_error"))

    async def _complete(self, scope: Event, body: bytes, send: Send) -> None:
        if self._metrics.in_flight > self._limits.waiting_calls:
            raise Refused(
                f"{self._limits.waiting_calls} requests are in flight already (limit waiting_calls); ask again later",
                None, "server_busy", HTTPStatus.TOO_MANY_REQUESTS,
            )  # fmt: skip
        if any(name == b"content-encoding" and value.lower() != b"identity" for name, value in scope["headers"]):
            raise Refused(
                "the body is compressed, and edits are found in what can be read; send it as it is", None,
                "unsupported_encoding", HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            )  # fmt: skip
        question = last_question(body)
        edits: Sequence[Hit] = ()
        if question is not None:
            edits, body = await asyncio.to_thread(self._under_edits, question, body)
        self._metrics.edited += bool(edits)
        reply = PassedReply(self._upstream, send, edits, question.choices if question else 1)
        await self._forward(scope, body, reply)

    def _under_edits(self, question: LastQuestion, body: bytes) -> tuple[Sequence[Hit], bytes]:
        """The edits that a question is about, and the body with them in it; the very same body without any."""
        edits = [hit for hit in find_edits(self._memories, question.text, self._k) if hit.passed]
        if not edits:
            return edits, body
        return edits, question.rewritten(compose(question.text, edits).messages[-1].content)

    async def _forward(self, scope: Event, body: bytes, passed: PassedReply) -> None:
        path, query = scope["raw_path"].decode("latin-1"), scope["query_string"].decode("latin-1")
        try:
            async with self._upstream.ask(scope["method"], path, query, scope["headers"], body) as reply:
                await passed.pass_on(reply)
        except (aiohttp.ClientError, TimeoutError, ConnectionError) as error:
            await passed.fail(self._upstream.failure(error))

    def _health(self) -> Body:
        edits = sum(len(memory) for memory in self._memories)
        return {"status": "ok", "upstream": self._upstream.address, "edits": edits}


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _require_passed(method: str, path: str) -> None:
    """Refuse what is not passed on, and whatever could mean another path behind than here."""
    plain = unquote(unquote(path))
    odd = ".." in plain or "//" in plain or "\\" in plain or not plain.isprintable()
    if not odd and _LOOKED_UP.fullmatch(path):
        _require_method(method, "GET", path)
    elif not odd and _PASSED.fullmatch(path):
        _require_method(method, "POST", path)
    elif _PAST_EDITS.fullmatch(plain):
        raise Refused(
            f"{path} would be answered past the edit memory, so it is not passed on; ask at {_CHAT}, or the server "
            "behind itself", None, "past_edits", HTTPStatus.NOT_FOUND,
        )  # fmt: skip
    else:
        raise Refused(
            f"{path} is not passed on to the server behind; {_CHAT}, /v1/models, /v1/embeddings and their like are",
            None, "unknown_path", HTTPStatus.NOT_FOUND,
        )  # fmt: skip


def _require_method(method: str, allowed: str, path: str) -> None:
    if method != allowed:
        raise Refused(f"{path} takes {allowed}", None, "method_not_allowed", HTTPStatus.METHOD_NOT_ALLOWED)


async def _say(send: Send, status: HTTPStatus, body: Body) -> None:
    await _send(send, status, b"application/json", json_bytes(body))


async def _send(send: Send, status: HTTPStatus, kind: bytes, body: bytes) -> None:
    headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": int(status), "headers": headers})
    await send({"type": "http.response.body", "body": body})
