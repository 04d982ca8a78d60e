"""The log and what is made from it, kept in step: versions, vectors, and whatever else listens."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from quintain.edit_memory.key_index import KeyIndex
from quintain.edit_memory.last_act import LastAct
from quintain.edit_memory.log import EditLog, Event
from quintain.edit_memory.versions import Versions
from quintain.errors import EditError
from quintain.methods.lte.edits import Edit, question_keys
from quintain.methods.lte.embedding import Embedder
from quintain.methods.lte.gate import SlotWords

_LOCK_SECONDS = 60
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
        with self._exclusively():
            self.log = EditLog(folder / "log.sqlite")
            self._last_act = LastAct(folder / "serial")
            memory_id = self.log.memory_id
            self.questions = KeyIndex(folder / "questions.f32", memory_id, embed, self._all_question_keys)
            self.facts = KeyIndex(folder / "facts.f32", memory_id, embed, self._all_facts)

    def start(self, learn: Callable[[int, SlotWords], None]) -> None:
        """Take in the whole log; `learn` hears of every version from the first on."""
        self._learn = learn
        with self.writing():
            pass

    def close(self) -> None:
        """Close the files."""
        for part in (self.questions, self.facts, self.log, self._last_act):
            part.close()

    def reading(self) -> AbstractContextManager[object]:
        """Take in all acts; the state then holds still inside the context that is returned."""
        if self._last_act.read() != self.serial:
            with self.writing():
                pass
        return self._threads

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Keep all others from writing, with all acts taken in."""
        with self._exclusively():
            self._follow()
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
            EditError: `since` lies before the last act.
        """
        if not events:
            return
        if since is not None and since < self._last_at:
            raise EditError(f"at={since} lies before the last act ({self._last_at}); nothing was changed")
        # A clock that was set back must not bring acts out of order.
        now = max(time.time(), self._last_at) if since is None else since
        for event in self.log.append([replace(event, at=now) for event in events]):
            self._apply(event)
        self._last_act.set(self.serial)
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
            with self._threads, self._processes:
                yield
        except Timeout:
            raise EditError(
                f"another process has held {self._folder / 'lock'} for {_LOCK_SECONDS} s; wait for it, or end it"
            ) from None

    def _follow(self) -> None:
        """Take in what other processes wrote, or everything at the start; the caller holds the lock."""
        for index in (self.questions, self.facts):
            index.refresh()
        for event in self.log.since(self.serial):
            if event.edit:
                self.questions.expect(question_keys(event.edit))
                self.facts.expect([event.edit.fact])
            self._apply(event)
        for index in (self.questions, self.facts):
            index.settle()
        self._last_act.set(self.serial)

    def _apply(self, event: Event) -> None:
        self.serial, self._last_at = event.serial, event.at
        version = self.versions.apply(event)
        if version is not None and event.edit is not None:
            slot = SlotWords(event.edit)
            if version < _SLOTS_AT_HAND:
                self._at_hand[version] = slot
            self._learn(version, slot)

    def _all_question_keys(self) -> Iterator[str]:
        return (key for event in self.log.since(0) if event.edit for key in question_keys(event.edit))

    def _all_facts(self) -> Iterator[str]:
        return (event.edit.fact for event in self.log.since(0) if event.edit)
