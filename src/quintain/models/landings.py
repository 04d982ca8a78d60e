"""Completions handed over as they land, to a caller in another thread than the calls.

The calls run on an event loop in a thread of its own, so that they go on while the caller writes down what came, and
so that a notebook, which has a loop already, can ask too.
"""

import asyncio
import contextlib
import logging
import signal
import threading
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from queue import Empty
from types import FrameType
from typing import Any

from quintain.models.flight import GRACE_SECONDS, Batch, Flight

logger = logging.getLogger(__name__)

# A Ctrl-C ends no wait; it is told about when the wait has ended.
_LOOK_UP_SECONDS = 0.5


def landings(calls: Callable[[Flight], Awaitable[None]]) -> Iterator[Batch]:
    """Run calls and hand over completions that land at about the same time.

    The first Ctrl-C, whenever it comes, starts no further call and keeps what is in flight; the second leaves at once.

    Args:
        calls: Carries the requests; what it raises comes out here, after all that landed.

    Yields:
        Completions with the positions of their requests.

    Raises:
        KeyboardInterrupt: It was interrupted, and what was in flight has landed.
    """
    flight = Flight()
    with (
        _FirstInterrupt(lambda: _tell(flight, flight.stop, GRACE_SECONDS)) as interrupt,
        ThreadPoolExecutor(1, thread_name_prefix="endpoint") as thread,
    ):
        ending: Future[None] = thread.submit(asyncio.run, flight.fly(calls))
        try:
            flight.begun.wait()
            interrupt.arm()
            while True:
                try:
                    batch = flight.batches.get(timeout=_LOOK_UP_SECONDS)
                except Empty:
                    continue
                finally:
                    interrupt.say()
                if batch is None:
                    break
                yield batch
                _tell(flight, flight.free, len(batch))
        finally:
            _tell(flight, flight.stop, 0.0)
    ending.result()
    if interrupt.came:
        raise KeyboardInterrupt


class _FirstInterrupt:
    """The first Ctrl-C taken as a wish to end soon; from the second on it is what it was before.

    Only the main thread hears of Ctrl-C; elsewhere, and where the process ignores it, nothing changes.
    """

    def __init__(self, stop: Callable[[], None]) -> None:
        self.came = False
        self._stop = stop
        self._armed = False
        self._said = False
        self._over = False
        self._raised = False
        self._former: Any = None

    def __enter__(self) -> "_FirstInterrupt":
        former = signal.getsignal(signal.SIGINT)
        if threading.current_thread() is threading.main_thread() and callable(former):
            self._former = former
            signal.signal(signal.SIGINT, self._take)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._over = True  # whoever took the signal over meanwhile goes on calling this handler
        if self._former is not None and signal.getsignal(signal.SIGINT) == self._take:
            with contextlib.suppress(ValueError):  # a forgotten iterator may be cleared away in another thread
                signal.signal(signal.SIGINT, self._former)
        if self.came and not self._raised and kind is GeneratorExit:  # the caller left before it was told
            raise KeyboardInterrupt

    def arm(self) -> None:
        """There is something to stop from now on, and at once where Ctrl-C has come already."""
        self._armed = True
        if self.came:
            self._stop()

    def say(self) -> None:
        """Tell the user once; not in the handler, which may have cut another line in two."""
        if self.came and not self._said:
            self._said = True
            logger.warning("interrupted: keeping the calls in flight, %.0f s at most; again leaves now", GRACE_SECONDS)

    def _take(self, number: int, frame: FrameType | None) -> None:
        try:
            self._former(number, frame)
        except KeyboardInterrupt:
            if self.came or self._over:
                self._raised = True
                raise
            self.came = True
            if self._armed:
                self._stop()


def _tell(flight: Flight, what: Callable[..., None], *values: float) -> None:
    """Call a method of a flight on its loop, if that still runs."""
    if flight.loop is not None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nothing is in flight
            flight.loop.call_soon_threadsafe(what, *values)
