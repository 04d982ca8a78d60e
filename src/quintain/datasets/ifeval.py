"""A file of IFEval prompts, read where it lies, never copied."""

from pathlib import Path
from typing import Any

from kedro.io import AbstractDataset

from quintain.benchmarks.ifeval.prompts import IFEvalPrompt, read_prompts
from quintain.errors import RecordError


class IFEvalDataset(AbstractDataset[list[IFEvalPrompt], list[IFEvalPrompt]]):
    """The released `input_data.jsonl`, or a file of one's own in the same form.

    Args:
        filepath: The file.
        metadata: For Kedro-Viz.

    Example:
        ```yaml
        ifeval_prompts:
          type: quintain.datasets.ifeval.IFEvalDataset
          filepath: data/01_raw/ifeval/input_data.jsonl
        ```
    """

    def __init__(self, *, filepath: str, metadata: dict[str, Any] | None = None) -> None:
        self._filepath = Path(filepath)
        self.metadata = metadata

    def load(self) -> list[IFEvalPrompt]:
        """Read and check the prompts.

        Returns:
            The prompts, see `read_prompts`.

        Raises:
            RecordError: The file is missing or a line is malformed.
        """
        try:
            return read_prompts(self._filepath)
        except ValueError as error:
            raise RecordError(
                f"{error}. The released file is input_data.jsonl of google-research/instruction_following_eval, or of "
                "google/IFEval on the hub; name yours in conf/ifeval/globals.yml"
            ) from None

    def save(self, data: list[IFEvalPrompt]) -> None:
        """Refuse: prompts are read only.

        Args:
            data: Ignored.

        Raises:
            RecordError: Always.
        """
        raise RecordError(f"{self._filepath} holds prompts and is only read; save to another dataset")

    def _exists(self) -> bool:
        return self._filepath.is_file()

    def _describe(self) -> dict[str, Any]:
        return {"filepath": str(self._filepath)}
