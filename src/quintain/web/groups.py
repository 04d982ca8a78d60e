"""Groups of equal and near-duplicate texts over all shards.

The first page of a group, by its place in the source, stays. Places are the same for every engine, so the choice is
too. Memory, measured at a million pages: 125 bytes a page for equal texts, 660 for near-duplicates (512 of them the
signature), plus an index of the pages that share a band with another. Of the texts only those that are compared are
read back from the shards.
"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from quintain.web.duplicates import PERMUTATIONS, band_keys, near_duplicates
from quintain.web.shard_store import SHINGLE_WORDS, ShardStore

_ROW_GROUPS_HELD = 8


@dataclass(frozen=True)
class Groups:
    """The group of each page; pages are numbered through all shards."""

    first: NDArray[np.int64]
    """The first page of each page's group; itself for those that stay. Shape (pages,)."""
    equal: NDArray[np.bool_]
    """Whether an earlier page has the very same text. Shape (pages,)."""


def group_pages(store: ShardStore, names: Sequence[str], similarity: float) -> Groups:
    """Find the pages whose text, or nearly so, stood in the source before.

    Args:
        store: Where the shards lie; all must be complete.
        names: Names of the shards, in order.
        similarity: Least Jaccard similarity of near-duplicates' shingles, in (0, 1]; at 1 only equal texts count.

    Returns:
        The groups.
    """
    hashes = [store.text_hashes(name) for name in names]
    counts = [len(one) for one in hashes]
    pages = np.arange(sum(counts), dtype=np.int64)
    if not len(pages):
        return Groups(pages, np.zeros(0, np.bool_))
    _, first_index, group = np.unique(np.concatenate(hashes), return_index=True, return_inverse=True)
    first = first_index[group].astype(np.int64)
    equal = first != pages
    if similarity < 1:
        rows = _signatures(store, names, counts, ~equal)
        meeting = share_a_band(rows, similarity)
        met = np.flatnonzero(~equal)[meeting]
        texts = _StoredTexts(store, names, counts, met)
        clusters = near_duplicates(texts, similarity, shingle_words=SHINGLE_WORDS, rows=rows[meeting])
        if clusters:
            _, heads, cluster = np.unique(clusters, return_index=True, return_inverse=True)
            first[met] = met[heads[cluster]]
    return Groups(first, equal)


def _signatures(
    store: ShardStore, names: Sequence[str], counts: Sequence[int], wanted: NDArray[np.bool_]
) -> NDArray[np.uint32]:
    """Signatures of some pages, in one array from the start: two halves of it would be twice the memory."""
    rows = np.empty((int(wanted.sum()), PERMUTATIONS), np.uint32)
    filled = 0
    for name, of_shard in zip(names, np.split(wanted, np.cumsum(counts)[:-1]), strict=True):
        found = store.signatures(name)[of_shard]
        rows[filled : filled + len(found)] = found
        filled += len(found)
    return rows


def share_a_band(rows: NDArray[np.uint32], similarity: float) -> NDArray[np.bool_]:
    """Mark the signatures that share a band with another; the rest cannot be near-duplicates of anything.

    Args:
        rows: Signatures. Shape (N, PERMUTATIONS).
        similarity: Threshold that the bands are chosen for, in (0, 1].

    Returns:
        Whether each shares one. A few that share none may be marked too. Shape (N,).
    """
    marked = np.zeros(len(rows), np.bool_)
    for keys in band_keys(rows, similarity):
        order = np.argsort(keys)
        meeting = np.flatnonzero(keys[order[1:]] == keys[order[:-1]])
        marked[order[meeting]] = marked[order[meeting + 1]] = True
    return marked


class _StoredTexts(Sequence[str]):
    """Texts of some pages, read from their shards when they are asked for."""

    def __init__(
        self, store: ShardStore, names: Sequence[str], counts: Sequence[int], pages: NDArray[np.int64]
    ) -> None:
        self._store, self._names, self._pages = store, names, pages
        self._ends = np.cumsum(counts)
        self._texts = functools.lru_cache(maxsize=_ROW_GROUPS_HELD)(store.texts)
        self._group_ends = functools.lru_cache(maxsize=None)(lambda name: np.cumsum(store.pages_per_group(name)))

    def __len__(self) -> int:
        return len(self._pages)

    def __getitem__(self, i):  # type: ignore[no-untyped-def]
        shard, within = _place(self._ends, int(self._pages[i]))
        group, row = _place(self._group_ends(self._names[shard]), within)
        return self._texts(self._names[shard], group)[row]


def _place(ends: NDArray[np.int64], number: int) -> tuple[int, int]:
    """Part that holds an item, and its place there."""
    part = int(np.searchsorted(ends, number, side="right"))
    return part, number - (int(ends[part - 1]) if part else 0)
