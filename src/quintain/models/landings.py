"""Completions handed over as they land, to a caller in another thread than the calls.

The calls run on an event loop in a thread of its own, so that they go on while the caller writes down what came, and
so that a notebook, which has a loop already, can ask too.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from queue import Empty

from quintain.models.flight import GRACE_SECONDS, Batch, Flight

logger = logging.getLogger(__name__)

# A Ctrl-C that comes just before a wait begins is noticed only when the wait ends.
_LOOK_UP_SECONDS = 0.5


def landings(calls: Callable[[Flight], Awaitable[None]]) -> Iterator[Batch]:
    """Run calls and hand over completions that land at about the same time.

    The first Ctrl-C starts no further call and keeps what is in flight; the second leaves at once.

    Args:
        calls: Carries the requests; what it raises comes out here, after all that landed.

    Yields:
        Completions with the positions of their requests.

    Raises:
        KeyboardInterrupt: It was interrupted, and what was in flight has landed.
    """
    flight = Flight()
    interrupted = False
    with ThreadPoolExecutor(1, thread_name_prefix="endpoint") as thread:
        ending: Future[None] = thread.submit(asyncio.run, flight.fly(calls))
        try:
            flight.begun.wait()
            while True:
                try:
                    batch = flight.batches.get(timeout=_LOOK_UP_SECONDS)
                except Empty:
                    continue
                except KeyboardInterrupt:
                    if interrupted:
                        raise
                    interrupted = True
                    _tell(flight, flight.stop, GRACE_SECONDS)
                    logger.warning(
                        "interrupted: keeping the calls in flight, %.0f s at most; again leaves now", GRACE_SECONDS
                    )
                    continue
                if batch is None:
                    break
                yield batch
                _tell(flight, flight.free, len(batch))
        finally:
            _tell(flight, flight.stop, 0.0)
    ending.result()
    if interrupted:
        raise KeyboardInterrupt


def _tell(flight: Flight, what: Callable[..., None], *values: float) -> None:
    """Call a method of a flight on its loop, if that still runs."""
    if flight.loop is not None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nothing is in flight
            flight.loop.call_soon_threadsafe(what, *values)
