"""The HTTP side: /v1/chat/completions, /v1/models and /health, in OpenAI's shapes."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import asdict
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, StreamingResponse
from starlette.exceptions import HTTPException as StarletteHTTPException

from quintain.errors import QuintainError
from quintain.models.calls import Call
from quintain.records import Completion
from quintain.serving.batching import Batcher, Replies
from quintain.serving.chat_reply import Body, ChatReply, Refused
from quintain.serving.chat_request import CompletionsBody, fault
from quintain.serving.student import Student

_CLIENT_GONE = 499


def make_app(student: Student, batcher: Batcher | None = None) -> FastAPI:
    """Put a student behind HTTP.

    Args:
        student: Who answers.
        batcher: Who gathers requests; one of the models' own batch size by default.

    Returns:
        The ASGI application.
    """
    batcher = batcher or Batcher()

    @asynccontextmanager
    async def generation(_: FastAPI) -> AsyncIterator[None]:
        running = asyncio.create_task(batcher.run())
        yield
        running.cancel()
        await asyncio.wait([running])

    # Pages of documentation would fetch their scripts from elsewhere.
    app = FastAPI(title="quintain serve", lifespan=generation, docs_url=None, redoc_url=None)
    card = _card(student)

    @app.get("/health")
    async def health() -> Body:
        return {"status": "ok", "model": student.name}

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
        question = await asyncio.to_thread(student.question, asked.chat)
        replies = Replies(asked.n)
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
            return JSONResponse(await _while_waited_for(http, replies, _whole(reply, replies, asked.n)))
        chunks = _chunks(reply, replies, include_usage=asked.stream_options.include_usage)
        # What is refused is refused before the stream begins.
        first = await _while_waited_for(http, replies, anext(chunks))
        return StreamingResponse(_events(first, chunks, replies), media_type="text/event-stream")

    @app.exception_handler(Refused)
    async def refused(_: Request, error: Refused) -> JSONResponse:
        return JSONResponse(error_body(str(error), "invalid_request_error", error.param, error.code), error.status)

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        return JSONResponse(_invalid(error), HTTPStatus.BAD_REQUEST)

    @app.exception_handler(StarletteHTTPException)
    async def unknown(_: Request, error: HTTPException) -> JSONResponse:
        return JSONResponse(error_body(str(error.detail), "invalid_request_error"), error.status_code)

    @app.exception_handler(QuintainError)
    async def failed(_: Request, error: QuintainError) -> JSONResponse:
        return JSONResponse(error_body(str(error), "server_error"), HTTPStatus.INTERNAL_SERVER_ERROR)

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


async def _events(first: Body, chunks: AsyncIterator[Body], replies: Replies) -> AsyncIterator[str]:
    try:
        yield _event(first)
        try:
            async for chunk in chunks:
                yield _event(chunk)
        except QuintainError as error:  # the status is sent long since
            yield _event(error_body(str(error), "server_error"))
        yield "data: [DONE]\n\n"
    finally:
        replies.gone = True


def error_body(message: str, kind: str, param: str | None = None, code: str | None = None) -> Body:
    """An error as OpenAI's clients read it."""
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


def _event(data: Body) -> str:
    return f"data: {json.dumps(data, ensure_ascii=False)}\n\n"


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


def _invalid(error: RequestValidationError) -> Body:
    """The first thing that is wrong with a body, by the name of its parameter."""
    first = error.errors()[0]
    if first["type"] == "json_invalid":
        return error_body("the body is no JSON", "invalid_request_error", code="invalid_json")
    message, param, code = fault(first)
    return error_body(message, "invalid_request_error", param or None, code)
