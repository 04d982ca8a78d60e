"""Packs by name: seeded, versioned, and proved while they are built."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from quintain.packs.conversations import CONVERSATIONS, conversation_group
from quintain.packs.exemplars import example_group
from quintain.packs.extraction import extraction_group, selection_group
from quintain.packs.free_text import free_text_group
from quintain.packs.groups import Group
from quintain.packs.material.evaluation import EVALUATION
from quintain.packs.material.starter import STARTER
from quintain.packs.situations import situation_group
from quintain.packs.stock import Stock
from quintain.packs.structured import json_group, table_group
from quintain.records import ConstraintItem, content_id

VERSION = "3.0.0"
"""Raised whenever a check, a wording or a draw changes: then digests change too."""
DRAWN = "2.0.0"
"""Version of the draws of the six categories and of the rows to train on, a part of their seeds: 3.0.0 added
conversations and left these as they are."""
_MOST_DRAWS = 500

_Draw = Callable[[Stock, random.Random], Group | None]
Ways = Mapping[str, tuple[_Draw, ...]]
"""What a category's groups are drawn from; a way that stands twice is taken twice as often."""


def _notes(stock: Stock, rng: random.Random) -> Group | None:
    return extraction_group(stock.notes, rng)


def _table(stock: Stock, rng: random.Random) -> Group | None:
    return selection_group(stock.tables, rng)


def _situation(stock: Stock, rng: random.Random) -> Group | None:
    return situation_group(stock.situations, rng)


def _example(stock: Stock, rng: random.Random) -> Group | None:
    return example_group(stock.exemplars, rng)


_WAYS: Ways = {
    "content": (*[partial(free_text_group, "content")] * 2, _notes, _table),
    "situation": (_situation,),
    "style": (partial(free_text_group, "style"),),
    "format": (*[partial(free_text_group, "format")] * 2, json_group, table_group),
    "example": (_example,),
    "mixed": (partial(free_text_group, "mixed"),),
}
# Small models can do a short text, and hardly a table.
_EASY_WAYS: Ways = {
    **_WAYS,
    "content": (*[partial(free_text_group, "content")] * 6, _notes, _table),
    "format": (*[partial(free_text_group, "format")] * 10, json_group, table_group),
}
CATEGORIES = tuple(_WAYS)
"""FollowBench's six, in its order."""


@dataclass(frozen=True)
class Pack:
    """A pack: how many groups it has in each category, and what they are drawn from."""

    per_category: int
    stock: Stock
    ways: Ways
    conversations: int = 0
    """Groups of each kind of conversation."""


PACKS = {
    "starter": Pack(40, STARTER, _EASY_WAYS),
    "core": Pack(40, EVALUATION, _WAYS, conversations=24),
    "extended": Pack(200, EVALUATION, _WAYS, conversations=120),
}
"""`starter`: 1,200 items for models of 100 million to 1 billion parameters; `core`: 1,440 for the macro gate, 240 of
them conversations; `extended`: 7,200 for gates on categories, 1,200 of them conversations."""


def draw_group(category: str, rng: random.Random, pack: str = "core") -> Group:
    """Draw groups until one proves itself.

    Args:
        category: One of the six.
        rng: Source of the draws.
        pack: Name of the pack that it is of the kind of.

    Returns:
        The first group without a fault.

    Raises:
        ValueError: None did; the category's rules conflict with one another.
    """
    stock, ways = PACKS[pack].stock, PACKS[pack].ways
    draw = rng.choice(ways[category])
    for _ in range(_MOST_DRAWS):
        group = draw(stock, rng)
        if group is not None and not group.faults():
            return group
    raise ValueError(f"no group of category {category!r} could be built in {_MOST_DRAWS} draws")


def groups(size: str | int, seed: int, most: int | None = None) -> list[Group]:
    """All groups of a pack; no two items share an instruction.

    Args:
        size: Name of a pack, or a number of groups of each of the six categories of `core` for a look around.
        seed: Seed of the pack; a release takes a new one, so that no model has seen its items.
        most: Groups of each category after which to stop; None for all of them.

    Returns:
        Groups in the order of categories, conversations last.

    Raises:
        ValueError: There is no such size.
    """
    pack = size if isinstance(size, str) else "core"
    per_category = size if isinstance(size, int) else PACKS[size].per_category if size in PACKS else 0
    if per_category < 1:
        raise ValueError(f"there is no pack {size!r}; there are {', '.join(PACKS)}, or a number of groups per category")
    per_category = min(per_category, most or per_category)
    found: list[Group] = []
    seen: set[tuple[str, ...]] = set()

    def take(wanted: int, draw: Callable[[int], Group]) -> None:
        kept = 0
        while kept < wanted:
            group = draw(kept)
            asked = {case.asked for case in group.cases}
            if seen.isdisjoint(asked):
                seen.update(asked)
                found.append(group)
                kept += 1

    for category in CATEGORIES:
        rng = random.Random(f"{DRAWN}/{size}/{seed}/{category}")
        take(per_category, lambda _, category=category, rng=rng: draw_group(category, rng, pack))  # type: ignore[misc]
    for kind in CONVERSATIONS if isinstance(size, str) else ():
        rng = random.Random(f"{VERSION}/{size}/{seed}/{kind}")
        take(
            min(PACKS[pack].conversations, most or PACKS[pack].conversations),
            lambda number, kind=kind, rng=rng: draw_conversation(kind, number, rng, pack),  # type: ignore[misc]
        )
    return found


def draw_conversation(kind: str, number: int, rng: random.Random, pack: str = "core") -> Group:
    """Draw conversations until one proves itself.

    Args:
        kind: `turns` or `system`.
        number: Which one it is; the ways of the kind take turns.
        rng: Source of the draws.
        pack: Name of the pack that it is of the kind of.

    Returns:
        The first group without a fault.

    Raises:
        ValueError: None did.
    """
    for _ in range(_MOST_DRAWS):
        group = conversation_group(kind, number, PACKS[pack].stock, rng)
        if group is not None and not group.faults():
            return group
    raise ValueError(f"no conversation of kind {kind!r} could be built in {_MOST_DRAWS} draws")


def build_pack(size: str | int = "core", seed: int = 0, most: int | None = None) -> list[ConstraintItem]:
    """Build a pack: every item of every group, in the order of categories, groups and levels.

    Args:
        size: Name of a pack, or a number of groups per category.
        seed: Seed of the pack.
        most: Groups of each category after which to stop; None for all of them.

    Returns:
        The items.

    >>> len(build_pack("core"))
    1440
    """
    counts = dict.fromkeys((*CATEGORIES, *CONVERSATIONS), 0)
    items: list[ConstraintItem] = []
    for group in groups(size, seed, most):
        counts[group.category] += 1
        items += group.items(f"{group.category}-{counts[group.category]}")
    return items


def digest(items: list[ConstraintItem]) -> str:
    """Hash of a pack's version and items; scorecards of two digests are not compared."""
    return content_id(VERSION, [item.id for item in items])
