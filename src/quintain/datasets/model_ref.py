"""A model by its folder and the hash of its content, without loading it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kedro.io import AbstractDataset

from quintain.errors import RecordError
from quintain.models.folder import folder_digest, holds_model, model_files


@dataclass(frozen=True, kw_only=True)
class ModelRef:
    """Path and identity of a model."""

    path: str
    """Folder in Hugging Face layout."""
    digest: str
    """SHA-256 over names and bytes of its weights, configuration and tokenizer; equal on every machine."""
    size_bytes: int
    """Size of those files."""


def model_ref(folder: Path) -> ModelRef:
    """Hash a model folder.

    Args:
        folder: A folder in Hugging Face layout.

    Returns:
        Its path as given, digest and size.

    Raises:
        ModelError: There is no model in the folder.
    """
    digest = folder_digest(folder)
    return ModelRef(
        path=str(folder), digest=digest, size_bytes=sum(path.stat().st_size for path in model_files(folder))
    )


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
