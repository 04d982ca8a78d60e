"""Progress of long work: a line in the log every ten seconds, a bar on a terminal."""

import logging
import multiprocessing
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from types import TracebackType
from typing import Self, TypeVar

T = TypeVar("T")

logger = logging.getLogger(__name__)

LINE_SECONDS = 10.0
_BAR_SECONDS = 0.25

_entered: "list[Progress]" = []
"""Those that tell now, in this process."""


class Progress:
    """Tells how far some work is, as long as it is entered; work that is done sooner than the first line is silent.

    A thread of its own tells, so that a line comes in time while one step of the work takes long.

    Args:
        what: The work, such as `training, steps`.
        total: Parts of it.
        unit: Unit of the amounts that `advance` is given, such as `tokens`.
        done: Parts that were done before, in a work that is resumed.
        cost: Unit of what the work costs, such as ` tokens`; empty for money, None where it costs nothing.
    """

    def __init__(self, what: str, total: int, unit: str = "", done: int = 0, cost: str | None = None) -> None:
        self.done = done
        self._what = what
        self._total = total
        self._unit = unit
        self._done_before = done
        self._amount = 0
        self._cost = cost
        self._spent = 0.0
        self._note = ""
        self._started = time.monotonic()
        self._ended = threading.Event()
        self._showing = ExitStack()

    def advance(self, parts: int = 0, amount: int = 0, note: str = "", spent: float = 0.0) -> None:
        """Note what was done.

        Args:
            parts: Parts of the work.
            amount: What they came to, in the unit.
            note: Something to say beside, such as the loss.
            spent: What they cost.
        """
        self._spent += spent
        self.done += parts
        self._amount += amount
        self._note = note or self._note

    @property
    def line(self) -> str:
        """Done of all, note, what was spent and will be in all, speed and time left, as far as they are known."""
        seconds = time.monotonic() - self._started
        told = [f"{self._what}: {self.done:,} of {self._total:,}"]
        if self._note:
            told.append(self._note)
        if self._cost is not None and (new := self.done - self._done_before):
            expected = self._spent / new * (self._total - self._done_before)
            digits = 0 if self._cost else 2
            told.append(f"spent {self._spent:,.{digits}f} of about {expected:,.{digits}f}{self._cost}")
        if self._unit:
            told.append(f"{self._amount / max(seconds, 1e-9):,.0f} {self._unit}/s")
        if (new := self.done - self._done_before) and self.done < self._total:
            told.append(f"{duration(seconds / new * (self._total - self.done))} left")
        return ", ".join(told)

    def __enter__(self) -> Self:
        self._started = time.monotonic()
        tell, seconds = self._log, LINE_SECONDS
        if _terminal.acquire(blocking=False):
            self._showing.callback(_terminal.release)
            if _on_terminal():
                tell, seconds = self._showing.enter_context(_bar(self)), _BAR_SECONDS
        thread = threading.Thread(target=self._tell, args=(tell, seconds), name="progress", daemon=True)
        thread.start()
        self._showing.callback(thread.join)
        self._showing.callback(self._ended.set)
        _entered.append(self)
        self._showing.callback(_entered.remove, self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._showing.close()

    @property
    def share(self) -> float:
        """Share of the work that is done."""
        return self.done / max(self._total, 1)

    def _log(self) -> None:
        logger.info("%s", self.line)

    def _tell(self, tell: Callable[[], None], seconds: float) -> None:
        while not self._ended.wait(seconds):
            tell()


def told(items: Sequence[T], what: str) -> Iterator[T]:
    """Go through items with lines that tell how far the work on them is.

    Args:
        items: The items.
        what: The work and what the items are, such as `near duplicates, texts`.

    Yields:
        Each item; whoever takes the next one is done with it.
    """
    with Progress(what, len(items)) as progress:
        for item in items:
            yield item
            progress.advance(1)


def is_telling() -> bool:
    """True while some work of this process tells how far it is."""
    return bool(_entered)


def duration(seconds: float) -> str:
    """A time as people say it.

    >>> duration(42.4), duration(600), duration(7500)
    ('42 s', '10 min', '2 h 5 min')
    """
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60} min"


_terminal = threading.Lock()
"""Held by the one progress that may have the terminal."""


def _on_terminal() -> bool:
    """True where a bar has a terminal of its own: nodes that run side by side write lines."""
    return sys.stderr.isatty() and multiprocessing.parent_process() is None


@contextmanager
def _bar(progress: Progress) -> Iterator[Callable[[], None]]:
    """Show a bar under the lines of the log; what is yielded brings it up to date."""
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn
    from rich.progress import Progress as Bars

    bars = Bars(BarColumn(bar_width=24), TextColumn("{task.description}"), console=Console(stderr=True), transient=True)
    bar = bars.add_task(progress.line, total=1.0)
    handlers = [each for each in logging.getLogger().handlers if isinstance(each, logging.StreamHandler)]
    with ExitStack() as former, bars:
        for handler in handlers:
            # Bars write what others write to the terminal above them.
            if handler.stream not in (None, sys.stderr) and handler.stream.isatty():
                former.callback(handler.setStream, handler.setStream(sys.stderr))
        yield lambda: bars.update(bar, completed=progress.share, description=progress.line)
