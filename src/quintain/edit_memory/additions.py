"""Log entries of a call of `add`: what stands already keeps its id, what contradicts an older edit says so."""

import logging
from collections.abc import Iterable

from quintain.edit_memory.store import EditStore
from quintain.errors import EditError
from quintain.methods.lte.edits import Edit, Words, slot_of
from quintain.records import content_id

logger = logging.getLogger(__name__)


class Additions:
    """Edits of one call, settled in their order against the memory and each other.

    Args:
        store: The memory's state; the caller is `writing`.
        wished: Edits and the ids that they shall have; an empty one is made from the content.

    Raises:
        EditError: An id is taken.
    """

    def __init__(self, store: EditStore, wished: Iterable[tuple[Edit, str]]) -> None:
        self.new: dict[str, Edit] = {}
        """Id → edit, of those that are not in force yet."""
        self._store = store
        self._current = store.versions.current
        self._standing: dict[tuple[Words, Words], tuple[str, Edit]] = {}
        self.ids = [self._settle(number, edit, wish) for number, (edit, wish) in enumerate(wished)]
        """One id per edit."""

    def _settle(self, number: int, edit: Edit, wish: str) -> str:
        slot = slot_of(edit)
        former = self._standing.get(slot) or self._store.standing(edit)
        known = self._current.get(wish)
        if known is not None and self._store.edit(known) == edit:
            return wish
        if former and former[1] == edit and not wish:
            return former[0]
        if wish in self.new or wish in self._current:
            raise EditError(
                f"edit {number} ({str(edit.subject)[:80]!r}): the id {wish!r} is taken; revise that edit, or "
                "leave the id out; nothing was added"
            )
        edit_id = wish or self._free_id(edit)
        warn_of_override(edit_id, edit, former)
        self.new[edit_id] = edit
        self._standing[slot] = edit_id, edit
        return edit_id

    def _free_id(self, edit: Edit) -> str:
        number = 0
        while True:
            made = content_id("edit", edit.subject, edit.relation, edit.prompt, edit.target_new, number)
            if made not in self.new and made not in self._current:
                return made
            number += 1


def warn_of_override(edit_id: str, edit: Edit, former: tuple[str, Edit] | None) -> None:
    """Say that an edit contradicts the one that decided its slot so far, if it does."""
    if former and former[0] != edit_id and former[1].target_new != edit.target_new:
        logger.warning(
            "edit %s (%s → %s) overrides %s (→ %s) of the same slot",
            edit_id, edit.prompt[:80], edit.target_new[:80], former[0], former[1].target_new[:80],
        )  # fmt: skip
