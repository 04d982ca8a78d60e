"""An embedder that needs no model: hashed n-grams of words, the same on every machine."""

import zlib
from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from quintain.methods.lte.asking import ASKING_WORDS
from quintain.methods.lte.edits import word_forms

_GRAM_LETTERS = (2, 3, 4)
_WEIGHT_OF_ASKING = 0.2


class Embedder(Protocol):
    """Texts to unit vectors of one dimension; equal texts to equal vectors."""

    def __call__(self, texts: list[str], /) -> NDArray[np.float32]:
        """Embed each text. Shape (n, d), rows of length 1."""
        ...


class HashedNgrams:
    """Embeds a text by its words and their runs of two to four letters, each hashed to a signed place.

    A gram counts once however often it comes; those of words such as "which" or "of" count a fifth, which does here
    what inverse document frequencies would do if the texts were all known beforehand.

    Args:
        dimension: Numbers per vector; more means fewer collisions.

    Raises:
        ValueError: dimension is not positive.

    >>> question, near, far = HashedNgrams()(["The mayor of Veldmark is", "Who is mayor of Veldmark?", "Ten ships"])
    >>> bool(question @ near > question @ far)
    True
    """

    def __init__(self, dimension: int = 1024) -> None:
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
            weights = _weights(text)
            hashes = np.array([zlib.crc32(gram.encode("utf-8", "surrogatepass")) for gram in weights], np.int64)
            signed = np.where(hashes & 1, 1.0, -1.0) * np.fromiter(weights.values(), np.float64, len(weights))
            np.add.at(vector, (hashes >> 1) % self.dimension, signed)  # the sign keeps collisions from adding up
            length = np.linalg.norm(vector)
            if length:
                vector /= length
            else:  # every gram met its opposite
                vector[0] = 1
        return vectors


def _weights(text: str) -> dict[str, float]:
    weights: dict[str, float] = {}
    for word in dict.fromkeys(word_forms(text)) or [text]:
        weight = _WEIGHT_OF_ASKING if word in ASKING_WORDS else 1.0
        padded = f" {word} "
        grams = [padded, *(padded[i : i + n] for n in _GRAM_LETTERS for i in range(len(padded) - n + 1))]
        for gram in grams:
            weights[gram] = max(weights.get(gram, 0.0), weight)
    return weights
