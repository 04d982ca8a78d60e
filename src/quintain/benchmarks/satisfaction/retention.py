"""Retention: what a student lost and gained against its start on one benchmark, by category and item."""

from collections.abc import Sequence
from dataclasses import dataclass

from quintain.benchmarks.satisfaction.comparison import Paired, compare
from quintain.records import Judgement
from quintain.statistics.resampling import Resampling


@dataclass(frozen=True, kw_only=True)
class Retained:
    """A category, or all of a benchmark, before and after a training; rates are shares in [0, 1]."""

    before: float | None
    """Headline of the start."""
    after: float | None
    """Headline of the student."""
    difference: float | None
    """After minus before."""
    low: float | None
    """Lower end of the paired interval of the difference."""
    high: float | None
    """Upper end."""
    n_items: int
    """Items that both were scored on."""
    gained: tuple[str, ...]
    """Ids of items that only the student passes."""
    lost: tuple[str, ...]
    """Ids of items that only the start passes."""

    @property
    def outcome(self) -> str:
        """The change beyond chance: `gained`, `lost`, or neither, which is `kept`."""
        if self.low is not None and self.low > 0:
            return "gained"
        return "lost" if self.high is not None and self.high < 0 else "kept"


def retained(after: Sequence[Judgement], before: Sequence[Judgement], resampling: Resampling) -> dict[str, Retained]:
    """Compare a student with its start.

    Args:
        after: Judgements of the student.
        before: Judgements of its start on the same items by the same rules or judge.
        resampling: How the intervals are drawn.

    Returns:
        Category → what became of it, all items under the empty name first. An item counts as passed where all its
        constraints hold or its score is full.

    Raises:
        ValueError: The two have no scored item in common, or their judgements come from different scorers.
    """
    comparison = compare(after, before, resampling)
    then = {each.item_id: each for each in before if each.is_scored}
    pairs = [(each, then[each.item_id]) for each in after if each.is_scored and each.item_id in then]
    named = {name: each for name, each in comparison.by_category.items() if name}
    return {
        name: _retained(each, [pair for pair in pairs if name in ("", pair[0].category)])
        for name, each in {"": comparison.overall, **named}.items()
    }


def _retained(paired: Paired, pairs: Sequence[tuple[Judgement, Judgement]]) -> Retained:
    low, high = paired.intervals.hsr_mean
    return Retained(
        before=paired.second.hsr_mean,
        after=paired.first.hsr_mean,
        difference=paired.difference.hsr_mean,
        low=low,
        high=high,
        n_items=paired.n_items,
        gained=tuple(now.item_id for now, then in pairs if now.hard is True and then.hard is not True),
        lost=tuple(now.item_id for now, then in pairs if now.hard is not True and then.hard is True),
    )
