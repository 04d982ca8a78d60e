"""Near-duplicates: texts that share most of their word shingles.

R-MinHash signatures and an LSH index propose pairs, the exact Jaccard similarity of their shingles decides. A text
joins the first cluster whose first text it resembles, so no text is lost to a chain of neighbours that it does not
resemble itself.
"""

import functools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from itertools import islice

import numpy as np
from numpy.typing import NDArray
from rensa import RMinHash

from quintain.limits import BUCKET_TEXTS
from quintain.progress import told
from quintain.text.words import words

PERMUTATIONS = 128
_SEED = 1
_BATCH_TEXTS = 1024
_LEAST_RECALL = 0.98
"""Share of the pairs exactly at the threshold that the index must propose; pairs above it are found more surely."""
_NONE = np.empty(0, np.intp)
_STANDARD_ERRORS = 4.0
"""How far below the threshold an estimate may lie and still be checked; 1 true pair in 30,000 lies further."""


def near_duplicates(
    texts: Iterable[str],
    threshold: float = 0.7,
    *,
    shingle_words: int = 5,
    rows: NDArray[np.uint32] | None = None,
    distinct: int = 0,
) -> list[int]:
    """Number the clusters of near-duplicate texts.

    Args:
        texts: The texts.
        threshold: Least Jaccard similarity of two texts' shingles, in (0, 1].
        shingle_words: Words per shingle; fewer suit short texts, 1 ignores their order.
        rows: The texts' `signatures` for the same shingle length, where they are known already.
        distinct: So many texts at the front are known to be first texts of clusters, and are not compared.

    Returns:
        A cluster number per text, counted from 0 by first appearance. Each text has at least the threshold's
        similarity with the first text of its cluster; a pair at the threshold is overlooked with a probability of 2 %
        at most.

    Raises:
        ValueError: The threshold or the shingle length is out of range, or `texts` is a single text.

    >>> near_duplicates(["a b c d e f g h", "x y z", "a b c d e f g h!"])
    [0, 1, 0]
    """
    if isinstance(texts, str):
        raise ValueError("texts must be a collection of texts, got a single text")
    if not 0 < threshold <= 1:
        raise ValueError(f"threshold must be in (0, 1], got {threshold}")
    if shingle_words < 1:
        raise ValueError(f"shingle_words must be at least 1, got {shingle_words}")
    texts = texts if isinstance(texts, Sequence) else list(texts)
    shingle_set = functools.lru_cache(maxsize=1024)(lambda i: frozenset(shingles(texts[i], shingle_words)))
    rows = signatures(texts, shingle_words) if rows is None else rows
    index = _Index(rows, threshold)
    floor = threshold - _STANDARD_ERRORS * (threshold * (1 - threshold) / PERMUTATIONS) ** 0.5
    cluster_of: dict[int, int] = {}
    clusters: list[int] = []
    for i in told(range(len(texts)), "near duplicates, texts"):
        firsts = index.candidates(i) if i >= distinct else _NONE
        likely = firsts[(rows[firsts] == rows[i]).mean(axis=1) >= floor] if firsts.size else firsts
        first = next((j for j in likely.tolist() if jaccard(shingle_set(i), shingle_set(j)) >= threshold), None)
        if first is None:
            first = i
            cluster_of[i] = len(cluster_of)
            index.add(i)
        clusters.append(cluster_of[first])
    return clusters


def resembling(
    texts: Iterable[str], others: Iterable[str], threshold: float = 0.7, *, shingle_words: int = 5
) -> list[int | None]:
    """Find for each text the first of some other texts that it is a near-duplicate of.

    Args:
        texts: The texts to judge, such as new rows.
        others: The texts to compare with, such as rows that exist or evaluation items.
        threshold: Least Jaccard similarity of two texts' shingles, in (0, 1].
        shingle_words: Words per shingle.

    Returns:
        The place of the other text, counted from 0, or None, per text; a pair at the threshold is overlooked with a
        probability of 2 % at most.

    Raises:
        ValueError: The threshold or the shingle length is out of range.

    >>> resembling(["a b c d e f g h!", "x y z"], ["1 2 3", "a b c d e f g h"])
    [1, None]
    """
    if not 0 < threshold <= 1 or shingle_words < 1:
        raise ValueError(f"threshold must be in (0, 1] and shingle_words at least 1, got {threshold}, {shingle_words}")
    others = list(others)
    everything = [*others, *texts]
    index = _Index(signatures(everything, shingle_words), threshold)
    for i in range(len(others)):
        index.add(i)
    shingle_set = functools.lru_cache(maxsize=8192)(lambda i: frozenset(shingles(everything[i], shingle_words)))
    return [
        next((j for j in index.candidates(i).tolist() if jaccard(shingle_set(i), shingle_set(j)) >= threshold), None)
        for i in told(range(len(others), len(everything)), "texts that resemble others, texts")
    ]


@dataclass(frozen=True)
class SignatureKind:
    """Settings that signatures were made with; only signatures of one kind compare. Kept beside every file of them."""

    library: str
    """Library that made them."""
    version: str
    """Its version: rensa 0.5 changed its hashes."""
    permutations: int
    """Hashes per signature."""
    seed: int
    """Seed of the permutations."""
    shingle_words: int
    """Words per shingle."""


def signature_kind(shingle_words: int) -> SignatureKind:
    """Name what `signatures` makes with this installation."""
    return SignatureKind("rensa", version("rensa"), PERMUTATIONS, _SEED, shingle_words)


def shingles(text: str, length: int) -> list[str]:
    """Cut a text into overlapping runs of words; a shorter text is one run.

    >>> shingles("One, two, three, four.", 3)
    ['one two three', 'two three four']
    """
    tokens = words(text)
    if not tokens:
        return [text.strip()]
    if len(tokens) <= length:
        return [" ".join(tokens)]
    return list(map(" ".join, zip(*(tokens[start:] for start in range(length)), strict=False)))


def signatures(texts: Sequence[str], shingle_words: int) -> NDArray[np.uint32]:
    """MinHash signatures of texts; they depend on the text alone. Shape (N, PERMUTATIONS)."""
    rows = [
        np.array(RMinHash.digests_from_token_sets(batch, PERMUTATIONS, _SEED), np.uint32)
        for batch in _batches(shingles(texts[i], shingle_words) for i in told(range(len(texts)), "signatures, texts"))
    ]
    return np.concatenate(rows) if rows else np.empty((0, PERMUTATIONS), np.uint32)


def jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    """Share of the shingles of either that both have; neither may be empty."""
    common = len(one & other)
    return common / (len(one) + len(other) - common)


def bands(threshold: float) -> tuple[int, int]:
    """Choose the coarsest index that still proposes a pair at the threshold with a probability of 98 %.

    Args:
        threshold: Jaccard similarity, in (0, 1].

    Returns:
        Number of bands and rows per band; a pair of similarity s is proposed with probability 1 - (1 - s^rows)^bands.

    >>> bands(0.7)
    (25, 5)
    """
    fitting = (
        (PERMUTATIONS // rows, rows)
        for rows in range(PERMUTATIONS, 0, -1)
        if 1 - (1 - threshold**rows) ** (PERMUTATIONS // rows) >= _LEAST_RECALL
    )
    return next(fitting, (PERMUTATIONS, 1))


def band_keys(rows: NDArray[np.uint32], threshold: float) -> Iterator[NDArray[np.uint64]]:
    """Hash the bands of signatures, one band of all of them after the other.

    Args:
        rows: Signatures. Shape (N, PERMUTATIONS).
        threshold: Similarity that the bands are chosen for, in (0, 1].

    Yields:
        A key per signature, equal where the band is. Two bands that share a key by chance only cost a comparison.
        Shape (N,).
    """
    count, length = bands(threshold)
    # Odd multipliers mix a band into 64 bits.
    multipliers = np.random.default_rng(0).integers(0, 2**63, length, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
    for band in range(count):
        yield rows[:, band * length : (band + 1) * length].astype(np.uint64) @ multipliers


class _Index:
    """Finds the first texts of clusters that share a band with a text.

    A bucket that holds one text alone can propose nothing and is none; nearly all are so, and as keys of a table they
    would take 4 kB a text.
    """

    def __init__(self, rows: NDArray[np.uint32], threshold: float) -> None:
        self._buckets = np.empty((len(rows), bands(threshold)[0]), np.int32)  # of each text and band; -1: none
        buckets = 0
        for band, keys in enumerate(band_keys(rows, threshold)):
            _, place, texts = np.unique(keys, return_inverse=True, return_counts=True)
            shared = texts > 1
            self._buckets[:, band] = np.where(shared, buckets + np.cumsum(shared) - 1, -1)[place]
            buckets += int(shared.sum())
        self._first = np.full(buckets, -1, np.int32)
        self._others: defaultdict[int, list[int]] = defaultdict(list)

    def candidates(self, i: int) -> NDArray[np.intp]:
        """Those in the index that share a band with text i, in order."""
        buckets = self._buckets[i][self._buckets[i] >= 0]
        firsts = self._first[buckets]
        found = set(firsts[firsts >= 0].tolist())
        for bucket in buckets[firsts >= 0].tolist():
            found.update(self._others.get(bucket, ()))
        return np.array(sorted(found), np.intp)

    def add(self, i: int) -> None:
        """Put text i into the index."""
        for bucket in self._buckets[i][self._buckets[i] >= 0].tolist():
            if self._first[bucket] < 0:
                self._first[bucket] = i
            elif len(self._others[bucket]) < BUCKET_TEXTS:
                self._others[bucket].append(i)


def _batches(items: Iterable[list[str]]) -> Iterator[list[list[str]]]:
    items = iter(items)
    while batch := list(islice(items, _BATCH_TEXTS)):
        yield batch
