"""The score sheet: every verdict of one model on one benchmark, one row per group, one column per level."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from quintain.records import Judgement

Rates = NDArray[np.float64]
CATEGORIES = ("content", "situation", "style", "format", "example", "mixed")
"""Categories of growing constraints, in the order of FollowBench's paper; others come after them."""
LEVELS = (1, 2, 3, 4, 5)
"""How many constraints an instruction of FollowBench and its kind carries."""


@dataclass(frozen=True, kw_only=True)
class ScoreSheet:
    """Verdicts by group and level, nan where nobody scored. An unread verdict is scored: it counts as no.

    A group with several items at one level has as many rows, one below the other. L is the number of levels, 1 for a
    benchmark without any.
    """

    groups: tuple[tuple[str, str], ...]
    """Category and cluster of each row, in the categories' order."""
    hard: Rates
    """1 where all constraints hold, 0 where not or unread; the score where there is one. Shape (R, L)."""
    soft: Rates
    """Share of constraints that hold, in [0, 1], unread ones as no; the score where there is one. Shape (R, L)."""
    hard_if_yes: Rates
    """As `hard`, with unread verdicts read as yes. Shape (R, L)."""
    soft_if_yes: Rates
    """As `soft`, with unread verdicts read as yes. Shape (R, L)."""

    @property
    def n_levels(self) -> int:
        """Levels on the sheet."""
        return int(self.hard.shape[1])

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
        """Mask of what somebody scored. Shape (R, L)."""
        return ~np.isnan(self.hard)

    @property
    def unread(self) -> NDArray[np.bool_]:
        """Mask of unread verdicts that may still change the outcome. Shape (R, L)."""
        return self.scored & ((self.hard != self.hard_if_yes) | (self.soft != self.soft_if_yes))


def tabulate(judgements: Sequence[Judgement], n_levels: int | None = None) -> ScoreSheet:
    """Put verdicts on a score sheet; the order of the judgements does not matter.

    A response that does not do the base task satisfies nothing, whatever its form.

    Args:
        judgements: What one model's responses were judged; one per item.
        n_levels: Columns of the sheet; by default as many as the highest level.

    Returns:
        The sheet. What nobody scored stays off it (nan), what has unread verdicts counts them as no.

    Raises:
        ValueError: A level is out of range, or an item has two judgements.
    """
    n_levels = n_levels or max((judgement.level for judgement in judgements), default=1)
    cells: dict[tuple[str, str], dict[int, list[Judgement]]] = {}
    seen: set[tuple[str, str, int, str]] = set()
    for judgement in judgements:
        group = judgement.category, judgement.example_id
        place = *group, judgement.level, judgement.item_id
        if not 1 <= judgement.level <= n_levels:
            raise ValueError(f"judgement {judgement.id}: level must be 1-{n_levels}, got {judgement.level}")
        if place in seen:
            raise ValueError(
                f"group {judgement.category}/{judgement.example_id} has two judgements of one item at level "
                f"{judgement.level}; score the responses of one model at a time"
            )
        seen.add(place)
        cells.setdefault(group, {}).setdefault(judgement.level, []).append(judgement)
    groups = tuple(
        group for group in sorted(cells, key=_group_order) for _ in range(max(map(len, cells[group].values())))
    )
    hard, soft, hard_if_yes, soft_if_yes = (np.full((len(groups), n_levels), np.nan) for _ in range(4))
    first = {group: row for row, group in reversed(list(enumerate(groups)))}
    for group, levels in cells.items():
        for level, several in levels.items():
            # Beside another model's sheet the same items must come to the same rows.
            for row, judgement in enumerate(sorted(several, key=lambda each: each.item_id), start=first[group]):
                cell = row, level - 1
                if judgement.is_scored:
                    hard[cell], soft[cell] = _rates(judgement, unread=False)
                    hard_if_yes[cell], soft_if_yes[cell] = _rates(judgement, unread=True)
    return ScoreSheet(groups=groups, hard=hard, soft=soft, hard_if_yes=hard_if_yes, soft_if_yes=soft_if_yes)


def _rates(judgement: Judgement, *, unread: bool) -> tuple[float, float]:
    if judgement.score is not None:
        return judgement.score, judgement.score
    verdicts = [unread if verdict is None else verdict for verdict in judgement.satisfied]
    attempted = judgement.base_task is not False
    return float(attempted and all(verdicts)), attempted * sum(verdicts) / len(verdicts)


def _group_order(group: tuple[str, str]) -> tuple[int, str, int, str]:
    category, example_id = group
    place = CATEGORIES.index(category) if category in CATEGORIES else len(CATEGORIES)
    return place, category, int(example_id) if example_id.isdecimal() else 0, example_id
