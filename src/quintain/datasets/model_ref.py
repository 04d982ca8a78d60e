"""A model by its folder and the hash of its content, without loading it."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kedro.io import AbstractDataset

from quintain.errors import ModelError, RecordError

_CHUNK_BYTES = 1 << 20

# What a model is made of: weights, configuration, tokenizer, chat template. A model card or the state of a trainer
# beside them does not change what the model says.
_ENDINGS = {".safetensors", ".bin", ".json", ".jinja", ".txt", ".model"}
_STATE_OF_A_TRAINER = {"training_args.bin", "trainer_state.json"}


@dataclass(frozen=True, kw_only=True)
class ModelRef:
    """Where a model lies and what it is."""

    path: str
    """Folder in Hugging Face layout."""
    digest: str
    """SHA-256 over names and bytes of its weights, configuration and tokenizer; equal on every machine."""
    size_bytes: int
    """Size of those files."""


def holds_model(folder: Path) -> bool:
    """Whether a folder holds a model, or an adapter of one, in Hugging Face layout."""
    return (folder / "config.json").is_file() or (folder / "adapter_config.json").is_file()


def require_model(folder: Path) -> None:
    """Refuse a folder without a model; transformers would take its path for a name on the hub.

    Args:
        folder: Where a model should be.

    Raises:
        ModelError: There is no model in the folder.
    """
    if not holds_model(folder):
        raise ModelError(
            f"{folder} {'holds no model' if folder.is_dir() else 'does not exist'}: neither config.json nor "
            "adapter_config.json is there; run the pipeline that trains it, or name a folder in Hugging Face layout"
        )


def model_ref(folder: Path) -> ModelRef:
    """Hash a model folder.

    Args:
        folder: A folder in Hugging Face layout.

    Returns:
        Its path as given, digest and size.

    Raises:
        ModelError: There is no model in the folder.
    """
    require_model(folder)
    digest, size = hashlib.sha256(), 0
    for path in sorted(folder.iterdir()):
        if path.suffix not in _ENDINGS or path.name in _STATE_OF_A_TRAINER:
            continue
        # The length stands before the bytes, so that no two folders give one stream.
        n_bytes = path.stat().st_size
        digest.update(f"{path.name}\0{n_bytes}\0".encode())
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                digest.update(chunk)
        size += n_bytes
    return ModelRef(path=str(folder), digest=digest.hexdigest(), size_bytes=size)


class ModelRefDataset(AbstractDataset[ModelRef, ModelRef]):
    """Reference to a model folder that another entry writes.

    Example:
        ```yaml
        "{student}.model@ref":
          type: quintain.datasets.ModelRefDataset
          filepath: data/06_models/{student}
        ```

    Args:
        filepath: The folder.
        metadata: Read by Kedro-Viz, dvc-sync and the tracking hook, not by the dataset.
    """

    def __init__(self, *, filepath: str, metadata: dict[str, Any] | None = None) -> None:
        self._filepath = Path(filepath)
        self.metadata = metadata

    def load(self) -> ModelRef:
        """Hash the folder; see `model_ref`."""
        return model_ref(self._filepath)

    def save(self, data: ModelRef) -> None:
        """Refuse: the folder is written through `@hf`.

        Args:
            data: Not looked at.

        Raises:
            RecordError: Always.
        """
        raise RecordError(f"{self._filepath} is written through the @hf view of the model, not through @ref")

    def _exists(self) -> bool:
        return holds_model(self._filepath)

    def _describe(self) -> dict[str, Any]:
        return {"filepath": str(self._filepath)}
