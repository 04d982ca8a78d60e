"""One chat on its way to an endpoint."""

from dataclasses import dataclass

from quintain.usage import Usage


@dataclass(frozen=True)
class Question:
    """One chat on its way."""

    body: bytes
    """The request's JSON."""
    prompt_bytes: int
    """Length of the chat."""
    most: Usage
    """The most it may cost."""
    likely_tokens: int
    """What it counts for the limit of tokens per minute, until its reply says better."""
