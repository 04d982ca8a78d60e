"""Calls to a language model: what is asked, and what it generated."""

import functools
from dataclasses import dataclass
from typing import Any, Literal

from quintain.reasoning import Told, tell_apart
from quintain.records.messages import Message
from quintain.records.record import Record

FinishReason = Literal["stop", "length", "error"]


@dataclass(frozen=True, kw_only=True)
class Request(Record):
    """One question to a language model.

    A rule-based backend answers from `fields`, any other model from `messages`, through the same code.
    """

    prompt: str
    """Fingerprint of the prompt that was rendered, `name@hash`."""
    fields: dict[str, Any]
    """What the prompt was rendered from; JSON-able."""
    messages: tuple[Message, ...]
    """The rendered chat."""
    sample: int = 0
    """Index among several samples of the same question."""


@dataclass(frozen=True, kw_only=True)
class Completion(Record):
    """Text that a language model generated for a request."""

    request_id: str
    """Id of the request."""
    text: str
    """The completion, without special tokens; reasoning of its own stands before the response, between `<think>` and
    `</think>`, however the model marks it."""
    finish_reason: FinishReason
    """`stop` at an end token, `length` at the token limit, `error` when the model could not answer."""
    prompt_tokens: int = 0
    """Tokens read."""
    completion_tokens: int = 0
    """Tokens written."""

    @property
    def response(self) -> str:
        """Words of the model to its user: what is learned, judged and shown."""
        return self.told.response

    @functools.cached_property
    def told(self) -> Told:
        """The text, its response told apart from the reasoning before it; an error's text is its reason."""
        return Told(self.text, "") if self.finish_reason == "error" else tell_apart(self.text)
