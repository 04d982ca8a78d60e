"""The almanac's own benchmark: instructions about the embedded world, every constraint checked exactly."""

import json
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Literal, get_args

from quintain.almanac.checks import check
from quintain.almanac.mutants import proofs
from quintain.almanac.world import World, world_from_json
from quintain.benchmarks.constraints import ConstraintBenchmark, read_items
from quintain.errors import RecordError
from quintain.records import ConstraintItem, Judgement, Proof

AlmanacRules = Literal["almanac", "judge"]


class AlmanacBenchmark(ConstraintBenchmark):
    """Items and world that the pipeline `world` wrote.

    Raises:
        ValueError: There are no such rules.
    """

    name = "almanac"
    under_edits = False
    """The world's own edits contradict its facts on purpose; the pipeline `editing` measures those."""

    def __init__(self, *, filepath: str, world: str, rules: AlmanacRules = "almanac") -> None:
        """Name the files.

        Args:
            filepath: The items, JSON lines of `ConstraintItem`s.
            world: The world that they are about, as JSON.
            rules: `almanac`, or `judge` to let judges say what the rules could.
        """
        if rules not in get_args(AlmanacRules):
            raise ValueError(f"rules must be one of {', '.join(get_args(AlmanacRules))}, got {rules!r}")
        self._filepath = Path(filepath)
        self._world_file = Path(world)
        self.rules = rules

    def load_items(self) -> Iterable[ConstraintItem]:
        """Read the items."""
        return read_items(self._filepath)

    def check(self, item: ConstraintItem, response: str) -> Judgement:
        """Judge exactly, against the facts of the world."""
        return check(self.world, item, response)

    def proofs(self, per_category: int, seed: int) -> Sequence[Proof]:
        """Witnesses and mutants of the world's own constraints."""
        return proofs(self.world, per_category, seed)

    @cached_property
    def world(self) -> World:
        """The world that the items are about.

        Raises:
            RecordError: Its file is missing or broken.
        """
        try:
            return world_from_json(json.loads(self._world_file.read_text(encoding="utf-8")))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise RecordError(
                f"{self._world_file} does not hold the almanac's world ({error}); run `kedro run --pipelines world`, "
                "or correct `world` of the benchmark in the catalog"
            ) from None
