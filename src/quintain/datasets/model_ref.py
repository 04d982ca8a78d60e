"""A model by its folder and the hash of its content, without loading it."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kedro.io import AbstractDataset

from quintain.errors import ModelError, RecordError

_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True)
class ModelRef:
    """Where a model lies and what it is."""

    path: str
    """Folder in Hugging Face layout."""
    digest: str
    """SHA-256 over names and bytes of its files, equal on every machine."""
    size_bytes: int
    """Size of its files."""


def model_ref(folder: Path) -> ModelRef:
    """Hash a model folder.

    Raises:
        ModelError: There is no model in the folder.
    """
    if not (folder / "config.json").is_file() and not (folder / "adapter_config.json").is_file():
        raise ModelError(
            f"{folder} holds no model: neither config.json nor adapter_config.json is there; "
            "run the pipeline that trains it, or name a folder in Hugging Face layout"
        )
    digest, size = hashlib.sha256(), 0
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(f"{path.relative_to(folder).as_posix()}\0".encode())
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                digest.update(chunk)
                size += len(chunk)
    return ModelRef(path=str(folder), digest=digest.hexdigest(), size_bytes=size)


class ModelRefDataset(AbstractDataset[ModelRef, ModelRef]):
    """Reference to a model folder that another entry writes.

    Example:
        ```yaml
        "{student}.model@ref":
          type: quintain.datasets.ModelRefDataset
          filepath: data/06_models/{student}
        ```
    """

    def __init__(self, *, filepath: str, metadata: dict[str, Any] | None = None) -> None:
        self._filepath = Path(filepath)
        self.metadata = metadata

    def load(self) -> ModelRef:
        """Hash the folder; see `model_ref`."""
        return model_ref(self._filepath)

    def save(self, data: ModelRef) -> None:
        """Refuse: the folder is written through `@hf`.

        Raises:
            RecordError: Always.
        """
        raise RecordError(f"{self._filepath} is written through the @hf view of the model, not through @ref")

    def _exists(self) -> bool:
        return self._filepath.is_dir()

    def _describe(self) -> dict[str, Any]:
        return {"filepath": str(self._filepath)}
