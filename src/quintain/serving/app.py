"""The HTTP side: /v1/chat/completions, /v1/models and /health, in OpenAI's shapes."""

import asyncio
import json
import time
import uuid
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
from quintain.serving.chat_request import ChatRequest
from quintain.serving.student import Question, Student

Body = dict[str, Any]


class Refused(Exception):
    """A request that is answered with an error of its client's making."""

    def __init__(self, status: int, message: str, param: str | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.body = error_body(message, "invalid_request_error", param, code)


def error_body(message: str, kind: str, param: str | None = None, code: str | None = None) -> Body:
    """An error as OpenAI's clients read it."""
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


def make_app(student: Student, batcher: Batcher | None = None) -> FastAPI:
    """Put a student behind HTTP.

    Args:
        student: Who answers.
        batcher: Who gathers requests; one with the model's batch size by default.

    Returns:
        The ASGI application.
    """
    batcher = batcher or Batcher(student.model)

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
    async def complete(asked: ChatRequest, http: Request) -> Any:
        _require_served(asked.model, student)
        question = await asyncio.to_thread(student.question, asked.chat)
        replies = Replies(asked.n)
        sampling = asked.sampling(student.model.sampling)
        batcher.ask(
            [
                Call(request=request, sampling=sampling, stop=tuple(asked.stop), listener=replies.listener(index))
                for index, request in enumerate(question.samples(asked.n))
            ]
        )
        reply = _Reply(student, question, asked)
        if not asked.stream:
            return JSONResponse(await _while_waited_for(http, replies, reply.whole(replies)))
        chunks = reply.chunks(replies)
        # What is refused is refused before the stream begins.
        first = await _while_waited_for(http, replies, anext(chunks))
        return StreamingResponse(_events(first, chunks, replies), media_type="text/event-stream")

    @app.exception_handler(Refused)
    async def refused(_: Request, error: Refused) -> JSONResponse:
        return JSONResponse(error.body, error.status)

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


class _Reply:
    """What a client gets, whole or in chunks."""

    def __init__(self, student: Student, question: Question, asked: ChatRequest) -> None:
        self._context_tokens = student.model.context_tokens
        self._asked = asked
        self._head = {
            "id": f"chatcmpl-{uuid.uuid4().hex}",
            "created": int(time.time()),
            "model": student.name,
            "system_fingerprint": student.model.name,
        }
        edits = [{"id": hit.id, "fact": hit.edit.fact} for hit in question.edits]
        self._cited = {"quintain": {"edits": edits}} if edits else {}

    async def whole(self, replies: Replies) -> Body:
        ended = {index: piece async for index, piece in replies.pieces() if isinstance(piece, Completion)}
        completions = [self._answered(ended[index]) for index in range(self._asked.n)]
        choices = [
            {
                "index": index,
                "message": {"role": "assistant", "content": completion.text},
                "finish_reason": completion.finish_reason,
                "logprobs": None,
            }
            for index, completion in enumerate(completions)
        ]
        usage = _usage(completions)
        return {**self._head, "object": "chat.completion", "choices": choices, "usage": usage, **self._cited}

    async def chunks(self, replies: Replies) -> AsyncIterator[Body]:
        begun: set[int] = set()
        completions: list[Completion] = []
        async for index, piece in replies.pieces():
            if isinstance(piece, Completion):
                completions.append(self._answered(piece))
            if index not in begun:
                begun.add(index)
                yield self._chunk(index, {"role": "assistant", "content": ""}) | self._cited
            if isinstance(piece, Completion):
                yield self._chunk(index, {}, piece.finish_reason)
            else:
                yield self._chunk(index, {"content": piece})
        if self._asked.stream_options.include_usage:
            yield {**self._head, "object": "chat.completion.chunk", "choices": [], "usage": _usage(completions)}

    def _chunk(self, index: int, delta: Body, finish_reason: str | None = None) -> Body:
        choice = {"index": index, "delta": delta, "finish_reason": finish_reason, "logprobs": None}
        return {**self._head, "object": "chat.completion.chunk", "choices": [choice]}

    def _answered(self, completion: Completion) -> Completion:
        if completion.finish_reason != "error":
            return completion
        too_long = completion.prompt_tokens >= self._context_tokens
        code = "context_length_exceeded" if too_long else "invalid_chat"
        raise Refused(HTTPStatus.BAD_REQUEST, completion.text, "messages", code)


async def _while_waited_for(http: Request, replies: Replies, answer: Awaitable[Body]) -> Body:
    """Await an answer; when the client hangs up, the model is told to stop."""

    async def hung_up() -> None:
        while (await http.receive())["type"] != "http.disconnect":
            pass
        replies.gone = True

    watch = asyncio.create_task(hung_up())
    try:
        return await answer
    finally:
        watch.cancel()


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
        raise Refused(HTTPStatus.NOT_FOUND, message, "model", "model_not_found")


def _usage(completions: list[Completion]) -> Body:
    """A chat is read once, however often it is answered."""
    read = max(completion.prompt_tokens for completion in completions)
    written = sum(completion.completion_tokens for completion in completions)
    return {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}


def _invalid(error: RequestValidationError) -> Body:
    """The first thing that is wrong with a body, by the name of its parameter."""
    first = error.errors()[0]
    place = [str(part) for part in first["loc"] if part != "body" and isinstance(part, str | int)]
    if first["type"] == "json_invalid":
        return error_body("the body is no JSON", "invalid_request_error", code="invalid_json")
    param = ".".join(place) or None
    if first["type"] == "extra_forbidden":
        message = f"{param} cannot be honoured here, so it is refused; leave it out"
        return error_body(message, "invalid_request_error", param, "unsupported_parameter")
    said = first["msg"].removeprefix("Value error, ")
    return error_body(f"{param}: {said}" if param else said, "invalid_request_error", param, "invalid_value")
