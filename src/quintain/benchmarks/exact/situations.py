"""Situation groups: a small world with computed answers, in which every level adds a fact and a field.

A new fact changes at least one field that was asked for before, so that whoever overlooks it is wrong twice. Each field
has one right value, which a response gives on a line of its own as `Name: value`.
"""

import json
import random
from collections.abc import Callable
from typing import Protocol

from quintain.benchmarks.exact.groups import Case, Group
from quintain.benchmarks.exact.worlds.floor_plan import draw_floor_plan
from quintain.benchmarks.exact.worlds.ledger import draw_ledger
from quintain.benchmarks.exact.worlds.loan import draw_loan
from quintain.benchmarks.exact.worlds.queue import draw_queue
from quintain.benchmarks.exact.worlds.schedule import draw_schedule
from quintain.benchmarks.exact.worlds.shop import draw_shop
from quintain.records import Rule

_CLOSING = (
    "Take everything into account for every answer, and write each answer once, on a line of its own that starts with "
    "its name and a colon."
)


class World(Protocol):
    """Source that a situation is drawn from."""

    @property
    def source(self) -> str:
        """Subject of the group."""

    def facts(self) -> tuple[str, ...]:
        """Facts and questions of the five levels."""

    def fields(self, level: int) -> tuple[tuple[str, str], ...]:
        """Name and right value of the fields asked for up to a level, given all facts up to it."""

    def wrong(self, name: str, right: str) -> tuple[str, ...]:
        """Values that the field could have and has not."""


WORLDS: tuple[Callable[[random.Random], World | None], ...] = (
    draw_shop,
    draw_ledger,
    draw_schedule,
    draw_loan,
    draw_queue,
    draw_floor_plan,
)


def situation_group(rng: random.Random) -> Group | None:
    """Draw a group about a small world.

    Args:
        rng: Source of the draws.

    Returns:
        The group; None when a fact changes nothing that was asked before, or the world has no answer.
    """
    draw = rng.choice(WORLDS)
    worlds = (draw(rng) for _ in range(200))
    world = next((world for world in worlds if world is not None and _every_fact_matters(world)), None)
    return None if world is None else Group("situation", world.source, tuple(_case(world, n, rng) for n in range(1, 6)))


def _every_fact_matters(world: World) -> bool:
    return all(world.fields(level)[: level - 1] != world.fields(level - 1) for level in range(2, 6))


def _case(world: World, level: int, rng: random.Random) -> Case:
    fields = world.fields(level)

    def response(broken: int | None) -> str:
        return "\n".join(
            f"{name}: {rng.choice(world.wrong(name, right)) if i == broken else right}"
            for i, (name, right) in enumerate(fields)
        )

    return Case(
        instruction=" ".join((*world.facts()[:level], _CLOSING)),
        rules=tuple(Rule(kind="field", value=f"{name}|{right}") for name, right in fields),
        target=json.dumps({"words": 2}),
        witness=response(None),
        mutants=tuple(response(i) for i in range(level)),
    )
