"""Benchmarks of prompts whose every instruction code verifies, strictly and loosely."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import ClassVar

from quintain.benchmarks.benchmark import Benchmark, Measured
from quintain.benchmarks.verifiable.accuracies import measure_accuracies
from quintain.benchmarks.verifiable.prompts import VerifiablePrompt, read_prompts
from quintain.benchmarks.verifiable.verdicts import verdicts
from quintain.errors import RecordError
from quintain.records import Judgement
from quintain.statistics.resampling import Resampling


class VerifiableBenchmark(Benchmark):
    """Prompts of a released file, or of one of one's own in the same form, read where they lie.

    Raises:
        ValueError: Two sources are named.
    """

    travels = False
    released: ClassVar[str]
    """Name of the released file."""
    origin: ClassVar[str]
    """Where it is released."""

    def __init__(self, *, source: str = "", filepath: str = "") -> None:
        """Name the prompts.

        Args:
            source: JSON lines with key, prompt, instruction_id_list and kwargs; a folder that holds the released file;
                or `NAME@REVISION` of a dataset on the Hugging Face hub.
            filepath: Another name of `source`.
        """
        if source and filepath:
            raise ValueError(f"name the prompts once, as `source`; got {source!r} and filepath {filepath!r}")
        self._source = source or filepath

    def load_items(self) -> Iterable[VerifiablePrompt]:
        """Read and check the prompts.

        Raises:
            RecordError: No file is named, it is missing, or a line is malformed.
        """
        if not self._source:
            raise RecordError(
                f"benchmark {self.name!r} has no prompts; name {self.released} of {self.origin}, or a file of that "
                "form, as its `source`"
            )
        try:
            return read_prompts(self._file())
        except ValueError as error:
            raise RecordError(
                f"{error}. The released file is {self.released} of {self.origin}; name yours as `{self.name}` under "
                "`benchmarks` in globals.yml"
            ) from None

    def judge(self, item: VerifiablePrompt, response: str) -> Judgement:
        """Check every instruction, each on its own, strictly and loosely."""
        strict, loose = verdicts(item, response)
        return self.judged(item, response, satisfied=strict, loose=loose)

    def n_constraints(self, item: VerifiablePrompt) -> int:
        """Instructions of the prompt."""
        return len(item.instructions)

    def measure(self, judgements: Sequence[Judgement], resampling: Resampling) -> Measured:
        """Accuracy by prompt and by instruction, strict and loose; instructions by family and kind in tables."""
        return measure_accuracies({item.id: item for item in self.items}, judgements, resampling)

    def _file(self) -> Path:
        path = Path(self._source)
        name, at, revision = self._source.partition("@")
        if path.exists() or not (at and revision and name.count("/") == 1):
            return path / self.released if path.is_dir() else path
        from huggingface_hub import hf_hub_download
        from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

        try:
            return Path(hf_hub_download(name, self.released, repo_type="dataset", revision=revision))
        except (LocalEntryNotFoundError, HfHubHTTPError, OSError) as error:
            raise RecordError(f"{self._source} could not be fetched from the hub: {error}") from None
