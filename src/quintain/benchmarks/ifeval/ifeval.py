"""IFEval as a benchmark: every instruction of a prompt verified by code, strictly and loosely."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from quintain.benchmarks.benchmark import Benchmark, Measured
from quintain.benchmarks.ifeval.accuracies import measure_accuracies
from quintain.benchmarks.ifeval.prompts import IFEvalPrompt, read_prompts
from quintain.benchmarks.ifeval.verdicts import RULES, verdicts
from quintain.errors import RecordError
from quintain.records import Judgement
from quintain.statistics.resampling import Resampling


class IFEval(Benchmark):
    """The released `input_data.jsonl`, or a file of one's own in the same form, read where it lies."""

    name = "ifeval"
    rules = RULES
    travels = False

    def __init__(self, *, filepath: str) -> None:
        """Name the file.

        Args:
            filepath: JSON lines with key, prompt, instruction_id_list and kwargs.
        """
        self._filepath = Path(filepath)

    def load_items(self) -> Iterable[IFEvalPrompt]:
        """Read and check the prompts.

        Raises:
            RecordError: The file is missing or a line is malformed.
        """
        try:
            return read_prompts(self._filepath)
        except ValueError as error:
            raise RecordError(
                f"{error}. The released file is input_data.jsonl of google-research/instruction_following_eval, or of "
                "google/IFEval on the hub; name yours as `ifeval` under `benchmarks` in globals.yml"
            ) from None

    def judge(self, item: IFEvalPrompt, response: str) -> Judgement:
        """Check every instruction, each on its own, strictly and loosely."""
        strict, loose = verdicts(item, response)
        return self.judged(item, response, satisfied=strict, loose=loose)

    def n_constraints(self, item: IFEvalPrompt) -> int:
        """Instructions of the prompt."""
        return len(item.instructions)

    def measure(self, judgements: Sequence[Judgement], resampling: Resampling) -> Measured:
        """Accuracy by prompt and by instruction, strict and loose; instructions by family and kind in tables."""
        return measure_accuracies({item.id: item for item in self.items}, judgements, resampling)
