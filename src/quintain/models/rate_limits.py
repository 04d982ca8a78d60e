"""Rate limits of an endpoint: requests and tokens per minute, calls in flight, pauses that it asks for."""

from quintain.models.concurrency import Concurrency, Flown


class Bucket:
    """Lets an amount through per minute, at most a second's worth at once.

    A request that is larger than the bucket goes through when the bucket is full, and the next ones wait for it.

    Args:
        per_minute: Amount per minute, such as requests or tokens.
        now: The time, in seconds on any steady clock.
    """

    def __init__(self, per_minute: float, now: float) -> None:
        self._per_second = per_minute / 60
        self._size = max(1.0, self._per_second)
        self._level = self._size
        self._seen = now

    def _fill(self, now: float) -> float:
        self._level = min(self._size, self._level + (now - self._seen) * self._per_second)
        self._seen = now
        return self._level

    def wait_seconds(self, amount: float, now: float) -> float:
        """Seconds until the amount may go through."""
        return max(0.0, (min(amount, self._size) - self._fill(now)) / self._per_second)

    def take(self, amount: float, now: float) -> None:
        """The amount goes through; a negative one comes back because less was used than taken."""
        self._level = min(self._size, self._fill(now) - amount)


class Limits:
    """All limits of one endpoint.

    Args:
        concurrency: Calls in flight.
        requests_per_minute: Most requests started per minute; None is no limit.
        tokens_per_minute: Most tokens read and written per minute; None is no limit.
        now: The time, in seconds on the clock that all other times are from.
    """

    def __init__(
        self,
        concurrency: Concurrency,
        requests_per_minute: int | None,
        tokens_per_minute: int | None,
        now: float,
    ) -> None:
        self.concurrency = concurrency
        self._requests = Bucket(requests_per_minute, now) if requests_per_minute else None
        self._tokens = Bucket(tokens_per_minute, now) if tokens_per_minute else None
        self._paused_until = now

    def wait_seconds(self, tokens: int, now: float) -> float:
        """Seconds that a request of so many tokens must wait; 0 when it may go."""
        return max(
            self._paused_until - now,
            self._requests.wait_seconds(1, now) if self._requests else 0.0,
            self._tokens.wait_seconds(tokens, now) if self._tokens else 0.0,
            0.0,
        )

    def start(self, tokens: int, now: float) -> None:
        """A request goes out that will take about so many tokens."""
        if self._requests:
            self._requests.take(1, now)
        if self._tokens:
            self._tokens.take(tokens, now)

    def end(self, expected_tokens: int, tokens: int, now: float) -> None:
        """The request is over: tokens that were expected and not used come back."""
        if self._tokens:
            self._tokens.take(tokens - expected_tokens, now)

    def refused(self, call: Flown, pause_seconds: float, now: float) -> None:
        """The endpoint said it is asked too fast: fewer at once, and none until the pause is over."""
        self.concurrency.overloaded(call, now)
        self._paused_until = max(self._paused_until, now + pause_seconds)
