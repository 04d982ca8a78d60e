"""Edits from a file of KnowEdit, of one's own in the same shape, or from a table."""

import json
from pathlib import Path
from typing import Any

from kedro.io import AbstractDataset

from quintain.errors import RecordError
from quintain.given.edit_table import ENDINGS, read_edit_table
from quintain.methods.lte.knowedit import read_cases
from quintain.records import EditCase
from quintain.text.json_lines import read_json, read_json_lines


class EditCasesDataset(AbstractDataset[None, list[EditCase]]):
    """Reads edits with their probes: a JSON list (`.json`) or JSON lines (`.jsonl`) with KnowEdit's fields.

    A table (`.csv`, `.tsv`) has the columns subject, prompt and target, and others as `read_edit_table` says.

    Example:
        ```yaml
        given_edits:
          type: quintain.datasets.EditCasesDataset
          filepath: data/01_raw/edits.json
        ```

    Args:
        filepath: The file.
        metadata: Read by Kedro-Viz, dvc-sync and the tracking hook, not by the dataset.
    """

    def __init__(self, *, filepath: str, metadata: dict[str, Any] | None = None) -> None:
        self._filepath = Path(filepath)
        self.metadata = metadata

    def load(self) -> list[EditCase]:
        """Read all edits; nothing is left out or corrected.

        Returns:
            One case per edit, in the order of the file.

        Raises:
            RecordError: The file is missing, or is no file of edits.
        """
        if not self._filepath.exists():
            raise RecordError(f"{self._filepath} does not exist; name your file of edits in globals.yml")
        try:
            if self._filepath.suffix in ENDINGS:
                rows = read_edit_table(self._filepath)
            elif self._filepath.suffix == ".jsonl":
                rows = [row for _, row in read_json_lines(self._filepath, json.loads)]
            else:
                rows = read_json(self._filepath)
            return read_cases(self._filepath.stem, rows)
        except (RecordError, ValueError, TypeError, AttributeError) as error:
            raise RecordError(f"{self._filepath} is no file of edits: {error}") from error

    def save(self, data: None) -> None:
        """Refuse: edits come from elsewhere.

        Args:
            data: Not looked at.

        Raises:
            RecordError: Always.
        """
        raise RecordError(f"{self._filepath} is read, never written")

    def _exists(self) -> bool:
        return self._filepath.is_file()

    def _describe(self) -> dict[str, Any]:
        return {"filepath": str(self._filepath)}
