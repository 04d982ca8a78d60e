"""Replies to a client in OpenAI's shapes: whole, or in chunks."""

import time
import uuid
from collections.abc import Sequence

from quintain.records import Completion
from quintain.serving.citations import citation_of
from quintain.serving.json_body import Body, Refused
from quintain.serving.student import Question


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
        self._cited = citation_of(question.edits)

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
