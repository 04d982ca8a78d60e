"""The released FollowBench files of one language, as a pack; read where they lie, never copied."""

from pathlib import Path
from typing import Any

from kedro.io import AbstractDataset

from quintain.benchmarks.followbench.benchmark import Language
from quintain.benchmarks.followbench.source import load_pack
from quintain.errors import RecordError
from quintain.records import ConstraintItem


class FollowBenchDataset(AbstractDataset[list[ConstraintItem], list[ConstraintItem]]):
    """Six files of one language, checked row by row against what was released.

    Args:
        source: Folder that holds `content_constraints.json` and five more, or `NAME@REVISION` of a dataset on the
            Hugging Face hub.
        language: `en` or `zh`.
        metadata: For Kedro-Viz.

    Example:
        ```yaml
        pack:
          type: quintain.datasets.followbench.FollowBenchDataset
          source: ../shared/data/followbench/en
          language: en
        ```
    """

    def __init__(self, *, source: str, language: Language = "en", metadata: dict[str, Any] | None = None) -> None:
        self._source = source
        self._language = language
        self.metadata = metadata

    def load(self) -> list[ConstraintItem]:
        """Read and check the six files.

        Returns:
            The items of levels 1-5, see `load_benchmark`.

        Raises:
            RecordError: A file is missing or broken, or does not hold what was released.
        """
        try:
            return load_pack(self._source, self._language)
        except RecordError as error:
            raise RecordError(f"{error}. The place is named in conf/followbench/globals.yml") from None

    def save(self, data: list[ConstraintItem]) -> None:
        """Refuse: the released files are read only.

        Args:
            data: Ignored.

        Raises:
            RecordError: Always.
        """
        raise RecordError(f"{self._source} holds FollowBench as released and is only read; save to another dataset")

    def _exists(self) -> bool:
        return Path(self._source).is_dir() or "@" in self._source

    def _describe(self) -> dict[str, Any]:
        return {"source": self._source, "language": self._language}
