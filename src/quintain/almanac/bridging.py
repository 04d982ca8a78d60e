"""The oracle as bridger: say again what a response said, with its facts, order and wordings wherever they are legal."""

import random
import re

from quintain.almanac.checks import read
from quintain.almanac.instructions import Task
from quintain.almanac.phrasing import RELATIONS, TOWN_RELATIONS
from quintain.almanac.responses import respond
from quintain.almanac.world import Facts, World

GOOD_ENOUGH = "GOOD ENOUGH"
"""The reply to a response in which there is nothing to mend."""


def bridge(world: World, task: Task, facts: Facts, response: str, rng: random.Random) -> str:
    """Write the satisfying response that is closest to a given one in what it tells and how.

    Args:
        world: The world.
        task: What was asked.
        facts: The true facts of the subject.
        response: The response to mend.
        rng: Source of the choices that the response leaves open.

    Returns:
        A response that satisfies the task.
    """
    told = [name for name, _ in read(world, task.subject, facts, response).claims]
    relations = _legal(task, facts, list(dict.fromkeys(told)), rng)
    return respond(task, facts, rng, relations, _wordings(response))


def _legal(task: Task, facts: Facts, told: list[str], rng: random.Random) -> list[str]:
    """Relations that were told, less what must not be, and more where more is asked; in their order."""
    must = [rule.value for rule in task.rules if rule.kind == "mention"]
    banned = {rule.value for rule in task.rules if rule.kind == "omit"}
    order = [name for name in told if name in TOWN_RELATIONS and name in facts and name not in banned]
    order += [name for name in must if name not in order]
    count = next((int(rule.value) for rule in task.rules if rule.kind == "count"), max(1, len(order)))
    spare = [name for name in reversed(order) if name not in must]
    for name in spare[: max(0, len(order) - count)]:
        order.remove(name)
    free = [name for name in TOWN_RELATIONS if name in facts and name not in banned and name not in order]
    rng.shuffle(free)
    return order + free[: max(0, count - len(order))]


def _wordings(response: str) -> dict[str, int]:
    """Sentence form that stated each relation, recognised by the words around subject and value."""
    found: dict[str, int] = {}
    for name, relation in RELATIONS["town"].items():
        for number, sentence in enumerate(relation.sentences):
            parts = [re.escape(part) for part in re.split(r"\{[sv]\}", sentence.removesuffix("."))]
            if re.search(r"\w+".join(parts), response, re.IGNORECASE):
                found[name] = number
    return found
