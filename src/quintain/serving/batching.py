"""Clients that ask at the same time are answered together."""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from quintain.errors import ModelError
from quintain.models.calls import Call
from quintain.models.local import LocalModel
from quintain.records import Completion

logger = logging.getLogger(__name__)

_WINDOW_SECONDS = 0.005

Piece = str | Completion
"""The next text of a completion, or at its end the whole."""


class Replies:
    """The completions of one client on their way; made and read on the event loop.

    Args:
        n: How many there will be.
    """

    def __init__(self, n: int) -> None:
        self.gone = False
        self._open = n
        self._loop = asyncio.get_running_loop()
        self._pieces: asyncio.Queue[tuple[int, Piece | ModelError]] = asyncio.Queue()

    def listener(self, index: int) -> "ReplyListener":
        """Listener for completion `index`."""
        return ReplyListener(self, index)

    async def pieces(self) -> AsyncIterator[tuple[int, Piece]]:
        """Pieces of all completions as they come.

        Yields:
            Number of the completion and its next piece.

        Raises:
            ModelError: The model failed.
        """
        while self._open:
            index, piece = await self._pieces.get()
            if isinstance(piece, ModelError):
                raise piece
            self._open -= isinstance(piece, Completion)
            yield index, piece

    def put(self, index: int, piece: Piece | ModelError) -> None:
        """Hand a piece over; called from the thread that generates."""
        self._loop.call_soon_threadsafe(self._pieces.put_nowait, (index, piece))


@dataclass(frozen=True)
class ReplyListener:
    """Listens for one completion of a client."""

    replies: Replies
    """All that the client waits for."""
    index: int
    """Which of them this is."""

    @property
    def gone(self) -> bool:
        """True when the client hung up."""
        return self.replies.gone

    def hear(self, text: str) -> None:
        """Pass on the next text."""
        self.replies.put(self.index, text)

    def end(self, completion: Completion) -> None:
        """Pass on the whole."""
        self.replies.put(self.index, completion)


class Batcher:
    """Gathers calls and lets their model answer them as batches, one after the other, in a thread of its own.

    A batch takes whatever came while the one before ran, and what comes in the few milliseconds after: clients that are
    answered together ask again together.

    Args:
        most: Most calls of a batch; the model's batch size by default.
        window_seconds: How long a batch waits for company.
    """

    def __init__(self, most: int | None = None, window_seconds: float = _WINDOW_SECONDS) -> None:
        self._most = most
        self._window_seconds = window_seconds
        self._waiting: dict[LocalModel, deque[Call]] = {}
        self._came = asyncio.Event()

    def ask(self, model: LocalModel, calls: Sequence[Call]) -> None:
        """Put calls in line; their listeners hear of them."""
        self._waiting.setdefault(model, deque()).extend(calls)
        self._came.set()

    async def run(self) -> None:
        """Answer until cancelled."""
        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(1, thread_name_prefix="generation") as thread:
            while True:
                await self._came.wait()
                self._came.clear()
                await asyncio.sleep(self._window_seconds)
                for model, waiting in list(self._waiting.items()):
                    if not (calls := self._next(model, waiting)):
                        continue
                    generation = loop.run_in_executor(thread, model.answer, calls)
                    await asyncio.wait([generation])
                    if error := generation.exception():
                        _fail(model, calls, error)

    def _next(self, model: LocalModel, waiting: "deque[Call]") -> list[Call]:
        calls = [waiting.popleft() for _ in range(min(len(waiting), self._most or model.batch_size))]
        if waiting:
            self._came.set()
        return [call for call in calls if call.listener is None or not call.listener.gone]


def _fail(model: LocalModel, calls: Sequence[Call], error: BaseException) -> None:
    """One batch failed, for want of memory mostly; the next may be well."""
    logger.error("%s failed on a batch of %d calls", model.name, len(calls), exc_info=error)
    for call in calls:
        if isinstance(call.listener, ReplyListener):
            call.listener.replies.put(call.listener.index, ModelError(f"the model failed: {error}"))
