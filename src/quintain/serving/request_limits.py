"""Limits of what a client may send to `quintain serve`, by name."""

from dataclasses import dataclass

_BYTES_PER_TOKEN = 32  # an escaped ideograph takes six bytes, and few tokens hold more than five
_LEAST_BODY_BYTES = 1 << 20
_MOST_BODY_BYTES = 16 << 20


@dataclass(frozen=True, kw_only=True)
class RequestLimits:
    """Limits that hold before a chat is read; a refusal names the one it is for."""

    body_bytes: int
    """Longest body."""
    bodies_bytes: int = 64 << 20
    """Length of the bodies of all requests in flight together."""
    body_seconds: float = 20.0
    """Longest time that a client may take to send its body."""
    header_seconds: float = 20.0
    """Longest time that a client may take to send its headers."""
    reply_seconds: float = 60.0
    """Longest time that a client may leave a part of its reply unread."""
    nesting: int = 16
    """Deepest nesting of JSON in a body."""
    values: int = 20_000
    """Most JSON values in a body."""
    connections: int = 800
    """Most connections at a time."""
    waiting_calls: int = 1024
    """Most completions that wait for their turn."""

    @classmethod
    def of_context(cls, context_tokens: int) -> "RequestLimits":
        """Limits for a model: a body has room for whatever fits into its context."""
        return cls(body_bytes=min(max(_LEAST_BODY_BYTES, _BYTES_PER_TOKEN * context_tokens), _MOST_BODY_BYTES))

    @classmethod
    def of_upstream(cls) -> "RequestLimits":
        """Limits before a server whose context nobody here knows: pictures and schemas of tools fit in."""
        return cls(body_bytes=_MOST_BODY_BYTES, nesting=64, values=200_000)
