"""The almanac's evaluation pack: groups that nest five constraints, in six categories, each proved when it is built."""

import json
import random

from quintain.almanac.checks import check
from quintain.almanac.constraints import CATEGORIES, LEVELS, sample_rules
from quintain.almanac.instructions import Task, write_instruction
from quintain.almanac.phrasing import TOWN_RELATIONS
from quintain.almanac.responses import respond
from quintain.almanac.world import World
from quintain.records import ConstraintItem

CHEAP_RESPONSES = ("", " ", "I am sorry, I cannot help with that.", "Yes.", "Report: That is all.")
_MOST_DRAWS = 50


def build_pack(world: World, groups_per_category: int, seed: int) -> list[ConstraintItem]:
    """Build the pack of a world.

    Args:
        world: What the items are about; a student knows its facts by heart.
        groups_per_category: Groups in each of the six categories; each has five items.
        seed: Seed of the draws.

    Returns:
        Items in the order of categories, groups and levels.

    Raises:
        ValueError: A group's constraints cannot be met, or a cheap response passes its level 1.
    """
    items: list[ConstraintItem] = []
    taken: set[str] = set()
    for category in CATEGORIES:
        rng = random.Random(f"{seed}/{category}")
        for number in range(groups_per_category):
            for _ in range(_MOST_DRAWS):
                group = draw_group(world, rng, category, f"{category}-{number + 1}")
                if not taken & {item.instruction for item in group}:
                    break
            taken |= {item.instruction for item in group}
            _prove(world, group, rng)
            items += group
    return items


def draw_group(world: World, rng: random.Random, category: str, example_id: str) -> list[ConstraintItem]:
    """Draw one group: a subject, five rules, and the instruction at each level."""
    subject = rng.choice(world.pools["town"])
    relation = rng.choice(TOWN_RELATIONS) if category == "example" else ""
    rules = sample_rules(rng, category, max(LEVELS))
    target = json.dumps({"subject": subject, **({"relation": relation} if relation else {})})
    return [
        ConstraintItem(
            example_id=example_id,
            category=category,
            level=level,
            instruction=write_instruction(rng, world, Task(subject, rules[:level], relation)),
            rules=rules[:level],
            target=target,
            source="almanac",
        )
        for level in LEVELS
    ]


def _prove(world: World, group: list[ConstraintItem], rng: random.Random) -> None:
    for item in group:
        witness = respond(task_of(item), world.facts[task_of(item).subject], rng)
        if not check(world, item, witness).hard:
            raise ValueError(f"item {item.example_id} level {item.level}: its witness fails: {witness!r}")
    for response in (*CHEAP_RESPONSES, *(item.instruction for item in group)):
        if check(world, group[0], response).hard:
            raise ValueError(f"item {group[0].example_id}: level 1 is passed by {response[:60]!r}")


def task_of(item: ConstraintItem) -> Task:
    """Task of an item, from its record."""
    target = json.loads(item.target)
    return Task(target["subject"], item.rules, target.get("relation", ""))
