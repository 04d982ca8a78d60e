"""A greedy reply of an imported folder, as a student would give it: does it end?"""

from dataclasses import dataclass
from pathlib import Path

from quintain.models.language_model import Sampling
from quintain.models.local import LocalModel
from quintain.records import Message, Request

_QUESTIONS = ("Say hello.", "What is two plus two?", "Name one colour.")
_MOST_TOKENS = 256
_MOST_TOKENS_UNTRAINED = 32


@dataclass(frozen=True, kw_only=True)
class GreedyReply:
    """A reply in which every token is the likeliest."""

    question: str
    """What was asked."""
    text: str
    """The reply."""
    tokens: int
    """Its length."""
    ended: bool
    """True when the model ended it, and not the limit."""


def greedy_reply(folder: Path, *, trained: bool) -> GreedyReply:
    """Ask a folder short questions until a reply ends.

    Args:
        folder: Folder in Hugging Face layout.
        trained: False when the model has yet to learn its chat template: one question and a glance at the reply do.

    Returns:
        The first reply that ends, else the reply to the first question.

    Raises:
        ModelError: The folder cannot be opened, or its template refuses the question.
    """
    model = LocalModel(folder, Sampling(max_new_tokens=_MOST_TOKENS if trained else _MOST_TOKENS_UNTRAINED))
    replies = []
    for question in _QUESTIONS if trained else _QUESTIONS[:1]:
        request = Request(prompt="import", fields={}, messages=(Message(role="user", content=question),))
        completion = model.generate([request])[0]
        reply = GreedyReply(
            question=question,
            text=completion.text,
            tokens=completion.completion_tokens,
            ended=completion.finish_reason == "stop",
        )
        if reply.ended:
            return reply
        replies.append(reply)
    return replies[0]
