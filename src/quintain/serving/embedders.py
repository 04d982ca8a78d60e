"""Embedders by their name in configuration: the embedded one, or any model of sentence-transformers."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quintain.errors import ConfigError
from quintain.methods.lte import HashedNgrams
from quintain.methods.lte.embedding import Embedder
from quintain.models.folder import folder_digest

_HASHED = re.compile(r"hashed-ngrams(?:-(\d+))?")


def open_embedder(name: str, *, device: str = "cpu", batch_size: int = 64) -> Embedder:
    """Open the embedder that a setting names.

    Args:
        name: `hashed-ngrams`, `hashed-ngrams-1024` for another dimension, a folder of sentence-transformers, or an id
            on the hub (extra `quintain[embed]`).
        device: Torch device of a model.
        batch_size: Texts per batch of a model.

    Returns:
        The embedder.

    Raises:
        ConfigError: The extra is not installed, or there is no such model.

    >>> open_embedder("hashed-ngrams-64")(["a text"]).shape
    (1, 64)
    """
    if hashed := _HASHED.fullmatch(name):
        return HashedNgrams(int(hashed[1])) if hashed[1] else HashedNgrams()
    return SentenceEmbedder(name, device=device, batch_size=batch_size)


class SentenceEmbedder:
    """A model of sentence-transformers, its rows brought to length 1, so that likeness is the cosine.

    Args:
        model: A folder, which never asks the network, or an id on the hub.
        device: Torch device.
        batch_size: Texts per batch.

    Raises:
        ConfigError: The extra `quintain[embed]` is not installed, or the model cannot be opened.
    """

    def __init__(self, model: str, *, device: str = "cpu", batch_size: int = 64) -> None:
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError:
            raise ConfigError(
                f"the embedder {model!r} needs sentence-transformers: pip install 'quintain[embed]', or set "
                "editing.embedder to hashed-ngrams"
            ) from None
        folder = Path(model)
        try:
            self._model: Any = SentenceTransformer(model, device=device, local_files_only=folder.is_dir())
        except (OSError, ValueError) as error:
            raise ConfigError(
                f"the embedder {model!r} (editing.embedder) cannot be opened: {error}; name a folder of "
                "sentence-transformers, an id on the hub, or hashed-ngrams"
            ) from error
        self._batch_size = batch_size
        # A folder is known by its content: at another place it is the same embedder.
        self.name = f"sentence-transformers:{folder.name}@{folder_digest(folder)[:12]}" if folder.is_dir() else model

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed each text. Shape (n, d), rows of length 1."""
        vectors: NDArray[np.float32] = self._model.encode(
            list(texts),
            batch_size=self._batch_size,
            normalize_embeddings=True,
            convert_to_numpy=True,
            show_progress_bar=False,
        )
        return np.asarray(vectors, np.float32)
