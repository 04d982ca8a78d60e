"""The fold of the log: which edit says what, since when and until when."""

from array import array
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from quintain.edit_memory.log import Event
from quintain.methods.lte.edits import Edit, question_keys, slot_of

_FOREVER = float("inf")


class Versions:
    """One version per `add` and `revise`, numbered in the log's order; it holds in [since, until).

    Plain arrays, since a memory may hold a million edits; the edits themselves stay in the log.
    """

    def __init__(self) -> None:
        self.current: dict[str, int] = {}
        """Id → version, of the edits in force."""
        self.ids: list[str] = []
        """Version → id."""
        self.serials = array("q")
        """Version → serial of its act in the log."""
        self.owners = array("i")
        """Row of the question index → version."""
        self.first_rows = array("q")
        """Version → its first row in the question index."""
        self._since = array("d")
        self._until = array("d")
        self._slot_of = array("q")
        self._in_slot: dict[int, int | list[int]] = {}
        self._dead_rows = array("q")
        self._dead_now: NDArray[np.intp] | None = None

    def __len__(self) -> int:
        return len(self.ids)

    def apply(self, event: Event) -> int | None:
        """Take in an act; the number of the version that it begins, None for `revoke`."""
        if (former := self.current.pop(event.id, None)) is not None:
            self._until[former] = event.at
            self._dead_rows.extend(self._rows(former))
            self._dead_now = None
        if event.edit is None:
            return None
        version = len(self.ids)
        slot = hash(slot_of(event.edit))
        self.ids.append(event.id)
        self.serials.append(event.serial)
        self.first_rows.append(len(self.owners))
        self.owners.extend(version for _ in question_keys(event.edit))
        self._since.append(event.at)
        self._until.append(_FOREVER)
        self._slot_of.append(slot)
        # one slot, one edit is the rule; a list each would double the memory
        known = self._in_slot.setdefault(slot, version)
        if isinstance(known, list):
            known.append(version)
        elif known != version:
            self._in_slot[slot] = [known, version]
        self.current[event.id] = version
        return version

    def holds(self, version: int, moment: float | None) -> bool:
        """True when a version holds at a moment, or now."""
        if moment is None:
            return self._until[version] == _FOREVER
        return self._since[version] <= moment < self._until[version]

    def dead_rows(self, moment: float | None) -> NDArray[np.intp]:
        """Rows of the question index whose version does not hold at a moment, or now."""
        if moment is None:
            if self._dead_now is None:
                self._dead_now = np.array(self._dead_rows, np.intp)
            return self._dead_now
        since, until = np.array(self._since), np.array(self._until)
        dead = (moment < since) | (moment >= until)
        return np.flatnonzero(dead[np.array(self.owners, np.intp)])

    def rivals(self, version: int, moment: float | None) -> list[int]:
        """Versions of a slot that hold at a moment as this one does, oldest first; the last one wins."""
        versions = self._in_slot[self._slot_of[version]]
        return [version] if isinstance(versions, int) else [v for v in versions if self.holds(v, moment)]

    def standing(self, edit: Edit) -> int | None:
        """The version that decides an edit's slot now."""
        holding = self._holding(hash(slot_of(edit)), None)
        return holding[-1] if holding else None

    def contested(self) -> Iterator[list[int]]:
        """Slots with several versions in force."""
        for slot, versions in self._in_slot.items():
            if isinstance(versions, list) and len(holding := self._holding(slot, None)) > 1:
                yield holding

    def _holding(self, slot: int, moment: float | None) -> list[int]:
        versions = self._in_slot.get(slot, [])
        return [v for v in ([versions] if isinstance(versions, int) else versions) if self.holds(v, moment)]

    def _rows(self, version: int) -> range:
        end = self.first_rows[version + 1] if version + 1 < len(self.first_rows) else len(self.owners)
        return range(self.first_rows[version], end)
