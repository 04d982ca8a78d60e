"""Rows of two local tasks: arithmetic in words, and facts about facts with choices."""

import random
from collections.abc import Iterator
from typing import Any

from quintain.almanac.lookup import look_up, through
from quintain.almanac.phrasing import RELATIONS
from quintain.almanac.world import World

_OPERATIONS = {
    "plus": ("What is {a} plus {b}?", "Add {b} to {a}."),
    "minus": ("What is {a} minus {b}?", "Take {b} from {a}."),
    "times": ("What is {a} times {b}?", "Multiply {a} by {b}."),
}
_LARGEST = {"plus": 99, "minus": 99, "times": 12}
_CHOICES = 4
_HOPS = [
    (first, kind, relation) for first, kind in (("mayor", "person"), ("river", "river")) for relation in RELATIONS[kind]
]
"""Relation of a town → kind of its value → what is asked of that."""


def arithmetic_rows(count: int, seed: int) -> list[dict[str, str]]:
    """Draw questions about two numbers, each once.

    Args:
        count: Most questions.
        seed: Seed of the draws.

    Returns:
        Rows with `question` and `answer`; the three operations in turn, no answer below zero.

    >>> arithmetic_rows(1, seed=0)[0].keys() == {"question", "answer"}
    True
    """
    rng = random.Random(seed)
    share = -(-count // len(_OPERATIONS))
    drawn = []
    for operation in _OPERATIONS:
        every = list(_questions(operation))
        drawn.append(rng.sample(every, min(share, len(every))))
    rows = [rows[turn] for turn in range(share) for rows in drawn if turn < len(rows)]
    return [{"question": question, "answer": str(result)} for question, result in rows[:count]]


def _questions(operation: str) -> Iterator[tuple[str, int]]:
    """Every question of an operation, and its result."""
    for a in range(1, _LARGEST[operation] + 1):
        for b in range(1, a + 1):
            result = {"plus": a + b, "minus": a - b, "times": a * b}[operation]
            for wording in _OPERATIONS[operation]:
                yield wording.format(a=a, b=b), result


def two_hop_rows(world: World, count: int, seed: int) -> list[dict[str, Any]]:
    """Draw questions about a fact of what another fact names, each once, with values of the same kind to choose from.

    Args:
        world: Whose facts are asked for.
        count: Most questions.
        seed: Seed of the draws.

    Returns:
        Rows with `question`, `options` (four, or as many values as there are) and `gold`, the place of the right one.
    """
    rng = random.Random(seed)
    asked = [(town, *hop) for town in world.pools["town"] for hop in _HOPS]
    rows = []
    for town, first, kind, relation in rng.sample(asked, min(count, len(asked))):
        question = through(kind, relation, first, town)
        value = look_up(world, question)
        others = sorted({*world.pools[RELATIONS[kind][relation].pool]} - {value})
        options = [value, *rng.sample(others, min(_CHOICES - 1, len(others)))]
        rng.shuffle(options)
        rows.append({"question": question, "options": options, "gold": options.index(value)})
    return rows
