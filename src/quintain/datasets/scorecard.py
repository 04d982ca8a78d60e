"""Scorecards as JSON files, read into the typed record."""

import json
from pathlib import Path
from typing import Any

from kedro.io import AbstractDataset

from quintain.benchmarks.scorecard import Scorecard
from quintain.datasets import atomic
from quintain.errors import RecordError
from quintain.text.json_lines import read_json


class ScorecardDataset(AbstractDataset[Scorecard, Scorecard]):
    """A scorecard of one student on one benchmark; equal scorecards give equal bytes.

    Example:
        ```yaml
        "{student}.{benchmark}.scorecard":
          type: quintain.datasets.ScorecardDataset
          filepath: data/08_reporting/{student}/{benchmark}/scorecard.json
        ```

    Args:
        filepath: The file.
        metadata: Read by Kedro-Viz, dvc-sync and the tracking hook, not by the dataset.
    """

    def __init__(self, *, filepath: str, metadata: dict[str, Any] | None = None) -> None:
        self._filepath = Path(filepath)
        self.metadata = metadata

    def load(self) -> Scorecard:
        """Read the scorecard.

        Returns:
            A scorecard equal to the one that was saved.

        Raises:
            RecordError: The file is missing, is not JSON, or was written by another version.
        """
        if not self._filepath.exists():
            raise RecordError(f"{self._filepath} does not exist; run the evaluation first")
        document = read_json(self._filepath)
        try:
            return Scorecard.from_dict(document)
        except RecordError as error:
            raise RecordError(f"{self._filepath}: {error}") from None

    def save(self, data: Scorecard) -> None:
        """Write the scorecard, whole or not at all.

        Args:
            data: The scorecard.
        """
        with atomic.written(self._filepath) as temporary:
            temporary.write_text(json.dumps(data.as_dict(), indent=2) + "\n", encoding="utf-8")

    def _exists(self) -> bool:
        return self._filepath.is_file()

    def _describe(self) -> dict[str, Any]:
        return {"filepath": str(self._filepath)}
