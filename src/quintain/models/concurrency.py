"""Number of calls in flight that a server bears, found by trying.

More in flight is worth it only as long as more comes back. By Little's law the throughput is the calls in flight over
their mean time, so a round of calls tells whether a step up paid; a server that works on one call after the other says
no at the first step. A step is not taken that would push calls over the time-out: until a step has shown otherwise,
latency is expected to grow as the number in flight does.
"""

from dataclasses import dataclass

from quintain.models.token_room import BRINK, TokenRoom

_FIRST = 4
_LEAST_ROUND = 8
_FAST, _CAREFUL = 2.0, 1.5
_LEAST_GAIN = 0.2
"""Share of a step up that must come back as throughput, or the step is taken back; low, for a step too many costs less
than one too few."""
_SLOWED = 0.5
"""Share of its throughput at which a server counts as slower than it was."""
_FILLED = 0.5
"""Share of the limit that must be in flight on average for a round to say anything."""
_LEAST_BURDEN = 0.25
"""Part of a step up that latency is expected to follow, however little it followed the last one."""
_LATE = 0.1
"""Share of late calls from which on they are a sign of too many in flight, and not of a few long responses."""
_LONGEST_REST = 8
"""Most rounds without a step up after one that did not pay."""


@dataclass(frozen=True, eq=False)
class Flown:
    """A call on its way."""

    started: float
    """When it went out."""
    aloft: int
    """Calls in flight at that time, itself included."""
    tokens: int
    """Its tokens, read and written."""
    tokens_aloft: int
    """Tokens in flight when it went out, its own included."""
    round: int
    """The round that it is part of; 0: of none."""


@dataclass(frozen=True)
class _Level:
    """A limit and how the server did under it."""

    limit: int
    throughput: float
    seconds: float


class Concurrency:
    """Limit on calls in flight: starts small, rises while throughput rises, falls with refusals, time-outs and latency.

    Args:
        most: The upper limit.
        timeout_seconds: Time after which a call is given up.
    """

    def __init__(self, most: int, timeout_seconds: float = float("inf")) -> None:
        self.limit = min(most, _FIRST)
        self.aloft = 0
        self._most = most
        self._timeout = timeout_seconds
        self._tokens = TokenRoom(timeout_seconds)
        self._cut = float("-inf")
        self._ended = self._late = 0.0
        self._growth, self._burden = _FAST, 1.0
        self._rest, self._rested = 0, 0
        self._before: _Level | None = None
        self._usual = 0.0
        self._rounds = 0
        self._missing = self._open = self._calls = self._aloft_sum = 0
        self._seconds = self._longest = 0.0
        self._begin_round()

    def has_room(self, tokens: int) -> bool:
        """True when a call of so many tokens may go out."""
        return self.aloft < self.limit and self._tokens.holds(tokens)

    def start(self, tokens: int, now: float) -> Flown:
        """A call goes out.

        Args:
            tokens: Tokens that it will likely take, read and written.
            now: The time, in seconds on any steady clock.

        Returns:
            The call, for `end`.
        """
        self.aloft += 1
        measured = self._missing > 0
        if measured:
            self._missing -= 1
            self._open += 1
        return Flown(now, self.aloft, tokens, self._tokens.start(tokens), self._rounds if measured else 0)

    def end(self, call: Flown, now: float, *, answered: bool) -> None:
        """A call is over.

        Args:
            call: The call.
            now: The time.
            answered: Whether it was answered, so that its time says something.
        """
        if answered and call.started > self._cut:
            self._tokens.answered(now - call.started, call.tokens, call.tokens_aloft)
        self._tokens.end(call.tokens)
        self.aloft -= 1
        self._ended += 1
        if call.round != self._rounds:
            return
        self._open -= 1
        if answered:
            self._calls += 1
            self._aloft_sum += call.aloft
            self._seconds += now - call.started
            self._longest = max(self._longest, now - call.started)
        if self._open == self._missing == 0:
            self._judge()

    def late(self, call: Flown, now: float) -> None:
        """A call was not answered in time; a few among many are long responses, more are too many in flight."""
        self._late += 1
        if self._late > _LATE * (self._ended + 1):
            self.overloaded(call, now)

    def overloaded(self, call: Flown, now: float) -> None:
        """A call came back as one too many; those that started before the last cut do not count again."""
        if call.started > self._cut:
            self._cut = now
            self._ended = self._late = 0.0
            self._tokens.overloaded(call.tokens_aloft)
            self._fall(self.limit // 2)

    def _judge(self) -> None:
        """Draw conclusions from a round."""
        if not self._seconds or self._aloft_sum < _FILLED * self.limit * self._calls:
            self._begin_round()  # nothing was answered, there was not enough to ask, or other limits held it back
            return
        now = _Level(self.limit, self._aloft_sum / self._seconds, self._seconds / self._calls)
        before = self._before
        if before is not None:
            step = now.limit / before.limit - 1
            self._burden = min(1.0, max(_LEAST_BURDEN, (now.seconds / before.seconds - 1) / step))
            if now.throughput < before.throughput * (1 + _LEAST_GAIN * step):
                self._fall(before.limit, before.throughput)
            else:
                self._rest = 0
                self._step_up(now)
        elif now.throughput < _SLOWED * self._usual:
            self._fall(now.limit * 3 // 4)
        elif self._rested < self._rest:
            self._rested += 1
            self._usual = now.throughput
            self._begin_round()
        else:
            self._step_up(now)

    def _step_up(self, now: _Level) -> None:
        """Put more in flight where there is room, and see in the next round whether it pays."""
        share = 1 + (BRINK * self._timeout / self._longest - 1) / self._burden
        limit = int(min(self._most, max(now.limit + 1, now.limit * self._growth), now.limit * share))
        if limit > now.limit:
            self._before, self._usual = now, 0.0
            self.limit = limit
        else:
            self._before, self._usual = None, now.throughput
        self._begin_round()

    def _fall(self, limit: int, usual: float = 0.0) -> None:
        """Put less in flight, and wait longer before the next step up."""
        self.limit = max(1, limit)
        self._usual = usual
        self._before = None
        self._growth, self._burden = _CAREFUL, 1.0
        self._rest = min(_LONGEST_REST, max(1, 2 * self._rest))
        self._rested = 0
        self._begin_round()

    def _begin_round(self) -> None:
        self._rounds += 1
        self._ended, self._late = self._ended / 2, self._late / 2
        self._missing = max(self.limit, min(_LEAST_ROUND, 2 * self.limit))
        self._open = self._calls = self._aloft_sum = 0
        self._seconds = self._longest = 0.0
