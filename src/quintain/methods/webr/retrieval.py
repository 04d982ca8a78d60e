"""Does a request lead back to its page? Okapi BM25 over the pages of a run."""

import math
from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from quintain.text.words import words

_K1 = 1.2
_B = 0.75


class PageIndex:
    """Scores pages for a request by Okapi BM25.

    Args:
        pages: The texts.

    Source: Robertson and Zaragoza 2009, equation 3.15, with the idf of Lucene, which is never negative.
    """

    def __init__(self, pages: Sequence[str]) -> None:
        counts = [Counter(words(page)) for page in pages]
        lengths = np.array([count.total() for count in counts], float)
        self._norm = _K1 * (1 - _B + _B * lengths / max(lengths.mean(), 1.0)) if pages else lengths
        self._size = len(pages)
        postings: dict[str, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
        for number, count in enumerate(counts):
            for word, times in count.items():
                postings[word][0].append(number)
                postings[word][1].append(times)
        self._postings = {word: (np.array(at), np.array(times, float)) for word, (at, times) in postings.items()}

    def scores(self, request: str) -> NDArray[np.float64]:
        """Score every page; each word of the request counts once. Shape (pages,)."""
        total = np.zeros(self._size)
        for word in dict.fromkeys(words(request)):
            if word in self._postings:
                at, times = self._postings[word]
                idf = math.log(1 + (self._size - len(at) + 0.5) / (len(at) + 0.5))
                total[at] += idf * times * (_K1 + 1) / (times + self._norm[at])
        return total


def reciprocal_ranks(index: PageIndex, requests: Sequence[str], pages: Sequence[int]) -> list[float]:
    """Reciprocal rank of its page for each request: 1 for the first place, 1/2 for the second.

    Args:
        index: The pages.
        requests: The requests.
        pages: For each request the position of a page in the index.

    Returns:
        One value in (0, 1] per request; pages of equal score share the middle of their ranks.
    """
    ranks: list[float] = []
    for request, page in zip(requests, pages, strict=True):
        scores = index.scores(request)
        above = int((scores > scores[page]).sum())
        level = int((scores == scores[page]).sum())
        ranks.append(1 / (above + (level + 1) / 2))
    return ranks
