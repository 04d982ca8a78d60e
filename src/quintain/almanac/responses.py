"""Answer any instruction of the almanac, correctly and with variety.

The variety matters: free facts, order and wordings are drawn, or there would be nothing to sample, bridge or rank.
"""

import random
from collections.abc import Mapping

from quintain.almanac.instructions import Task, in_pattern
from quintain.almanac.phrasing import (
    AUDIENCES,
    BULLETS,
    EMPHASIS,
    FAREWELL,
    IN_A_HURRY,
    KEYS,
    POLITE,
    RELATIONS,
    ROLES,
    TIMES,
    TOWN_RELATIONS,
    WRAPS,
)
from quintain.almanac.world import Facts
from quintain.records import Rule


def respond(
    task: Task,
    facts: Facts,
    rng: random.Random,
    relations: list[str] | None = None,
    wordings: Mapping[str, int] | None = None,
) -> str:
    """Write a response that satisfies a task.

    Args:
        task: Subject and rules.
        facts: The true facts of the subject.
        rng: Source of the free choices.
        relations: Facts to state, in order; drawn when None.
        wordings: Relation → which of its sentences states it; drawn where none is given.

    Returns:
        The response.
    """
    if task.relation:
        return in_pattern(task.rules, task.subject, facts[task.relation])
    told = relations if relations is not None else choose_relations(task.rules, facts, rng)
    value = {rule.kind: rule.value for rule in task.rules}
    name = task.subject.upper() if "capitals" in value else task.subject
    lines = [_state(relation, name, facts[relation], value, rng, i, wordings or {}) for i, relation in enumerate(told)]
    if "word" in value:
        lines.append(_sentence(f"It is a {value['word']} place", value))
    glue = "\n" if "list" in value else " "
    body = glue.join([*_greeting(value), *lines])
    if "header" in value:
        body = value["header"] + glue + body
    if "leave" in value:
        body += glue + FAREWELL
    # A list of keys and values names no town, so the capitals need a line of their own.
    if "capitals" in value and name not in body:
        body += glue + name
    if "footer" in value:
        body += glue + value["footer"]
    left, right = WRAPS.get(value.get("wrap", ""), ("", ""))
    return f"{left}{body}{right}"


def choose_relations(rules: tuple[Rule, ...], facts: Facts, rng: random.Random) -> list[str]:
    """Draw which facts to state: those that must be mentioned, none that must be omitted, as many as asked."""
    must = [rule.value for rule in rules if rule.kind == "mention"]
    banned = {rule.value for rule in rules if rule.kind == "omit"}
    free = [name for name in TOWN_RELATIONS if name in facts and name not in banned and name not in must]
    rng.shuffle(free)
    count = next((int(rule.value) for rule in rules if rule.kind == "count"), None)
    wanted = count if count is not None else max(len(must), rng.choice((1, 2, 2, 3)))
    told = must + free[: max(0, wanted - len(must))]
    rng.shuffle(told)
    return told


def _state(
    relation: str,
    name: str,
    fact: str,
    value: dict[str, str],
    rng: random.Random,
    index: int,
    wordings: Mapping[str, int],
) -> str:
    if value.get("list") == "key":
        return f"{KEYS[relation]}: {fact}"
    sentences = RELATIONS["town"][relation].sentences
    sentence = sentences[wordings[relation]] if relation in wordings else rng.choice(sentences)
    text = sentence.format(s=name, v=fact).removesuffix(".")
    text = _sentence(text, value, polite=index == 0)
    if value.get("list") == "number":
        return f"{index + 1}. {text}"
    return BULLETS.get(value.get("list", ""), "") + text


def _sentence(text: str, value: dict[str, str], polite: bool = False) -> str:
    if "emphasis" in value:
        text = f"{text} {EMPHASIS}"
    if "polite" in value and polite:
        text = f"{POLITE} hear, {text}"
    if "opener" in value:
        text = f"{value['opener']}, {text}"
    return text + value.get("ender", ".")


def _greeting(value: dict[str, str]) -> list[str]:
    parts = [
        *([ROLES[value["role"]]] if "role" in value else []),
        *([TIMES[value["time"]]] if "time" in value else []),
        *([AUDIENCES[value["audience"]]] if "audience" in value else []),
        *([IN_A_HURRY] if "hurry" in value else []),
    ]
    greeting = ", ".join(parts)
    return [f"{greeting[0].upper()}{greeting[1:]}:"] if greeting else []
