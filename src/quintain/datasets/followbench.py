"""The released FollowBench files of one language, as a pack; read where they lie, never copied."""

from pathlib import Path
from typing import Any

from kedro.io import AbstractDataset

from quintain.errors import RecordError
from quintain.methods.followbench.benchmark import Language, load_benchmark
from quintain.records import ConstraintItem


class FollowBenchDataset(AbstractDataset[list[ConstraintItem], list[ConstraintItem]]):
    """Six files of one language in a folder, checked against what was released.

    Args:
        folder: Holds `content_constraints.json` and five more.
        language: `en` or `zh`.
        metadata: For Kedro-Viz.

    Example:
        ```yaml
        pack:
          type: quintain.datasets.followbench.FollowBenchDataset
          folder: ../shared/data/followbench/en
          language: en
        ```
    """

    def __init__(self, *, folder: str, language: Language = "en", metadata: dict[str, Any] | None = None) -> None:
        self._folder = Path(folder)
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
            return load_benchmark(self._folder, self._language)
        except ValueError as error:
            raise RecordError(
                f"{error}. Fetch the files of repository YJiangcm/FollowBench into a folder and name it in "
                f"conf/followbench/globals.yml"
            ) from None

    def save(self, data: list[ConstraintItem]) -> None:
        """Refuse: the released files are read only.

        Args:
            data: Ignored.

        Raises:
            RecordError: Always.
        """
        raise RecordError(f"{self._folder} holds FollowBench as released and is only read; save to another dataset")

    def _exists(self) -> bool:
        return self._folder.is_dir()

    def _describe(self) -> dict[str, Any]:
        return {"folder": str(self._folder), "language": self._language}
