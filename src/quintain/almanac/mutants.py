"""Responses that break exactly one constraint: the proof that every check discriminates."""

import dataclasses
import random

from quintain.almanac.checks import check
from quintain.almanac.constraints import LEVELS
from quintain.almanac.instructions import Task
from quintain.almanac.pack import build_pack, task_of
from quintain.almanac.phrasing import TOWN_RELATIONS
from quintain.almanac.responses import choose_relations, respond
from quintain.almanac.world import World
from quintain.records import ConstraintItem, Proof

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


def proofs(world: World, per_category: int, seed: int) -> list[Proof]:
    """Write witnesses and mutants in turn, at all levels.

    Args:
        world: What the items are about.
        per_category: How many for each of the six categories, less those whose rules imply one another.
        seed: Seed of the draws.

    Returns:
        Responses with their exact verdicts.
    """
    rng = random.Random(f"proofs/{seed}")
    found = []
    pack = build_pack(world, per_category, seed)
    groups = [pack[start : start + len(LEVELS)] for start in range(0, len(pack), len(LEVELS))]
    for number, group in enumerate(groups):
        item = group[number // 2 % len(LEVELS)]
        broken = rng.randrange(item.level) if number % 2 else None
        text = (
            respond(task_of(item), world.facts[task_of(item).subject], rng)
            if broken is None
            else mutant(world, item, broken, rng)
        )
        if text is not None:
            path = ("", *(lower.instruction for lower in group[: item.level - 1]))
            asked = dataclasses.replace(item, id="", path=path)
            found.append(Proof(item=asked, response=text, satisfied=tuple(i != broken for i in range(item.level))))
    return found
