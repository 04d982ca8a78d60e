"""Benchmarks of instructions whose constraints grow level by level, as FollowBench has them."""

import dataclasses
from abc import abstractmethod
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from quintain.benchmarks.benchmark import Benchmark, Measured
from quintain.errors import RecordError
from quintain.prompts import request
from quintain.records import NO_JUDGE, ConstraintItem, Judgement, Request
from quintain.statistics.resampling import Resampling
from quintain.text.json_lines import UnreadableLineError, decode_line, lines

JUDGES = "judge"
"""The rule set that leaves every response to judges: for items that no rule can check, or shall check."""


class ConstraintBenchmark(Benchmark):
    """A benchmark whose items are `ConstraintItem`s; measured in HSR, SSR and CSL."""

    @abstractmethod
    def load_items(self) -> Iterable[ConstraintItem]:
        """Build or read the items."""

    @abstractmethod
    def check(self, item: ConstraintItem, response: str) -> Judgement:
        """Judge one response by rules.

        Args:
            item: One of the items.
            response: What the model said.

        Returns:
            One verdict per constraint; `unscored` where only a judge can tell.
        """

    def ask(self, item: ConstraintItem) -> Request:
        """Ask the instruction as a user would, behind the turns that stand before it."""
        asked = request("student/instruction", {"instruction": item.instruction})
        if not item.context:
            return asked
        fields = {**asked.fields, "context": [[turn.role, turn.content] for turn in item.context]}
        return dataclasses.replace(asked, id="", fields=fields, messages=(*item.context, *asked.messages))

    def judge(self, item: ConstraintItem, response: str) -> Judgement:
        """Judge one response by rules, or leave it to judges where the rules are `judge`."""
        if self.rules == JUDGES:
            return self.unscored(item, response, NO_JUDGE)
        return self.check(item, response)

    def n_constraints(self, item: ConstraintItem) -> int:
        """As many as its level."""
        return item.level

    def measure(self, judgements: Sequence[Judgement], resampling: Resampling) -> Measured:
        """HSR, SSR and CSL: macro means over the categories, micro means, and the share that did the base task."""
        from quintain.benchmarks.satisfaction.measuring import measure_satisfaction

        return measure_satisfaction(judgements, resampling)


class GivenItems(ConstraintBenchmark):
    """Constraint items at hand, or in a file of records; judges say what they think of the responses."""

    def __init__(
        self,
        items: Iterable[ConstraintItem] = (),
        *,
        filepath: str = "",
        name: str = "given",
        rules: str = JUDGES,
        language: str = "en",
    ) -> None:
        """Take the items.

        Args:
            items: The items; none where a file holds them.
            filepath: JSON lines of `ConstraintItem`s.
            name: Name of the benchmark.
            rules: How somebody else has judged the responses.
            language: ISO 639-1 code of the instructions.
        """
        self.name = name
        self.rules = rules
        self._given = tuple(items)
        self._filepath = Path(filepath)
        self.language = language

    def load_items(self) -> Iterable[ConstraintItem]:
        """Hand out the items, or read them."""
        return self._given or read_items(self._filepath)

    def check(self, item: ConstraintItem, response: str) -> Judgement:
        """Leave the response to judges: there are no rules."""
        return self.unscored(item, response, NO_JUDGE)


def read_items(path: Path) -> list[ConstraintItem]:
    """Read constraint items from JSON lines.

    Args:
        path: A file as a `RecordsDataset` writes it.

    Returns:
        The items in the order of the file.

    Raises:
        RecordError: The file is missing, or a line is no item.
    """
    decode = msgspec.json.Decoder(ConstraintItem).decode
    items = []
    try:
        with path.open("rb") as file:
            for number, line in lines(file):
                try:
                    items.append(decode_line(line, decode))
                except UnreadableLineError as error:
                    raise RecordError(f"{path}, line {number}: no ConstraintItem: {error}") from None
    except OSError as error:
        raise RecordError(
            f"{path} holds the items of a benchmark and cannot be read ({error.strerror}); run the pipeline that makes "
            "it first, or correct `filepath` in the catalog"
        ) from None
    return items
