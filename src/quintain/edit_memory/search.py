"""Search of a memory: of the candidates for a question, the newest edit of each slot and what the gate says to it."""

from dataclasses import replace

from quintain.edit_memory.candidates import Candidates
from quintain.edit_memory.store import EditStore
from quintain.methods.lte.edits import Words, word_forms
from quintain.methods.lte.findings import Hit
from quintain.methods.lte.gate import SlotGate, SlotWords, match_slot

_NAMED = 0.5


class Search:
    """Finds the edits that a question may be about.

    Args:
        store: The memory's state.
        candidates: What proposes them.
        gate: Thresholds of the slot gate.
    """

    def __init__(self, store: EditStore, candidates: Candidates, gate: SlotGate) -> None:
        self._store = store
        self._versions = store.versions
        self._candidates = candidates
        self._gate = gate

    def hits(self, text: str, k: int, moment: float | None) -> list[Hit]:
        """The edits of a question, one per slot: those that pass the gate first, then the nearest.

        Args:
            text: The question.
            k: Most hits.
            moment: Time to which the answer belongs; None for now.

        Returns:
            Hits, at most k; the caller is `reading`.
        """
        if not self._versions.ids:
            return []
        question = word_forms(text)
        named = self._candidates.named(question, moment)
        found: list[tuple[bool, float, int, Hit]] = []
        winners: set[int] = set()
        others = 0
        for version, score in self._candidates.ranked(text, named, k, moment).items():
            if version not in named:
                if others == k:
                    continue
                others += 1
            rivals = self._versions.rivals(version, moment)
            winner = rivals[-1]
            if winner not in winners:
                winners.add(winner)
                hit = self._hit(rivals, score, question)
                # A name in the question says as much as half of all likeness.
                found.append((not hit.passed, -score - _NAMED * (winner in named), len(found), hit))
        return [one[-1] for one in sorted(found)[:k]]

    def _hit(self, rivals: list[int], score: float, question: Words) -> Hit:
        version = rivals[-1]
        slot = self._store.slot(version)
        match = match_slot(question, slot)
        overrides: tuple[str, ...] = ()
        if len(rivals) > 1:
            target = slot.edit.target_new
            older = {one: self._store.edit(one) for one in rivals[:-1]}
            # An alias or paraphrase given with an older edit names the slot as well; its target says nothing any more.
            for edit in older.values():
                named = match_slot(question, SlotWords(replace(edit, target_new=target)))
                if (named.subject, named.relation) > (match.subject, match.relation):
                    match = replace(named, excludes=match.excludes)
            overrides = tuple(self._versions.ids[one] for one, edit in older.items() if edit.target_new != target)
        return Hit(slot.edit, score, self._gate.admits(match), self._versions.ids[version], match, overrides)
