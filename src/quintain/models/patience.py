"""Patience with a server that is slow and alive: no call is given up while others are answered.

A call that is given up was worked on for nothing: it is asked again, and may be paid again.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

_MOST = 4
"""Times the time-out that one call is waited for at most: it may be lost while the server answers all others."""


class Patience:
    """Time-outs of the calls in flight, which begin anew with each answer to one of them.

    Args:
        timeout_seconds: Longest wait while nothing is answered.
    """

    def __init__(self, timeout_seconds: float) -> None:
        self.longest_seconds = _MOST * timeout_seconds
        self._timeout = timeout_seconds
        self._ends: dict[asyncio.Timeout, float] = {}

    @asynccontextmanager
    async def waiting(self, most_seconds: float) -> AsyncIterator[None]:
        """Wait for one call.

        Args:
            most_seconds: Its own longest time, whatever else is answered.

        Raises:
            TimeoutError: It took too long.
        """
        now = asyncio.get_running_loop().time()
        async with asyncio.timeout(min(self._timeout, most_seconds)) as limit:
            self._ends[limit] = now + min(self.longest_seconds, most_seconds)
            try:
                yield
            finally:
                del self._ends[limit]

    def heard(self) -> None:
        """A call was answered: the server is at work on the others."""
        anew = asyncio.get_running_loop().time() + self._timeout
        for limit, end in self._ends.items():
            if not limit.expired():
                limit.reschedule(min(anew, end))
