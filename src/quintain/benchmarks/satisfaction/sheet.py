"""The score sheet: every verdict of one model on one pack, one row per group, one column per level."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from quintain.benchmarks.followbench.benchmark import CATEGORIES, LEVELS
from quintain.records import Judgement

Rates = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class ScoreSheet:
    """Verdicts by group and level, nan where nobody scored. An unread verdict is scored: it counts as no."""

    groups: tuple[tuple[str, str], ...]
    """Category and example_id of each row, in the categories' order."""
    hard: Rates
    """1 where all constraints hold, 0 where not or unread, nan where not scored. Shape (G, 5)."""
    soft: Rates
    """Share of constraints that hold, in [0, 1]; unread ones count as no. Shape (G, 5)."""
    hard_if_yes: Rates
    """As `hard`, with unread verdicts read as yes. Shape (G, 5)."""
    soft_if_yes: Rates
    """As `soft`, with unread verdicts read as yes. Shape (G, 5)."""

    @property
    def categories(self) -> tuple[str, ...]:
        """The categories on the sheet, in order."""
        return tuple(dict.fromkeys(category for category, _ in self.groups))

    def rows(self, category: str) -> NDArray[np.intp]:
        """Row numbers of a category's groups, without those of which nothing was scored."""
        n_scored = self.scored.sum(axis=1)
        return np.array(
            [row for row, (name, _) in enumerate(self.groups) if name == category and n_scored[row]], dtype=np.intp
        )

    @property
    def scored(self) -> NDArray[np.bool_]:
        """Where somebody scored. Shape (G, 5)."""
        return ~np.isnan(self.hard)

    @property
    def unread(self) -> NDArray[np.bool_]:
        """Where an unread verdict may still change the outcome. Shape (G, 5)."""
        return self.scored & ((self.hard != self.hard_if_yes) | (self.soft != self.soft_if_yes))


def tabulate(judgements: Sequence[Judgement]) -> ScoreSheet:
    """Put verdicts on a score sheet; the order of the judgements does not matter.

    A response that does not do the base task satisfies nothing, whatever its form.

    Args:
        judgements: What one model's responses were judged; at most one per group and level.

    Returns:
        The sheet. A judgement `by` `unscored:...` stays off it (nan), one with unread verdicts counts them as no.

    Raises:
        ValueError: A level is not 1-5, or a group has two judgements at one level.
    """
    cells: dict[tuple[str, str], dict[int, Judgement]] = {}
    for judgement in judgements:
        if judgement.level not in LEVELS:
            raise ValueError(f"judgement {judgement.id}: level must be 1-5, got {judgement.level}")
        levels = cells.setdefault((judgement.category, judgement.example_id), {})
        if judgement.level in levels:
            raise ValueError(
                f"group {judgement.category}/{judgement.example_id} has two judgements at level {judgement.level}; "
                f"score the responses of one model at a time"
            )
        levels[judgement.level] = judgement
    groups = tuple(sorted(cells, key=_group_order))
    hard, soft, hard_if_yes, soft_if_yes = (np.full((len(groups), len(LEVELS)), np.nan) for _ in range(4))
    for row, group in enumerate(groups):
        for level, judgement in cells[group].items():
            cell = row, level - 1
            if is_scored(judgement):
                hard[cell], soft[cell] = _rates(judgement, unread=False)
                hard_if_yes[cell], soft_if_yes[cell] = _rates(judgement, unread=True)
    return ScoreSheet(groups=groups, hard=hard, soft=soft, hard_if_yes=hard_if_yes, soft_if_yes=soft_if_yes)


def is_scored(judgement: Judgement) -> bool:
    """Whether a rule or a judge looked at it, read or unread."""
    return bool(judgement.satisfied) and not judgement.by.startswith("unscored:")


def _rates(judgement: Judgement, *, unread: bool) -> Iterator[float]:
    verdicts = [unread if verdict is None else verdict for verdict in judgement.satisfied]
    attempted = judgement.base_task is not False
    yield float(attempted and all(verdicts))
    yield attempted * sum(verdicts) / len(verdicts)


def _group_order(group: tuple[str, str]) -> tuple[int, str, int, str]:
    category, example_id = group
    place = CATEGORIES.index(category) if category in CATEGORIES else len(CATEGORIES)
    return place, category, int(example_id) if example_id.isdecimal() else 0, example_id
