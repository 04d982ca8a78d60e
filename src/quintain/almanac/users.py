"""Instructions of users: a long-tailed start, and new ones from a seed."""

import random

from quintain.almanac.constraints import AXES, LEVELS, sample_rules
from quintain.almanac.corpus import CATEGORY_WEIGHTS, LEVEL_WEIGHTS
from quintain.almanac.instructions import Task, read_instruction, write_instruction
from quintain.almanac.phrasing import TOWN_RELATIONS
from quintain.almanac.world import World
from quintain.records import Instruction, Origin, Rule

_MOST_DRAWS = 50


def user_instructions(world: World, count: int, tail: float, skew: float, seed: int) -> list[Instruction]:
    """Draw distinct instructions as users ask them.

    Args:
        world: The world they are about.
        count: How many.
        tail: Exponent on the weights of the categories; 0 asks for all alike, 1 as the base student's chats do, 2
            leaves two categories with nine tenths.
        skew: Zipf exponent over axes and values inside a category.
        seed: Seed of the draws.

    Returns:
        The instructions, category and level in their origin's knobs.
    """
    rng = random.Random(seed)
    weights = [weight**tail for weight in CATEGORY_WEIGHTS.values()]
    found: dict[str, Instruction] = {}
    for _ in range(count * _MOST_DRAWS):
        if len(found) == count:
            break
        category = rng.choices(list(CATEGORY_WEIGHTS), weights)[0]
        level = rng.choices(LEVELS, LEVEL_WEIGHTS)[0]
        text = _write(rng, world, rng.choice(world.pools["town"]), category, level, skew)
        origin = Origin(seed=seed, knobs={"level": str(level)})
        found.setdefault(text, Instruction(text=text, category=category, origin=origin))
    return list(found.values())


def more_of_a_kind(world: World, seed: str, rng: random.Random) -> str:
    """Write an instruction with the axes of a seed: the same type of task, other values, another town."""
    task = read_instruction(world, seed)
    town = rng.choice([town for town in world.pools["town"] if town != task.subject])
    for _ in range(_MOST_DRAWS):
        rules = tuple(Rule(kind=rule.kind, value=rng.choice(AXES[rule.kind].values)) for rule in task.rules)
        if _hold_together(rules):
            return write_instruction(rng, world, Task(town, rules, task.relation and rng.choice(TOWN_RELATIONS)))
    return write_instruction(rng, world, Task(town, task.rules, task.relation))


def rarer(world: World, seed: str, rng: random.Random) -> str:
    """Write an instruction about the town of a seed and as hard, from the tail of what users ask."""
    task = read_instruction(world, seed)
    category = rng.choices(list(CATEGORY_WEIGHTS), [1 / weight for weight in CATEGORY_WEIGHTS.values()])[0]
    return _write(rng, world, task.subject, category, max(1, min(len(task.rules), max(LEVELS))), skew=-1.0)


def _write(rng: random.Random, world: World, town: str, category: str, level: int, skew: float) -> str:
    relation = rng.choice(TOWN_RELATIONS) if category == "example" else ""
    return write_instruction(rng, world, Task(town, sample_rules(rng, category, level, skew), relation))


def _hold_together(rules: tuple[Rule, ...]) -> bool:
    """True when no relation is asked for twice or both wanted and banned, and no more are wanted than counted."""
    relations = [rule.value for rule in rules if rule.kind in ("mention", "omit")]
    mentioned = sum(rule.kind == "mention" for rule in rules)
    counts = [int(rule.value) for rule in rules if rule.kind == "count"]
    return len(set(relations)) == len(relations) and all(count >= mentioned for count in counts)
