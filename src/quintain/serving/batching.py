"""Clients that ask at the same time are answered together."""

import asyncio
import logging
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import cast

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
        completed: Called on the event loop with each completion.
    """

    def __init__(self, n: int, completed: Callable[[Completion], None] = lambda _: None) -> None:
        self.gone = False
        self._open = n
        self._completed = completed
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
        self._loop.call_soon_threadsafe(self._take, index, piece)

    def _take(self, index: int, piece: Piece | ModelError) -> None:
        if isinstance(piece, Completion):
            self._completed(piece)
        self._pieces.put_nowait((index, piece))


@dataclass
class ReplyListener:
    """Listens for one completion of a client."""

    replies: Replies
    """All that the client waits for."""
    index: int
    """Which of them this is."""
    ended: bool = False
    """True when the whole was passed on."""
    _told: int = field(default=0, init=False)
    _known: int = field(default=0, init=False)

    @property
    def gone(self) -> bool:
        """True when the client hung up."""
        return self.replies.gone

    def hear(self, text: str) -> None:
        """Pass on the next text."""
        known, self._known = text[: self._known], max(0, self._known - len(text))
        if new := text[len(known) :]:
            self._told += len(new)
            self.replies.put(self.index, new)

    def end(self, completion: Completion) -> None:
        """Pass on the whole."""
        self.ended = True
        self.replies.put(self.index, completion)

    def begin_again(self) -> None:
        """Expect the completion from its beginning, of which the client knows a part."""
        self._known = self._told

    def fail(self, error: ModelError) -> None:
        """Say that there will be no completion."""
        self.ended = True
        self.replies.put(self.index, error)


class Batcher:
    """Lets calls that come at the same time be answered together, in a thread of its own.

    A call joins those at work as soon as there is room. Where more wait than there is room for, each request gets its
    turn: a client that asks for a hundred completions does not keep the others waiting for all of them. Models take
    turns; one gives way when its calls at work are answered.

    Args:
        most: Most calls at a time; as many as the model takes by default.
        window_seconds: How long the first call of an idle model waits for company: clients that were answered together
            ask again together.
    """

    def __init__(self, most: int | None = None, window_seconds: float = _WINDOW_SECONDS) -> None:
        self._most = most
        self._window_seconds = window_seconds
        self._waiting: dict[LocalModel, deque[deque[Call]]] = {}
        self._at_work: list[Call] = []
        self._lock = threading.Lock()
        self._came = asyncio.Event()
        self._halted = False
        self._model: LocalModel | None = None

    @property
    def waiting(self) -> int:
        """Calls that wait for their turn."""
        with self._lock:
            return sum(len(calls) for requests in self._waiting.values() for calls in requests)

    @property
    def running(self) -> int:
        """Calls at work."""
        with self._lock:
            return len(self._open())

    def ask(self, model: LocalModel, calls: Sequence[Call]) -> None:
        """Put the calls of one request in line; their listeners hear of them."""
        with self._lock:
            self._waiting.setdefault(model, deque()).append(deque(calls))
        self._came.set()

    def halt(self) -> None:
        """Let the calls at work end in the middle; no other one begins."""
        self._halted = True
        if self._model is not None:
            self._model.halt()

    async def run(self) -> None:
        """Answer until cancelled."""
        thread = ThreadPoolExecutor(1, thread_name_prefix="generation")
        try:
            while True:
                await self._came.wait()
                self._came.clear()
                await asyncio.sleep(self._window_seconds)
                for model in list(self._waiting):
                    await self._answer(thread, model)
                if self.waiting:
                    self._came.set()
        finally:
            # Work that was halted ends soon; a process that is to end does not wait for what was not.
            thread.shutdown(wait=False, cancel_futures=True)

    async def _answer(self, thread: ThreadPoolExecutor, model: LocalModel) -> None:
        """Answer what waits for a model; where one call makes it fail, the others do not suffer for it."""
        self._model = model
        if self._halted:
            model.halt()
        error = await self._generated(thread, model, [], lambda: self._next(model))
        with self._lock:
            left = self._open()
        if error is not None and not self._halted:
            logger.error("%s failed on %d calls at a time", model.name, len(left), exc_info=error)
        for call in left:
            if len(left) > 1 and not self._halted:
                _listener(call).begin_again()
                error = await self._generated(thread, model, [call], lambda: None)
            if error is not None:
                _listener(call).fail(ModelError(f"the model failed: {error}"))
        self._at_work = []

    async def _generated(
        self,
        thread: ThreadPoolExecutor,
        model: LocalModel,
        calls: Sequence[Call],
        arrivals: Callable[[], Call | None],
    ) -> BaseException | None:
        """Let a model answer in the thread; its error, if it fails."""
        generation = asyncio.get_running_loop().run_in_executor(thread, model.answer, calls, arrivals)
        # When the server ends, nobody asks any more how it went.
        generation.add_done_callback(lambda done: done.cancelled() or done.exception())
        await asyncio.wait([generation])
        return generation.exception()

    def _next(self, model: LocalModel) -> Call | None:
        """The next call for a model, each request in its turn; called from the thread that generates."""
        with self._lock:
            at_work, waiting = len(self._open()), self._waiting[model]
            others_wait = any(any(line) for other, line in self._waiting.items() if other is not model)
            if (at_work and others_wait) or at_work == self._most:
                return None
            while waiting:
                request = waiting.popleft()
                while request and _listener(request[0]).gone:
                    request.popleft()
                if not request:
                    continue
                call = request.popleft()
                waiting.append(request)
                self._at_work.append(call)
                return call
        return None

    def _open(self) -> list[Call]:
        """Calls at work that are not answered yet."""
        self._at_work = [call for call in self._at_work if not _listener(call).ended]
        return self._at_work


def _listener(call: Call) -> ReplyListener:
    return cast("ReplyListener", call.listener)
