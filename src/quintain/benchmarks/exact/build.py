"""Packs by name: seeded, versioned, and proved while they are built."""

import random
from collections.abc import Callable
from functools import partial

from quintain.benchmarks.exact.exemplars import example_group
from quintain.benchmarks.exact.extraction import extraction_group, selection_group
from quintain.benchmarks.exact.free_text import free_text_group
from quintain.benchmarks.exact.groups import Group
from quintain.benchmarks.exact.situations import situation_group
from quintain.benchmarks.exact.structured import json_group, table_group
from quintain.benchmarks.satisfaction.sheet import CATEGORIES
from quintain.records import ConstraintItem, content_id

VERSION = "2.0.0"
"""Raised whenever a check, a wording or a draw changes: then digests change too."""
SIZES = {"core": 40, "extended": 200}
"""Groups per category: `core` has 1,200 items for the macro gate, `extended` 6,000 for gates on categories."""
_MOST_DRAWS = 500

_Draw = Callable[[random.Random], Group | None]

# What a category's groups are drawn from; a way that stands twice is taken twice as often.
_WAYS: dict[str, tuple[_Draw, ...]] = {
    "content": (*[partial(free_text_group, "content")] * 2, extraction_group, selection_group),
    "situation": (situation_group,),
    "style": (partial(free_text_group, "style"),),
    "format": (*[partial(free_text_group, "format")] * 2, json_group, table_group),
    "example": (example_group,),
    "mixed": (partial(free_text_group, "mixed"),),
}


def draw_group(category: str, rng: random.Random) -> Group:
    """Draw groups until one proves itself.

    Args:
        category: One of the six.
        rng: Source of the draws.

    Returns:
        The first group without a fault.

    Raises:
        ValueError: None did; the category's rules conflict with one another.
    """
    draw = rng.choice(_WAYS[category])
    for _ in range(_MOST_DRAWS):
        group = draw(rng)
        if group is not None and not group.faults():
            return group
    raise ValueError(f"no group of category {category!r} could be built in {_MOST_DRAWS} draws")


def groups(size: str | int, seed: int) -> list[Group]:
    """All groups of a pack; no two items share an instruction.

    Args:
        size: `core`, `extended`, or a number of groups per category for a look around.
        seed: Seed of the pack; a release takes a new one, so that no model has seen its items.

    Returns:
        Groups in the order of categories.

    Raises:
        ValueError: There is no such size.
    """
    per_category = size if isinstance(size, int) else SIZES.get(size, 0)
    if per_category < 1:
        raise ValueError(f"there is no pack {size!r}; there are {', '.join(SIZES)}, or a number of groups per category")
    found: list[Group] = []
    seen: set[str] = set()
    for category in CATEGORIES:
        rng = random.Random(f"{VERSION}/{size}/{seed}/{category}")
        kept = 0
        while kept < per_category:
            group = draw_group(category, rng)
            instructions = {case.instruction for case in group.cases}
            if seen.isdisjoint(instructions):
                seen |= instructions
                found.append(group)
                kept += 1
    return found


def build_pack(size: str | int = "core", seed: int = 0) -> list[ConstraintItem]:
    """Build a pack: every item of every group, in the order of categories, groups and levels.

    >>> len(build_pack("core"))
    1200
    """
    counts = dict.fromkeys(CATEGORIES, 0)
    items: list[ConstraintItem] = []
    for group in groups(size, seed):
        counts[group.category] += 1
        items += group.items(f"{group.category}-{counts[group.category]}")
    return items


def digest(items: list[ConstraintItem]) -> str:
    """Hash of a pack's version and items; scorecards of two digests are not compared."""
    return content_id(VERSION, [item.id for item in items])
