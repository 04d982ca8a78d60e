"""The HTTP side: /v1/chat/completions, /v1/models and /health in OpenAI's shapes, /metrics in Prometheus' text."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import asdict
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse, StreamingResponse
from starlette.exceptions import HTTPException as StarletteHTTPException

from quintain.errors import QuintainError
from quintain.models.calls import Call
from quintain.records import Completion
from quintain.serving.access import Access
from quintain.serving.batching import Batcher, Replies
from quintain.serving.chat_reply import ChatReply
from quintain.serving.chat_request import CompletionsBody, fault
from quintain.serving.gate import Gate
from quintain.serving.json_body import Body, Refused, error_body, json_bytes
from quintain.serving.metrics import CONTENT_TYPE, Metrics
from quintain.serving.request_limits import RequestLimits
from quintain.serving.student import Student

_CLIENT_GONE = 499


class Reply(JSONResponse):
    """JSON that can be sent whatever its texts hold."""

    def render(self, content: Any) -> bytes:
        """The body."""
        return json_bytes(content)


def make_app(
    student: Student,
    batcher: Batcher | None = None,
    access: Access | None = None,
    limits: RequestLimits | None = None,
) -> FastAPI:
    """Put a student behind HTTP.

    Args:
        student: Who answers.
        batcher: Who gathers requests; one of the models' own batch size by default.
        access: Who is let in; by default whoever asks under a name of the loopback.
        limits: Limits of what is asked; by default those of the model's context.

    Returns:
        The ASGI application.
    """
    batcher = batcher or Batcher()
    limits = limits or RequestLimits.of_context(student.model.context_tokens)
    metrics = Metrics()
    metrics.waiting, metrics.running = (lambda: batcher.waiting), (lambda: batcher.running)

    @asynccontextmanager
    async def generation(_: FastAPI) -> AsyncIterator[None]:
        running = asyncio.create_task(batcher.run())
        yield
        batcher.halt()
        running.cancel()
        await asyncio.wait([running])

    # Pages of documentation would fetch their scripts from elsewhere.
    app = FastAPI(
        title="quintain serve", lifespan=generation, docs_url=None, redoc_url=None, default_response_class=Reply
    )
    app.add_middleware(Gate, access=access or Access(), limits=limits, metrics=metrics)
    app.state.limits, app.state.halt = limits, batcher.halt
    card = _card(student)

    @app.get("/health")
    async def health() -> Body:
        return {"status": "ok", "model": student.name}

    @app.get("/metrics")
    async def scraped() -> PlainTextResponse:
        return PlainTextResponse(metrics.text(), media_type=CONTENT_TYPE)

    @app.get("/v1/models")
    async def models() -> Body:
        return {"object": "list", "data": [card]}

    @app.get("/v1/models/{name:path}")
    async def model(name: str) -> Body:
        _require_served(name, student)
        return card

    @app.post("/v1/chat/completions")
    async def complete(asked: CompletionsBody, http: Request) -> Any:
        _require_served(asked.model, student)
        _require_room(asked, student, batcher, limits)
        question = await asyncio.to_thread(student.question, asked.chat)
        replies = Replies(asked.n, metrics.completed)
        sampling = asked.sampling(student.model.sampling)
        batcher.ask(
            question.model,
            [
                Call(request=request, sampling=sampling, stop=tuple(asked.stop), listener=replies.listener(index))
                for index, request in enumerate(question.samples(asked.n))
            ],
        )
        reply = ChatReply(student.name, question)
        if not asked.stream:
            return Reply(await _while_waited_for(http, replies, _whole(reply, replies, asked.n)))
        chunks = _chunks(reply, replies, include_usage=asked.stream_options.include_usage)
        # What is refused is refused before the stream begins.
        first = await _while_waited_for(http, replies, anext(chunks))
        return StreamingResponse(_events(first, chunks, replies), media_type="text/event-stream")

    @app.exception_handler(Refused)
    async def refused(_: Request, error: Refused) -> Reply:
        return Reply(error_body(str(error), "invalid_request_error", error.param, error.code), error.status)

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> Reply:
        return Reply(_invalid(error), HTTPStatus.BAD_REQUEST)

    @app.exception_handler(StarletteHTTPException)
    async def unknown(_: Request, error: HTTPException) -> Reply:
        return Reply(error_body(str(error.detail), "invalid_request_error"), error.status_code)

    @app.exception_handler(QuintainError)
    async def failed(_: Request, error: QuintainError) -> Reply:
        return Reply(error_body(str(error), "server_error"), HTTPStatus.INTERNAL_SERVER_ERROR)

    @app.exception_handler(Exception)
    async def broken(_: Request, error: Exception) -> Reply:
        kind = type(error).__name__
        return Reply(error_body(f"the server failed ({kind})", "server_error"), HTTPStatus.INTERNAL_SERVER_ERROR)

    return app


async def _whole(reply: ChatReply, replies: Replies, n: int) -> Body:
    ended = {index: piece async for index, piece in replies.pieces() if isinstance(piece, Completion)}
    return reply.whole([ended[index] for index in range(n)])


async def _chunks(reply: ChatReply, replies: Replies, *, include_usage: bool) -> AsyncIterator[Body]:
    begun: set[int] = set()
    completions: list[Completion] = []
    async for index, piece in replies.pieces():
        if isinstance(piece, Completion):
            completions.append(reply.answered(piece))
        if index not in begun:
            begun.add(index)
            yield reply.beginning(index)
        if isinstance(piece, Completion):
            yield reply.chunk(index, {}, piece.finish_reason)
        else:
            yield reply.chunk(index, {"content": piece})
    if include_usage:
        yield reply.usage_chunk(completions)


async def _while_waited_for(http: Request, replies: Replies, answer: Awaitable[Body]) -> Body:
    """Await an answer; when the client hangs up, the model is told to stop."""

    async def hung_up() -> None:
        while (await http.receive())["type"] != "http.disconnect":
            pass

    answering, hanging_up = asyncio.ensure_future(answer), asyncio.create_task(hung_up())
    await asyncio.wait({answering, hanging_up}, return_when=asyncio.FIRST_COMPLETED)
    hanging_up.cancel()
    if not answering.done():
        replies.gone = True
        answering.cancel()
        raise HTTPException(_CLIENT_GONE, "the client hung up")
    return answering.result()


async def _events(first: Body, chunks: AsyncIterator[Body], replies: Replies) -> AsyncIterator[bytes]:
    try:
        yield _event(first)
        try:
            async for chunk in chunks:
                yield _event(chunk)
        except QuintainError as error:  # the status is sent long since
            yield _event(error_body(str(error), "server_error"))
        yield b"data: [DONE]\n\n"
    finally:
        replies.gone = True


def _event(data: Body) -> bytes:
    return b"data: " + json_bytes(data) + b"\n\n"


def _card(student: Student) -> Body:
    return {
        "id": student.name,
        "object": "model",
        "created": int(time.time()),
        "owned_by": "quintain",
        "quintain": {"model": student.model.name, "sampling": asdict(student.model.sampling)},
    }


def _require_served(name: str, student: Student) -> None:
    if name != student.name:
        message = f"the model {name!r} is not served here; {student.name!r} is"
        raise Refused(message, "model", "model_not_found", HTTPStatus.NOT_FOUND)


def _require_room(asked: CompletionsBody, student: Student, batcher: Batcher, limits: RequestLimits) -> None:
    context = student.model.context_tokens
    if student.model.surely_too_long(asked.chat) or len(asked.messages) > context:
        message = f"the chat is longer than the model's context of {context} tokens; shorten it"
        raise Refused(message, "messages", "context_length_exceeded")
    if batcher.waiting + asked.n > limits.waiting_calls:
        message = f"{batcher.waiting} completions wait already (limit waiting_calls); ask again later"
        raise Refused(message, None, "server_busy", HTTPStatus.TOO_MANY_REQUESTS)


def _invalid(error: RequestValidationError) -> Body:
    """The first thing that is wrong with a body, by the name of its parameter."""
    first = error.errors()[0]
    if first["type"] == "json_invalid":
        return error_body("the body is no JSON", "invalid_request_error", code="invalid_json")
    message, param, code = fault(first)
    return error_body(message, "invalid_request_error", param or None, code)
