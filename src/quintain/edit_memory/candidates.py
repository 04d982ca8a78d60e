"""Candidate edits of a question, before the gate decides: the nearest, the best by BM25, those it names."""

from collections.abc import Iterable
from itertools import islice
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from quintain.edit_memory.approximate import ApproximateIndex
from quintain.edit_memory.key_index import KeyIndex
from quintain.edit_memory.lexical import LexicalIndex
from quintain.edit_memory.vectors import nearest_rows
from quintain.edit_memory.versions import Versions
from quintain.methods.lte.edits import Words
from quintain.methods.lte.gate import SlotWords
from quintain.methods.lte.names import NameIndex

Retrieval = Literal["dense", "lexical", "fused"]

_ROWS_PER_HIT = 4
_RANK_OFFSET = 60


class Candidates:
    """Proposes versions for a question.

    The vectors of the questions are read as a whole; those of the facts only where the question names subject, alias or
    target. So a second key for every edit, which reversed questions need, costs no second scan.

    Args:
        versions: The fold of the log.
        questions: Vectors of prompts, of prompts with aliases, of paraphrases.
        facts: Vectors of prompts with their target, one per version.
        retrieval: What ranks them.
    """

    def __init__(self, versions: Versions, questions: KeyIndex, facts: KeyIndex, retrieval: Retrieval) -> None:
        self.approximate: ApproximateIndex | None = None
        """Inverted lists over the questions; None until they are loaded."""
        self._versions = versions
        self._questions = questions
        self._facts = facts
        self._retrieval = retrieval
        self._names = NameIndex()
        self._lexical = LexicalIndex()

    def learn(self, version: int, slot: SlotWords) -> None:
        """Take in the next version."""
        edit = slot.edit
        for name in (*slot.names, slot.target):
            self._names.add(name, version)
        if self._retrieval != "dense":
            self._lexical.extend([" ".join((*edit.aliases, *edit.paraphrases, edit.fact))])

    def named(self, question: Words, moment: float | None) -> set[int]:
        """Versions whose subject, alias or target a question names."""
        return {one for one in self._names.named_in(question) if self._versions.holds(one, moment)}

    def ranked(self, text: str, named: set[int], k: int, moment: float | None) -> dict[int, float]:
        """Rank what may be about a question.

        Args:
            text: The question.
            named: Versions that it names.
            k: How many hits are wanted.
            moment: Time to which the answer belongs; None for now.

        Returns:
            Version → score, best first; more than k, since several may share a slot.
        """
        rows = _ROWS_PER_HIT * k
        if self._retrieval == "dense":
            return self._nearest(text, named, k, rows, moment)
        lexical = self._lexically_best(text, k, moment)
        if self._retrieval == "lexical":
            return lexical
        fused: dict[int, float] = {}
        for ranking in (self._nearest(text, named, rows, rows, moment), lexical):
            for rank, version in enumerate(ranking):
                fused[version] = fused.get(version, 0.0) + 1 / (_RANK_OFFSET + rank)
        return _best_first(fused)

    def _nearest(self, text: str, named: set[int], wanted: int, rows: int, moment: float | None) -> dict[int, float]:
        vector = self._questions.embedded_one(text)
        owners = self._versions.owners
        scores: dict[int, float] = {}
        for row, score in self._nearest_rows(vector, rows, moment):
            version = owners[row]
            if version not in scores:
                scores[version] = score
                wanted -= version not in named
                if not wanted:
                    break
        if not named:
            return scores
        for version in named:
            # A reversed question is near to the fact with its target, not to the prompt.
            own = self._questions.rows[self._versions.first_rows[version]], self._facts.rows[version]
            scores[version] = max(scores.get(version, -1.0), *(float(row @ vector) for row in own))
        return _best_first(scores)

    def _nearest_rows(
        self, vector: NDArray[np.float32], count: int, moment: float | None
    ) -> Iterable[tuple[int, float]]:
        dead = self._versions.dead_rows(moment)
        if moment is None and self.approximate and self.approximate.ready:
            return self.approximate.nearest_rows(vector, count, dead).items()
        return islice(nearest_rows(self._questions.rows, vector, dead), count)

    def _lexically_best(self, text: str, k: int, moment: float | None) -> dict[int, float]:
        # Edits out of force stay in the index, which can be asked about the past: look further where there are any.
        room = _ROWS_PER_HIT * k + len(self._versions) - len(self._versions.current)
        best = self._lexical.best(text, room)
        return {version: score for version, score in best.items() if self._versions.holds(version, moment)}


def _best_first(scores: dict[int, float]) -> dict[int, float]:
    return dict(sorted(scores.items(), key=lambda item: -item[1]))
