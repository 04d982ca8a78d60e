"""Calls in flight on an event loop: as many at a time as there is room for, until the first fatal error."""

import asyncio
import contextlib
import threading
from collections.abc import Awaitable, Callable, Sequence
from queue import SimpleQueue

from quintain.models.rate_limits import Concurrency
from quintain.records import Completion, Request

Batch = list[tuple[int, Completion]]
_GATHER_SECONDS = 0.005
GRACE_SECONDS = 30.0
"""Time for calls in flight to land once no further one starts."""


class Abandoned(Exception):
    """The flight ends before this call was answered; it is asked again in the next run."""


class Flight:
    """Calls in flight.

    A call leaves its place when its completion is kept, not when it arrives: whatever ends the process, at most
    `concurrency` calls are lost.
    """

    def __init__(self) -> None:
        self.batches: SimpleQueue[Batch | None] = SimpleQueue()
        self._landed: Batch = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._aloft = 0
        self._room = asyncio.Event()
        self._stopped = asyncio.Event()
        self._error: BaseException | None = None
        self.loop: asyncio.AbstractEventLoop | None = None
        self.begun = threading.Event()

    async def fly(self, calls: Callable[["Flight"], Awaitable[None]]) -> None:
        """Run calls to their end; raise the first fatal error."""
        self.loop = asyncio.get_running_loop()
        self.begun.set()
        try:
            await calls(self)
        finally:
            self._hand_over()
            self.batches.put(None)
        if self._error:
            raise self._error

    async def carry(
        self,
        requests: Sequence[Request],
        complete: Callable[[Request], Awaitable[Completion]],
        concurrency: Concurrency,
    ) -> None:
        """Complete all requests, as many at a time as there is room for.

        Args:
            requests: What to ask.
            complete: Completes one request; what it raises is fatal and stops the flight.
            concurrency: How many may be in flight; may change on the way.
        """
        for index, request in enumerate(requests):
            while self._aloft >= concurrency.limit and not self.stopping:
                self._room.clear()
                await self._room.wait()
            if self.stopping:
                break
            self._aloft += 1
            task = asyncio.create_task(self._one(index, request, complete))
            self._tasks.add(task)
            task.add_done_callback(self._ended)
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def _one(self, index: int, request: Request, complete: Callable[[Request], Awaitable[Completion]]) -> None:
        self.land(index, await complete(request))

    def land(self, index: int, completion: Completion) -> None:
        """Take a completion, to be handed over with those that come at about the same time.

        Args:
            index: Place of its request.
            completion: The completion.
        """
        self._landed.append((index, completion))
        if len(self._landed) == 1:
            asyncio.get_running_loop().call_later(_GATHER_SECONDS, self._hand_over)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if task.cancelled() or (error := task.exception()) is None:
            return
        self.free(1)
        if not isinstance(error, Abandoned):
            self._error = self._error or error
            self.stop(GRACE_SECONDS)

    def _hand_over(self) -> None:
        if self._landed:
            self.batches.put(self._landed)
            self._landed = []

    @property
    def stopping(self) -> bool:
        """True when no further call may start."""
        return self._stopped.is_set()

    async def sleep(self, seconds: float) -> None:
        """Wait, unless the flight ends meanwhile.

        Args:
            seconds: How long.

        Raises:
            Abandoned: The flight ends.
        """
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopped.wait(), seconds)
        if self.stopping:
            raise Abandoned

    def free(self, places: int) -> None:
        """Give places to further calls."""
        self._aloft -= places
        self._room.set()

    def stop(self, grace_seconds: float) -> None:
        """Start nothing more; what is in flight has some time to land, for it may have been paid."""
        self._stopped.set()
        self._room.set()
        asyncio.get_running_loop().call_later(grace_seconds, self._cancel)

    def _cancel(self) -> None:
        for task in self._tasks:
            task.cancel()
