"""Clients that ask at the same time are answered together."""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

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
    """Gathers calls and lets their model answer them as batches, one after the other, in a thread of its own.

    A batch takes whatever came while the one before ran, and what comes in the few milliseconds after: clients that are
    answered together ask again together. Where more wait than a batch takes, each request gets its turn: a client that
    asks for a hundred completions does not keep the others waiting for all of them.

    Args:
        most: Most calls of a batch; the model's batch size by default.
        window_seconds: How long a batch waits for company.
    """

    def __init__(self, most: int | None = None, window_seconds: float = _WINDOW_SECONDS) -> None:
        self.running = 0
        self._most = most
        self._window_seconds = window_seconds
        self._waiting: dict[LocalModel, deque[deque[Call]]] = {}
        self._came = asyncio.Event()
        self._halted = False
        self._at_work: LocalModel | None = None

    @property
    def waiting(self) -> int:
        """Calls that wait for their turn."""
        return sum(len(calls) for requests in self._waiting.values() for calls in requests)

    def ask(self, model: LocalModel, calls: Sequence[Call]) -> None:
        """Put the calls of one request in line; their listeners hear of them."""
        self._waiting.setdefault(model, deque()).append(deque(calls))
        self._came.set()

    def halt(self) -> None:
        """Let the batch at work end in the middle; no other one begins."""
        self._halted = True
        if self._at_work is not None:
            self._at_work.halt()

    async def run(self) -> None:
        """Answer until cancelled."""
        thread = ThreadPoolExecutor(1, thread_name_prefix="generation")
        try:
            while True:
                await self._came.wait()
                self._came.clear()
                await asyncio.sleep(self._window_seconds)
                for model, waiting in list(self._waiting.items()):
                    if calls := self._next(model, waiting):
                        self.running = len(calls)
                        await self._answer(thread, model, calls)
                        self.running = 0
        finally:
            # A batch that was halted ends soon; a process that is to end does not wait for one that was not.
            thread.shutdown(wait=False, cancel_futures=True)

    async def _answer(self, thread: ThreadPoolExecutor, model: LocalModel, calls: Sequence[Call]) -> None:
        """Answer calls; where one of them makes the model fail, the others do not suffer for it."""
        self._at_work = model
        if self._halted:
            model.halt()
        generation = asyncio.get_running_loop().run_in_executor(thread, model.answer, calls)
        # When the server ends, nobody asks any more how the batch went.
        generation.add_done_callback(lambda done: done.cancelled() or done.exception())
        await asyncio.wait([generation])
        if (error := generation.exception()) is None:
            return
        if not self._halted:
            logger.error("%s failed on a batch of %d calls", model.name, len(calls), exc_info=error)
        left = [(call, one) for call in calls if isinstance(one := call.listener, ReplyListener) and not one.ended]
        if len(calls) == 1 or self._halted:
            for _, listener in left:
                listener.fail(ModelError(f"the model failed: {error}"))
            return
        for call, listener in left:
            listener.begin_again()
            await self._answer(thread, model, [call])

    def _next(self, model: LocalModel, waiting: "deque[deque[Call]]") -> list[Call]:
        most = self._most or model.batch_size
        calls: list[Call] = []
        room = model.batch_tokens
        while waiting and len(calls) < most:
            request = waiting.popleft()
            while request and _gone(request[0]):
                request.popleft()
            if not request:
                continue
            room -= _likely_tokens(request[0], model)
            if calls and room < 0:
                waiting.appendleft(request)
                break
            calls.append(request.popleft())
            waiting.append(request)
        while waiting and not waiting[0]:
            waiting.popleft()
        if any(waiting):
            self._came.set()
        return calls


def _likely_tokens(call: Call, model: LocalModel) -> int:
    """A guess at what a call takes, for batches that are small enough to let others in between."""
    characters = sum(len(message.content) for message in call.request.messages)
    return characters // 3 + min(call.sampling.max_new_tokens, model.context_tokens)


def _gone(call: Call) -> bool:
    return call.listener is not None and call.listener.gone
