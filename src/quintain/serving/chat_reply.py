"""Replies to a client in OpenAI's shapes: whole, or in chunks."""

import json
import time
import uuid
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from quintain.records import Completion
from quintain.serving.student import Question

Body = dict[str, Any]


class Refused(Exception):
    """A chat that cannot be answered, by its client's making."""

    def __init__(self, message: str, param: str | None, code: str, status: HTTPStatus = HTTPStatus.BAD_REQUEST) -> None:
        super().__init__(message)
        self.param = param
        self.code = code
        self.status = status


def error_body(message: str, kind: str, param: str | None = None, code: str | None = None) -> Body:
    """An error as OpenAI's clients read it."""
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


def json_bytes(data: Body) -> bytes:
    """JSON in UTF-8; half of a surrogate pair, which an edit of old may hold, stands there as its escape."""
    return json.dumps(data, ensure_ascii=False, allow_nan=False).encode("utf-8", "backslashreplace")


class ChatReply:
    """The reply to one request.

    Args:
        name: How the client calls the student.
        question: What the model was asked.
    """

    def __init__(self, name: str, question: Question) -> None:
        self._context_tokens = question.model.context_tokens
        self._head = {
            "id": f"chatcmpl-{uuid.uuid4().hex}",
            "created": int(time.time()),
            "model": name,
            "system_fingerprint": question.model.name,
        }
        edits = [{"id": hit.id, "fact": hit.edit.fact} for hit in question.edits]
        self._cited = {"quintain": {"edits": edits}} if edits else {}

    def whole(self, completions: Sequence[Completion]) -> Body:
        """The reply in one piece.

        Args:
            completions: One per choice.

        Returns:
            A `chat.completion`; edits that the model was given stand under `quintain`.

        Raises:
            Refused: The model could not take the chat.
        """
        choices = [
            {
                "index": index,
                "message": _message(self.answered(completion)),
                "finish_reason": completion.finish_reason,
                "logprobs": None,
            }
            for index, completion in enumerate(completions)
        ]
        usage = _usage(completions)
        return {**self._head, "object": "chat.completion", "choices": choices, "usage": usage, **self._cited}

    def beginning(self, index: int) -> Body:
        """The first chunk of a choice; it cites the edits."""
        return self.chunk(index, {"role": "assistant", "content": ""}) | self._cited

    def chunk(self, index: int, delta: Body, finish_reason: str | None = None) -> Body:
        """A further chunk of a choice."""
        choice = {"index": index, "delta": delta, "finish_reason": finish_reason, "logprobs": None}
        return {**self._head, "object": "chat.completion.chunk", "choices": [choice]}

    def usage_chunk(self, completions: Sequence[Completion]) -> Body:
        """The chunk after all choices that says what they cost."""
        return {**self._head, "object": "chat.completion.chunk", "choices": [], "usage": _usage(completions)}

    def answered(self, completion: Completion) -> Completion:
        """A completion that is one.

        Args:
            completion: What the model gave.

        Returns:
            The completion.

        Raises:
            Refused: The model could not take the chat.
        """
        if completion.finish_reason != "error":
            return completion
        too_long = completion.prompt_tokens >= self._context_tokens
        raise Refused(completion.text, "messages", "context_length_exceeded" if too_long else "invalid_chat")


def _message(completion: Completion) -> Body:
    """The turn of a completion; its reasoning stands in a field of its own, as vLLM and SGLang have it."""
    reasoning = {"reasoning_content": completion.told.reasoning} if completion.told.reasoning else {}
    return {"role": "assistant", "content": completion.response, **reasoning}


def _usage(completions: Sequence[Completion]) -> Body:
    """A chat is read once, however often it is answered."""
    read = max(completion.prompt_tokens for completion in completions)
    written = sum(completion.completion_tokens for completion in completions)
    return {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}
