"""BM25 over the keys of a memory, for names and rare words that dense vectors blur."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from quintain.methods.lte.edits import word_forms

if TYPE_CHECKING:
    import bm25s

_TAIL = 1000


class LexicalIndex:
    """BM25 scores of numbered texts, the newest included.

    bm25s indexes a fixed set, so there are two: the bulk, and a tail that is indexed anew when it grows and joins the
    bulk at a tenth of it.

    >>> index = LexicalIndex()
    >>> index.extend(["The mayor of Veldmark is Ada", "The river of Ostheim is Elv"])
    >>> list(index.best("Which river is in Ostheim?", 1))
    [1]
    """

    def __init__(self) -> None:
        self._texts: list[list[str]] = []
        self._bulk: bm25s.BM25 | None = None
        self._tail: bm25s.BM25 | None = None
        self._in_bulk = self._indexed = 0

    def extend(self, texts: Sequence[str]) -> None:
        """Take in more texts; they are indexed at the next search."""
        self._texts.extend(list(word_forms(text)) or [""] for text in texts)

    def best(self, question: str, count: int) -> dict[int, float]:
        """Find the texts that share most with a question.

        Args:
            question: The question.
            count: How many.

        Returns:
            Number of the text → score above 0, best first.
        """
        self._index()
        tokens = list(word_forms(question))
        scores = np.concatenate(
            [
                _scores(self._bulk, tokens, self._in_bulk),
                _scores(self._tail, tokens, len(self._texts) - self._in_bulk),
            ]
        )
        order = np.argsort(-scores, kind="stable")[:count]
        return {int(i): float(scores[i]) for i in order if scores[i] > 0}

    def _index(self) -> None:
        if self._indexed == len(self._texts):
            return
        if len(self._texts) - self._in_bulk > _TAIL + self._in_bulk // 10:
            self._bulk, self._in_bulk = _indexed(self._texts), len(self._texts)
        tail = self._texts[self._in_bulk :]
        self._tail = _indexed(tail) if tail else None
        self._indexed = len(self._texts)


def _indexed(texts: list[list[str]]) -> "bm25s.BM25":
    import bm25s

    index = bm25s.BM25()
    index.index(texts, show_progress=False)
    return index


def _scores(
    index: "bm25s.BM25 | None", tokens: list[str], count: int
) -> "np.ndarray[tuple[int], np.dtype[np.float32]]":
    known = [token for token in tokens if index is not None and token in index.vocab_dict]
    if index is None or not known:
        return np.zeros(count, np.float32)
    return np.asarray(index.get_scores(known), np.float32)
