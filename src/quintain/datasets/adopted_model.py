"""A foreign model as a student of this project: copied, so that DVC keeps it and a clone can pull it."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

from kedro.io import AbstractDataset

from quintain.datasets import atomic
from quintain.datasets.foreign_model import ForeignModel
from quintain.errors import RecordError
from quintain.models.finite import require_finite
from quintain.models.folder import ADAPTER_NOTE, base_of, folder_digest, is_adapter, model_files, require_model


class AdoptedModelDataset(AbstractDataset[ForeignModel, None]):
    """Copy of a foreign model in a folder of the project; a save swaps the whole folder.

    Example:
        ```yaml
        "{student}.model@adopted":
          type: quintain.datasets.AdoptedModelDataset
          filepath: data/06_models/{student}
        ```

    Args:
        filepath: The folder.
        metadata: Read by Kedro-Viz, dvc-sync and the tracking hook, not by the dataset.
    """

    def __init__(self, *, filepath: str, metadata: dict[str, Any] | None = None) -> None:
        self._filepath = Path(filepath)
        self.metadata = metadata

    def save(self, data: ForeignModel) -> None:
        """Copy weights, configuration, tokenizer and chat template.

        Args:
            data: The model; an adapter keeps pointing at its base, wherever that lies.

        Raises:
            ModelError: There is no model in its folder, weights are no numbers, or the base of an adapter is missing.
            RecordError: The disk refused; the former folder is untouched.
        """
        source = Path(data.path)
        require_model(source)
        require_finite(source)
        with atomic.written(self._filepath) as temporary:
            temporary.mkdir()
            for path in model_files(source):
                shutil.copyfile(path, temporary / path.name)  # what the hub's cache links to, not the link
            if is_adapter(source):
                base = base_of(source).resolve()
                require_finite(base)
                note = {"path": os.path.relpath(base, self._filepath.resolve()), "digest": folder_digest(base)}
                (temporary / ADAPTER_NOTE).write_text(json.dumps(note), encoding="utf-8")

    def load(self) -> None:
        """Refuse: the student is read through `@hf` or `@ref`.

        Raises:
            RecordError: Always.
        """
        raise RecordError(f"{self._filepath} is read through the @hf or @ref view of the model, not through @adopted")

    def _exists(self) -> bool:
        return self._filepath.is_dir()

    def _describe(self) -> dict[str, Any]:
        return {"filepath": str(self._filepath)}
