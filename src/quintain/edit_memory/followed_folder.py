"""The folder of an open memory, kept up with: what others wrote is taken in, another folder in its place read anew."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from quintain.edit_memory.approximate import ApproximateIndex
from quintain.edit_memory.candidates import Candidates, Retrieval
from quintain.edit_memory.search import Search
from quintain.edit_memory.store import EditStore
from quintain.methods.lte.embedding import Embedder
from quintain.methods.lte.gate import SlotGate

logger = logging.getLogger(__name__)


class FollowedFolder:
    """Folder of edits as it is now: its store, and the search over it.

    Args:
        folder: The folder.
        embed: Embeds the keys.
        retrieval: What finds edits.
        gate: Thresholds of the slot gate.

    Raises:
        EditError: The log cannot be used, the vectors were made by another embedder, or the lock is held for long.
    """

    def __init__(self, folder: Path, embed: Embedder, retrieval: Retrieval, gate: SlotGate) -> None:
        self._folder = folder
        self._embed = embed
        self._retrieval: Retrieval = retrieval
        self._gate = gate
        self._turn = threading.RLock()
        self._take_in()

    def _take_in(self) -> None:
        """Read the folder as it is now."""
        self._store = EditStore(self._folder, self._embed)
        self._versions = self._store.versions
        candidates = Candidates(self._versions, self._store.questions, self._store.facts, self._retrieval)
        self._store.start(candidates.learn)
        self._search = Search(self._store, candidates, self._gate)
        self._started_sound = not self._store.fault
        self._approximate = candidates.approximate = ApproximateIndex(self._folder, self._store.questions)

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """Hold the state still, with all acts taken in, of the folder that stands there now."""
        with self._turn:
            self._keep_up()
            with self._store.reading():
                yield

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Keep all others from writing, in the folder that stands there now."""
        with self._turn:
            self._keep_up()
            with self._store.writing():
                yield

    def _keep_up(self) -> None:
        """Read the folder anew where another one stands in its place."""
        other = self._store.is_other()
        if not other:
            self._store.catch_up()
            # A log that came into the place of the former one byte by byte looks like a damaged one at first.
            other = self._started_sound and bool(self._store.fault)
        if not other:
            return
        logger.warning("%s was replaced while it was open; it is read anew", self._folder)
        self._take_in()
