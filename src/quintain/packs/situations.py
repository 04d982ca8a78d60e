"""Situation groups: a small world with computed answers, in which every level adds a fact and a field.

A new fact changes at least one field that was asked for before, so that whoever overlooks it is wrong twice. Each field
has one right value, which a response gives on a line of its own as `Name: value`.
"""

import random

from quintain.packs.extraction import FIELD_TASK
from quintain.packs.groups import Case, Group
from quintain.packs.stock import Situations, World
from quintain.records import Rule


def situation_group(situations: Situations, rng: random.Random) -> Group | None:
    """Draw a group about a small world.

    Args:
        situations: What it is drawn from.
        rng: Source of the draws.

    Returns:
        The group; None when a fact changes nothing that was asked before, or the world has no answer.
    """
    world = _draw_world(situations, rng)
    if world is None:
        return None
    return Group(
        "situation",
        world.source,
        tuple(_case(world, level, situations.closing, rng) for level in range(1, 6)),
    )


def _draw_world(situations: Situations, rng: random.Random) -> World | None:
    draw = rng.choice(situations.worlds)
    worlds = (draw(rng) for _ in range(200))
    return next((world for world in worlds if world is not None and _every_fact_matters(world)), None)


def _every_fact_matters(world: World) -> bool:
    return all(world.fields(level)[: level - 1] != world.fields(level - 1) for level in range(2, 6))


def _case(world: World, level: int, closing: str, rng: random.Random) -> Case:
    fields = world.fields(level)

    def response(broken: int | None) -> str:
        return "\n".join(
            f"{name}: {rng.choice(world.wrong(name, right)) if i == broken else right}"
            for i, (name, right) in enumerate(fields)
        )

    return Case(
        instruction=" ".join((*world.facts()[:level], closing)),
        rules=tuple(Rule(kind="field", value=f"{name}|{right}") for name, right in fields),
        target=FIELD_TASK,
        witness=response(None),
        mutants=tuple(response(i) for i in range(level)),
    )
