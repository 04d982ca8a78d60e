"""Responses that break exactly one constraint: the proof that every check discriminates."""

import random

from quintain.almanac.checks import check
from quintain.almanac.instructions import Task
from quintain.almanac.language import TOWN_RELATIONS
from quintain.almanac.oracle import choose_relations, respond
from quintain.almanac.pack import task_of
from quintain.almanac.world import World
from quintain.records import ConstraintItem

_TRIES = 40


def mutant(world: World, item: ConstraintItem, broken: int, rng: random.Random) -> str | None:
    """Write a response that does the base task and breaks one rule alone.

    Args:
        world: The item's world.
        item: The item.
        broken: Index of the rule to break.
        rng: Source of the draws.

    Returns:
        The response; None when the other rules imply the broken one.
    """
    task, rule = task_of(item), item.rules[broken]
    facts = world.facts[task.subject]
    others = tuple(other for i, other in enumerate(item.rules) if i != broken)
    wanted = [i != broken for i in range(len(item.rules))]
    for _ in range(_TRIES):
        relations = None if task.relation else choose_relations(others, facts, rng)
        if relations is not None:
            relations = _against(rule.kind, rule.value, relations, rng)
        response = respond(Task(task.subject, others, task.relation), facts, rng, relations)
        judged = check(world, item, response)
        if judged.base_task and list(judged.satisfied) == wanted:
            return response
    return None


def _against(kind: str, value: str, relations: list[str], rng: random.Random) -> list[str]:
    """Choose facts that break a rule about facts; other rules break by being left out."""
    if kind == "mention":
        return [name for name in relations if name != value] or [rng.choice([n for n in TOWN_RELATIONS if n != value])]
    if kind == "omit":
        # With a rule on the count, the banned fact takes another's place; without one it may come on top.
        return [value, *relations[rng.randrange(2) :]]
    return relations
