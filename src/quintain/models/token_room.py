"""Tokens in flight that a server is expected to answer within the time-out.

Calls are not equal: eight long prompts are more work than eight short ones, and a server that shares its time between
them answers none for long. The tokens in flight have room up to where the longest call of late, which grows with them,
would come near the time-out. Far from it, they bound nothing.
"""

from collections import deque
from dataclasses import dataclass

BRINK = 0.75
"""Share of the time-out that no call may be expected to take."""
_WINDOW = 64
"""Calls that say how long the server takes of late."""
_LEAST_SECONDS = 1e-3


@dataclass(frozen=True)
class _Answer:
    """A call that was answered."""

    seconds: float
    tokens: int
    tokens_aloft: int
    """Most tokens in flight at its start or its end, its own included."""


class TokenRoom:
    """Limit on the tokens in flight.

    Args:
        timeout_seconds: Time after which a call is given up.
    """

    def __init__(self, timeout_seconds: float) -> None:
        self.limit = float("inf")
        self.aloft = 0
        self._brink = BRINK * timeout_seconds
        self._answers: deque[_Answer] = deque(maxlen=_WINDOW)

    def holds(self, tokens: int) -> bool:
        """True when a call of so many tokens may join those in flight; one alone always may."""
        return not self.aloft or self.aloft + tokens <= self.limit

    def start(self, tokens: int) -> int:
        """A call of so many tokens goes out; the tokens in flight, its own included."""
        self.aloft += tokens
        return self.aloft

    def end(self, tokens: int) -> None:
        """A call of so many tokens is over."""
        self.aloft -= tokens

    def answered(self, seconds: float, tokens: int, tokens_aloft: int) -> None:
        """Learn from a call that is about to end.

        Args:
            seconds: Time that it took.
            tokens: Its own tokens.
            tokens_aloft: Tokens in flight when it started.
        """
        self._answers.append(_Answer(seconds, tokens, max(tokens_aloft, self.aloft)))
        peak = max(answer.tokens_aloft for answer in self._answers)
        longest = max(answer.seconds for answer in self._answers)
        if longest < self._brink:
            self.limit = peak * self._brink / max(longest, _LEAST_SECONDS)
        else:
            # Calls may be long by themselves: less in flight would make them no shorter, so what was borne stays.
            self.limit = min(self.limit, peak + max(answer.tokens for answer in self._answers))

    def overloaded(self, tokens_aloft: int) -> None:
        """Too much was in flight.

        Args:
            tokens_aloft: Tokens in flight when the call started that shows it; it is in flight still.
        """
        self.limit = min(self.limit, max(tokens_aloft, self.aloft)) / 2
        self._answers.clear()
