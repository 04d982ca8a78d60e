"""The exact packs as a benchmark: items that are built when they are asked for, every constraint checked by code."""

from collections.abc import Iterable, Sequence
from functools import cache

from quintain.benchmarks.constraints import ConstraintBenchmark
from quintain.benchmarks.exact.judging import judge
from quintain.benchmarks.exact.proofs import proofs
from quintain.packs.build import PACKS, build_pack
from quintain.records import ConstraintItem, Judgement, Proof

_built = cache(build_pack)


class ExactBenchmark(ConstraintBenchmark):
    """A pack by size and seed; the same two give the same items everywhere.

    Raises:
        ValueError: There is no such size.
    """

    name = "exact"
    rules = "exact"

    def __init__(self, *, size: str | int = "core", seed: int = 0, most_groups: int | None = None) -> None:
        """Choose the pack.

        Args:
            size: `starter` (1,200 items for small models), `core` (1,440, 240 of them conversations), `extended`
                (7,200), or a number of groups of each of the six categories of `core` for a look around.
            seed: Seed of the items; a new one gives items that no model has seen.
            most_groups: Groups of each category after which the pack ends, for a look around; all by default. A part
                has a digest of its own.
        """
        if size not in PACKS and not (isinstance(size, int) and size > 0):
            raise ValueError(
                f"there is no exact pack {size!r}; there are {', '.join(PACKS)}, or a number of groups per category"
            )
        if most_groups is not None and most_groups < 1:
            raise ValueError(f"most_groups must be at least 1, got {most_groups}")
        self._size = size
        self._seed = seed
        self._most_groups = most_groups

    def load_items(self) -> Iterable[ConstraintItem]:
        """Build the pack, once per process: a second for `core`, a few for `extended`."""
        return _built(self._size, self._seed, self._most_groups)

    def check(self, item: ConstraintItem, response: str) -> Judgement:
        """Judge exactly."""
        return judge(item, response)

    def proofs(self, per_category: int, seed: int) -> Sequence[Proof]:
        """Witnesses and mutants of groups that no pack of another seed holds."""
        return proofs(per_category, seed)
