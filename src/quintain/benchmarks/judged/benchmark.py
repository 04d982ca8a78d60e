"""An open-ended set as a benchmark: every response against a reference's, preferred or not by judges in both orders."""

from collections.abc import Iterable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from quintain.benchmarks.benchmark import Benchmark, Item, Measured
from quintain.benchmarks.judged.instruction_set import read_instruction_set, read_responses
from quintain.benchmarks.judged.preferences import Preference
from quintain.benchmarks.judged.win_rate import Estimated, win_rate
from quintain.benchmarks.scorecard import Estimate
from quintain.errors import RecordError
from quintain.methods.lion import LionParams
from quintain.records import NO_JUDGE, Instruction, Judgement, Response
from quintain.statistics.resampling import Resampling


class JudgedBenchmark(Benchmark):
    """Instructions with a reference's responses; a response scores 1 where it is preferred, 0.5 for a tie, else 0.

    Raises:
        ValueError: The limit is negative.
    """

    name = "judged"
    rules = "pairwise-1"
    travels = False

    def __init__(self, *, filepath: str, reference: str, limit: int = 0) -> None:
        """Name the files.

        Args:
            filepath: The instructions: JSON lines or a JSON list, see `read_instruction_set`.
            reference: Responses that every student is held against: JSON lines or a JSON list of entries with the
                instruction as in `filepath` and its `response` or `output`. Another reference is another benchmark.
            limit: Most instructions, the first ones; 0 for all.
        """
        if limit < 0:
            raise ValueError(f"limit must not be negative, got {limit}")
        self._filepath, self._reference, self._limit = Path(filepath), Path(reference), limit

    def load_items(self) -> Iterable[Item]:
        """Read the instructions and the reference's responses.

        Raises:
            RecordError: A file is missing or broken, or an instruction has no response of the reference.
        """
        asked = read_instruction_set(self._filepath, self._limit)
        given = read_responses(self._reference)
        missing = [each for each in asked.instructions if not given.get(each.prompt, "").strip()]
        if missing:
            raise RecordError(
                f"{self._reference} has no response to {len(missing)} of the {len(asked.instructions)} instructions of "
                f"{self._filepath}, such as {missing[0].prompt[:60]!r}"
            )
        return [
            Item(prompt=each.prompt, target=given[each.prompt], cluster=asked.clusters[each.id])
            for each in asked.instructions
        ]

    def judge(self, item: Item, response: str) -> Judgement:
        """Leave the response to judges."""
        return self.unscored(item, response, NO_JUDGE)

    def pairwise_judging(self) -> Any:
        """Module in which the judges of a run are asked; named here, so that no other benchmark's stage runs it."""
        return import_module("quintain.pipelines.evaluation.preferring")

    def instructions(self) -> dict[str, Instruction]:
        """Item → what judges are shown of it."""
        return {item.id: Instruction(text=item.prompt) for item in self.items}

    def references(self) -> dict[str, Response]:
        """Instruction → the reference's response."""
        shown = self.instructions()
        return {
            shown[item.id].id: Response(
                instruction_id=shown[item.id].id, role="teacher", text=item.target, finish_reason="stop"
            )
            for item in self.items
        }

    def measure(self, judgements: Sequence[Judgement], resampling: Resampling) -> Measured:
        """The win rate against the reference, as judged and at equal length."""
        targets = {item.id: item.target for item in self.items}
        outcomes = [
            Preference(
                instruction_id=each.item_id,
                category="",
                cluster=each.example_id,
                value=each.score,
                conflict=False,
                longer_chars=len(each.response) - len(targets[each.item_id]),
            )
            for each in judgements
            if each.is_scored
        ]
        if not outcomes:
            return Measured(
                measures={"win_rate": Estimate(value=None), "win_rate_at_equal_length": Estimate(value=None)}
            )
        found = win_rate(outcomes, resampling)
        return Measured(
            measures={
                "win_rate": _estimate(found.as_judged, found.n_items),
                "win_rate_at_equal_length": _estimate(found.at_equal_length, found.n_items),
            }
        )


PARAMS = LionParams()
"""How judges are asked and read: both orders, Lion's reading, ten controls."""


def _estimate(found: Estimated, n: int) -> Estimate:
    return Estimate(value=found.value, low=found.low, high=found.high, n=n)
