"""Search among more keys than can be read per question: inverted lists of 8-bit codes, re-ranked in float32."""

import importlib
import logging
import re
from itertools import islice
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quintain.edit_memory.key_index import KeyIndex
from quintain.edit_memory.vectors import nearest_rows
from quintain.errors import EditError

logger = logging.getLogger(__name__)

EXACT_KEYS = 200_000

_NAME = re.compile(r"questions-(\d+)-([0-9a-f]{8})\.ivf")
_TRAINING_KEYS_PER_LIST = 40
_CHUNK_KEYS = 50_000
_PROBED_SHARE = 64
_LEAST_PROBED = 16
_RERANKED_PER_HIT = 16


class ApproximateIndex:
    """Inverted lists over the first keys; those that came after the build are read exactly, so none is ever missed.

    Args:
        folder: Where the built index is kept, as `questions-<keys>-<checksum>.ivf`.
        keys: The vectors.
    """

    def __init__(self, folder: Path, keys: KeyIndex) -> None:
        self._folder = folder
        self._keys = keys
        self._index: Any = None
        self._covered = 0
        if len(keys.rows) > EXACT_KEYS:
            self._load()

    @property
    def ready(self) -> bool:
        """True when there is an index that covers the keys as they are."""
        return 0 < self._covered <= len(self._keys.rows)

    def build(self) -> bool:
        """Build it and keep it; False where the keys are so few that reading all is quicker."""
        rows = self._keys.rows
        if len(rows) <= EXACT_KEYS:
            return False
        faiss = _faiss()
        lists = int(2 * len(rows) ** 0.5)
        dimension = rows.shape[1]
        index: Any = faiss.IndexIVFScalarQuantizer(
            faiss.IndexFlatIP(dimension), dimension, lists, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT
        )
        sample = np.random.default_rng(0).choice(
            len(rows), min(len(rows), lists * _TRAINING_KEYS_PER_LIST), replace=False
        )
        index.train(rows[np.sort(sample)])
        for start in range(0, len(rows), _CHUNK_KEYS):
            index.add(rows[start : start + _CHUNK_KEYS])
        path = self._folder / f"questions-{len(rows)}-{self._keys.checksum(len(rows)):08x}.ivf"
        aside = path.with_suffix(".tmp")
        faiss.write_index(index, str(aside))
        for former in self._folder.glob("questions-*.ivf"):
            former.unlink()
        aside.replace(path)
        self._take(index, len(rows))
        return True

    def nearest_rows(self, vector: NDArray[np.float32], count: int, dead: NDArray[np.intp]) -> dict[int, float]:
        """The rows most like a question, best first; of the covered ones nearly all of them."""
        rows = self._keys.rows
        # Dead rows stay in the lists; so many more are looked at, up to a quarter of all.
        room = count * _RERANKED_PER_HIT + min(len(dead), len(rows) // 4)
        found = self._index.search(vector[None], room)[1][0]
        found = np.setdiff1d(found[found >= 0], dead)
        scores = rows[found] @ vector
        best = dict(zip(found.tolist(), scores.tolist(), strict=True))
        tail = rows[self._covered :]
        if len(tail):
            dead_tail = dead[dead >= self._covered] - self._covered
            newest = islice(nearest_rows(tail, vector, dead_tail), count)
            best |= {row + self._covered: score for row, score in newest}
        return dict(sorted(best.items(), key=lambda item: -item[1])[:count])

    def _load(self) -> None:
        for path in self._folder.glob("questions-*.ivf"):
            named = _NAME.fullmatch(path.name)
            covered = int(named[1]) if named else 0
            if named and covered <= len(self._keys.rows) and self._keys.checksum(covered) == int(named[2], 16):
                self._take(_faiss().read_index(str(path)), covered)
                return
        logger.info(
            "%s: %d keys are read per question; build_approximate() makes it quick", self._folder, len(self._keys.rows)
        )

    def _take(self, index: Any, covered: int) -> None:
        index.nprobe = max(_LEAST_PROBED, index.nlist // _PROBED_SHARE)
        self._index, self._covered = index, covered


def _faiss() -> ModuleType:
    try:
        return importlib.import_module("faiss")
    except ImportError:
        raise EditError("an index for so many edits needs faiss: pip install 'quintain[faiss]'") from None
