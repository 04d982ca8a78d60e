"""An embedder that needs no model: hashed n-grams of characters and words, the same on every machine."""

import zlib
from collections import Counter
from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from quintain.methods.lte.edits import word_forms


class Embedder(Protocol):
    """Texts to unit vectors of one dimension; equal texts to equal vectors."""

    def __call__(self, texts: list[str], /) -> NDArray[np.float32]:
        """Embed each text. Shape (n, d), rows of length 1."""
        ...


class HashedNgrams:
    """Embeds a text by its character 3- to 5-grams and its words, each hashed to a signed place.

    Args:
        dimension: Numbers per vector; more means fewer collisions.

    Raises:
        ValueError: dimension is not positive.

    >>> question, near, far = HashedNgrams()(["The mayor of Veldmark is", "Who is mayor of Veldmark?", "Ten ships"])
    >>> bool(question @ near > question @ far)
    True
    """

    def __init__(self, dimension: int = 512) -> None:
        if dimension < 1:
            raise ValueError(f"dimension must be positive, got {dimension}")
        self.dimension = dimension
        self.name = f"hashed-ngrams-{dimension}"

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed each text.

        Args:
            texts: The texts, in any script.

        Returns:
            Rows of length 1. Shape (n, dimension).
        """
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        for vector, text in zip(vectors, texts, strict=True):
            counts = Counter(_ngrams(text))
            hashes = np.array([zlib.crc32(gram.encode("utf-8", "surrogatepass")) for gram in counts], np.int64)
            weights = 1 + np.log(np.fromiter(counts.values(), np.float32, len(counts)))
            # the sign keeps collisions from adding up
            np.add.at(vector, (hashes >> 1) % self.dimension, np.where(hashes & 1, weights, -weights))
            length = np.linalg.norm(vector)
            if length:
                vector /= length
            else:  # every gram met its opposite
                vector[0] = 1
        return vectors


def _ngrams(text: str) -> list[str]:
    found = list(word_forms(text)) or [text]
    line = f" {' '.join(found)} "
    return [
        *(f"w {word}" for word in found),
        *(line[i : i + size] for size in (3, 4, 5) for i in range(len(line) - size + 1)),
    ]
