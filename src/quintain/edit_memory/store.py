"""The log and what is made from it, kept in step: versions, vectors, and whatever else listens."""

import logging
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from quintain.edit_memory.acknowledged import Acknowledged, LogEnd, lost_acts
from quintain.edit_memory.key_index import KeyIndex
from quintain.edit_memory.last_act import LastAct
from quintain.edit_memory.log import BrokenActError, Event
from quintain.edit_memory.memory_files import copied, identity, opened_log, takes_writes
from quintain.edit_memory.versions import Versions
from quintain.errors import EditError
from quintain.limits import FUTURE_SECONDS
from quintain.methods.lte.edits import Edit, fault_of_text, question_keys
from quintain.methods.lte.embedding import Embedder
from quintain.methods.lte.gate import SlotWords

logger = logging.getLogger(__name__)

_LOCK_SECONDS = 60
_TRIES, _TRY_SECONDS = 50, 0.02
# about 50 MB once all of them were asked for; further ones are read from the log when they are found
_SLOTS_AT_HAND = 20_000


class EditStore:
    """Acts on disk, and the state that they lead to, for several threads and processes at once.

    The log is the truth. Whatever this process has not seen yet, because another one wrote it, is taken in before
    anything is read or written.

    Args:
        folder: Where log, vectors and lock lie.
        embed: Embeds the keys.

    Raises:
        EditError: The log cannot be used, the vectors were made by another embedder, or the lock is held for long.
    """

    fault = ""
    """Why the log cannot be trusted; empty when it can. Nothing is read or written then."""

    def __init__(self, folder: Path, embed: Embedder) -> None:
        self.versions = Versions()
        """The fold of the log."""
        self.serial = 0
        """The last act that was taken in."""
        self._folder = folder
        self._threads = threading.RLock()
        self._processes = FileLock(folder / "lock", timeout=_LOCK_SECONDS)
        self._last_at = 0.0
        self._at_hand: dict[int, SlotWords] = {}
        self._learn: Callable[[int, SlotWords], None] = lambda _version, _slot: None
        self.read_only = not takes_writes(folder)
        """Whether the disk takes nothing."""
        self._scratch = tempfile.TemporaryDirectory() if self.read_only else None
        aside = Path(self._scratch.name) if self._scratch else None
        with self._exclusively():
            self.log = opened_log(folder, aside)
            self._opened = identity(folder / "log.sqlite")
            serial = folder / "serial" if aside is None else copied(folder / "serial", aside)
            self._last_act = LastAct(serial)
            self._acknowledged = Acknowledged(folder / "head")
            memory_id = self.log.memory_id
            self.questions = KeyIndex(folder / "questions.f32", memory_id, embed, self._all_question_keys, aside)
            self.facts = KeyIndex(folder / "facts.f32", memory_id, embed, self._all_facts, aside)

    def start(self, learn: Callable[[int, SlotWords], None]) -> None:
        """Take in the whole log; `learn` hears of every version from the first on."""
        self._learn = learn
        with self._exclusively():
            self._follow()

    def close(self) -> None:
        """Close the files."""
        for part in (self.questions, self.facts, self.log, self._last_act):
            part.close()
        if self._scratch:
            self._scratch.cleanup()

    def is_other(self) -> bool:
        """Tell whether another log stands where this one was opened.

        Returns:
            True when the folder was replaced.

        Raises:
            EditError: There is none any more.
        """
        for _ in range(_TRIES):
            found = identity(self._folder / "log.sqlite")
            if found is not None:
                return found != self._opened
            time.sleep(_TRY_SECONDS)  # a folder that is being replaced is away for a moment
        raise EditError(f"{self._folder} was moved away or removed while it was open; open the memory where it is now")

    def reading(self) -> AbstractContextManager[object]:
        """Take in all acts; the state then holds still inside the context that is returned.

        Returns:
            The lock that holds it still.

        Raises:
            EditError: The log cannot be trusted.
        """
        self.catch_up()
        if self.fault:
            raise EditError(self.fault)
        return self._threads

    def catch_up(self) -> None:
        """Take in what other processes wrote; a log that cannot be trusted is noted in `fault`."""
        if not self.fault and self._last_act.read() != self.serial:
            with self._exclusively():
                self._follow()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Keep all others from writing, with all acts taken in."""
        with self._exclusively():
            if not self.fault:
                self._follow()
            if self.fault:
                raise EditError(self.fault)
            yield

    def commit(
        self, events: Sequence[Event], embedded: dict[str, NDArray[np.float32]], since: float | None = None
    ) -> None:
        """Write acts to the log, then their keys to the index; a kill in between is made good at the next opening.

        Args:
            events: The acts; the caller is `writing`.
            embedded: Key → its vector.
            since: When they happened; now by default.

        Raises:
            EditError: `since` lies before the last act or in the future, the last act lies in the future, a name is no
                text that a file can hold, or the disk takes nothing.
        """
        if not events:
            return
        if self.read_only:
            raise EditError(f"{self._folder} lies on a disk that takes nothing; copy the memory to change it")
        latest = time.time() + FUTURE_SECONDS
        if self._last_at > latest:
            raise EditError(
                f"the last act lies in the future ({_date(self._last_at)}), and no act can come before it; "
                f"`quintain edit repair --memory {self._folder}` sets the times right. Nothing was changed"
            )
        if since is not None and since < self._last_at:
            raise EditError(f"at={since} lies before the last act ({self._last_at}); nothing was changed")
        if since is not None and since > latest:
            raise EditError(f"at={since} lies in the future (FUTURE_SECONDS); nothing was changed")
        for name in ("id", "author", "source", "edit_set"):
            if fault := next(filter(None, (fault_of_text(getattr(event, name)) for event in events)), ""):
                raise EditError(f"{name} {fault}; nothing was changed")
        # A clock that was set back must not bring acts out of order.
        now = max(time.time(), self._last_at) if since is None else since
        for event in self.log.append([replace(event, at=now) for event in events]):
            self._apply(event)
        self._acknowledge()
        edits = [event.edit for event in events if event.edit]
        for index, texts in (
            (self.questions, [key for edit in edits for key in question_keys(edit)]),
            (self.facts, [edit.fact for edit in edits]),
        ):
            if texts:
                index.take(texts, np.stack([embedded[text] for text in texts]))

    def embedded(self, edits: Sequence[Edit]) -> dict[str, NDArray[np.float32]]:
        """Vectors of all keys of some edits, by key."""
        texts = list(dict.fromkeys(text for edit in edits for text in (*question_keys(edit), edit.fact)))
        return dict(zip(texts, self.questions.embedded(texts), strict=True)) if texts else {}

    def event(self, version: int) -> Event:
        """The act that began a version."""
        return self.log.event(self.versions.serials[version])

    def slot(self, version: int) -> SlotWords:
        """Edit of a version, with the words that the gate goes by."""
        if (slot := self._at_hand.get(version)) is not None:
            return slot
        edit = self.event(version).edit
        assert edit is not None  # noqa: S101 - versions begin with an edit
        return SlotWords(edit)

    def edit(self, version: int) -> Edit:
        """Edit of a version."""
        return self.slot(version).edit

    def standing(self, edit: Edit) -> tuple[str, Edit] | None:
        """Id and edit that decide an edit's slot now."""
        version = self.versions.standing(edit)
        return None if version is None else (self.versions.ids[version], self.edit(version))

    @contextmanager
    def _exclusively(self) -> Iterator[None]:
        try:
            with self._threads, nullcontext() if self.read_only else self._processes:
                yield
        except Timeout:
            raise EditError(
                f"another process has held {self._folder / 'lock'} for {_LOCK_SECONDS} s; wait for it, or end it"
            ) from None

    def _follow(self) -> None:
        """Take in what other processes wrote, or everything at the start; the caller holds the lock."""
        for index in (self.questions, self.facts):
            index.refresh()
        try:
            for event in self.log.new():
                if event.edit:
                    self.questions.expect(question_keys(event.edit))
                    self.facts.expect([event.edit.fact])
                self._apply(event)
        except BrokenActError as error:
            self._distrust(f"act {error.serial} is not what was written: {error.fault}")
            return
        if lost := lost_acts(self.log, self._acknowledged.read()):
            self._distrust(lost)
            return
        for index in (self.questions, self.facts):
            index.settle()
        self._acknowledge()

    def _acknowledge(self) -> None:
        self._last_act.set(self.serial)
        end = LogEnd(*self.log.given)
        if not self.read_only and self._acknowledged.read() != end:
            self._acknowledged.write(end)

    def _distrust(self, why: str) -> None:
        self.fault = (
            f"{self._folder / 'log.sqlite'}: {why}; bring the folder back from where it is versioned, or keep what is "
            f"sound with `quintain edit repair --memory {self._folder}`"
        )
        logger.warning("%s", self.fault)

    def _apply(self, event: Event) -> None:
        self.serial, self._last_at = event.serial, event.at
        version = self.versions.apply(event)
        if version is not None and event.edit is not None:
            slot = SlotWords(event.edit)
            if version < _SLOTS_AT_HAND:
                self._at_hand[version] = slot
            self._learn(version, slot)

    def _all_question_keys(self) -> Iterator[str]:
        return (key for event in self.log.all() if event.edit for key in question_keys(event.edit))

    def _all_facts(self) -> Iterator[str]:
        return (event.edit.fact for event in self.log.all() if event.edit)


def _date(at: float) -> str:
    try:
        return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")
    except (ValueError, OverflowError, OSError):
        return f"{at:g} s"
