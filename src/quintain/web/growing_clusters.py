"""Near-duplicates among texts that come part by part: each part meets the clusters that are there."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from quintain.limits import BUCKET_TEXTS
from quintain.web.duplicates import PERMUTATIONS, band_keys, bands, near_duplicates, signatures


class GrowingClusters:
    """Clusters of near-duplicate texts, the same in any number of parts as `near_duplicates` finds at once.

    A text is compared with the first texts of those clusters that share a band with it; the others are not looked at
    again. Each first text is kept, and about 1 kB beside it.

    Args:
        threshold: Least Jaccard similarity of two texts' shingles, in (0, 1].
        shingle_words: Words per shingle.

    >>> clusters = GrowingClusters()
    >>> clusters.add(["a b c d e f g h", "x y z"]), clusters.add(["1 2 3", "a b c d e f g h!"])
    ([0, 1], [2, 0])
    """

    def __init__(self, threshold: float = 0.7, *, shingle_words: int = 5) -> None:
        self._threshold = threshold
        self._shingle_words = shingle_words
        self._firsts: list[str] = []
        self._signatures: list[NDArray[np.uint32]] = []
        self._runs: list[_Run] = []

    def add(self, texts: Sequence[str]) -> list[int]:
        """Take in a part.

        Args:
            texts: The texts.

        Returns:
            A cluster number per text, counted from 0 by first appearance over all parts.

        Raises:
            ValueError: The threshold or the shingle length is out of range.
        """
        rows = signatures(texts, self._shingle_words)
        keys = _keys(rows, self._threshold)
        met = self._met(keys)
        of_met = np.array([self._signatures[cluster] for cluster in met], np.uint32).reshape(-1, PERMUTATIONS)
        found = near_duplicates(
            [*(self._firsts[cluster] for cluster in met), *texts],
            self._threshold,
            shingle_words=self._shingle_words,
            rows=np.concatenate([of_met, rows]),
            distinct=len(met),
        )[len(met) :]
        known = len(self._firsts)
        clusters = [met[number] if number < len(met) else known + number - len(met) for number in found]
        begun: dict[int, int] = {}
        for place, cluster in enumerate(clusters):
            if cluster >= known:
                begun.setdefault(cluster, place)
        places = list(begun.values())
        self._firsts += [texts[place] for place in places]
        self._signatures += [rows[place].copy() for place in places]  # a view would keep those of all texts
        self._remember(_run(keys[places], known))
        return clusters

    def _met(self, keys: NDArray[np.uint64]) -> list[int]:
        """Clusters whose first text shares a band with one of some texts, in order."""
        wanted = np.unique(keys)
        return sorted({cluster for run in self._runs for cluster in run.holders(wanted)})

    def _remember(self, run: "_Run") -> None:
        """Keep a run, together with those that are not much longer: so few runs are left, and keys move seldom."""
        while self._runs and len(self._runs[-1].keys) <= 2 * len(run.keys):
            former = self._runs.pop()
            run = _sorted(np.concatenate([former.keys, run.keys]), np.concatenate([former.clusters, run.clusters]))
        self._runs.append(run)


class _Run(NamedTuple):
    """Keys of bands in order, and the clusters whose first text has them."""

    keys: NDArray[np.uint64]
    clusters: NDArray[np.int32]

    def holders(self, wanted: NDArray[np.uint64]) -> list[int]:
        """Clusters that hold one of some keys."""
        begin, end = (np.searchsorted(self.keys, wanted, side) for side in ("left", "right"))
        held = np.flatnonzero(end > begin)
        return [int(cluster) for place in held for cluster in self.clusters[begin[place] : end[place]]]


def _keys(rows: NDArray[np.uint32], threshold: float) -> NDArray[np.uint64]:
    """Keys of the bands of signatures. Shape (N, bands)."""
    return np.array(list(band_keys(rows, threshold)), np.uint64).reshape(bands(threshold)[0], len(rows)).T


def _run(keys: NDArray[np.uint64], first: int) -> _Run:
    clusters = np.arange(first, first + len(keys), dtype=np.int32)
    return _sorted(keys.ravel(), np.repeat(clusters, keys.shape[1]))


def _sorted(keys: NDArray[np.uint64], clusters: NDArray[np.int32]) -> _Run:
    """Sort keys, those of older clusters first; a key that many hold is kept for as many as a text is compared with."""
    order = np.argsort(keys, kind="stable")
    keys, clusters = keys[order], clusters[order]
    most = BUCKET_TEXTS + 1
    kept = np.ones(len(keys), np.bool_)
    kept[most:] = keys[most:] != keys[:-most]
    return _Run(keys[kept], clusters[kept])
