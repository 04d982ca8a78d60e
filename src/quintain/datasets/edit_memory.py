"""A folder that holds an edit memory: written whole from edits, and opened by whoever asks it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kedro.io import AbstractDataset

from quintain.datasets import atomic
from quintain.edit_memory import EditMemory
from quintain.errors import EditError
from quintain.methods.lte import Edit
from quintain.methods.lte.embedding import Embedder


class EditMemoryDataset(AbstractDataset[tuple[Sequence[Edit], Embedder], Path]):
    """Edits as a memory on disk; a save is whole or not at all.

    Example:
        ```yaml
        edit_memory:
          type: quintain.datasets.EditMemoryDataset
          filepath: data/04_feature/edit_memory
        ```

    Args:
        filepath: The folder.
        metadata: Read by Kedro-Viz, dvc-sync and the tracking hook, not by the dataset.
    """

    def __init__(self, *, filepath: str, metadata: dict[str, Any] | None = None) -> None:
        self._filepath = Path(filepath)
        self.metadata = metadata

    def save(self, data: tuple[Sequence[Edit], Embedder]) -> None:
        """Write a memory with these edits in place of the former one.

        Args:
            data: The edits, and the embedder that they shall be found by.

        Raises:
            EditError: An edit cannot be kept; the former memory is untouched.
            RecordError: The disk refused.
        """
        edits, embed = data
        with atomic.written(self._filepath) as folder, EditMemory.open(folder, embed) as memory:
            # In force since ever, so that equal edits give a memory of equal head whenever they are written.
            memory.add(edits, source="editing", at=0)

    def load(self) -> Path:
        """Say where the memory is, for `EditMemory.open` with the embedder it was made by.

        Returns:
            The folder.

        Raises:
            EditError: There is no memory.
        """
        if not self._exists():
            raise EditError(f"{self._filepath} holds no edit memory; run the pipeline `editing` first")
        return self._filepath

    def _exists(self) -> bool:
        return (self._filepath / "log.sqlite").is_file()

    def _describe(self) -> dict[str, Any]:
        return {"filepath": str(self._filepath)}
