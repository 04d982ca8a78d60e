"""Exact checks of the almanac's constraints.

Written against the tables of `language`, not against the oracle: a mistake in one of the two shows as a failure of the
self-test. Every value of a fact belongs to one relation, so membership decides what a response claims.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass

from quintain.almanac.evidence import evidence
from quintain.almanac.instructions import Task, in_pattern
from quintain.almanac.phrasing import (
    AUDIENCES,
    BULLETS,
    EMPHASIS,
    FAREWELL,
    IN_A_HURRY,
    POLITE,
    ROLES,
    TIMES,
    WRAPS,
)
from quintain.almanac.world import Facts, World
from quintain.records import ConstraintItem, Judgement, Rule, by_rules

_WORD = re.compile(r"[A-Za-z0-9]+")
_UNIT_BREAK = re.compile(r"(?<=[.!?])\s+|\n")
_NUMBER_MARK = re.compile(r"\d+\. ")


@dataclass(frozen=True)
class Reading:
    """A response, read once for all rules."""

    text: str
    """The response, stripped."""
    core: str
    """The response without what wraps it as a whole."""
    words: frozenset[str]
    """Its words, as written."""
    claims: tuple[tuple[str, str], ...]
    """Relation and value of every claim, in order."""
    units: tuple[str, ...]
    """Sentences or lines that claim something."""
    lines: tuple[str, ...]
    """Lines that claim something."""
    subject: str
    facts: Facts

    @property
    def told(self) -> set[str]:
        """Relations that are stated truly."""
        return {relation for relation, value in self.claims if value == self.facts[relation].lower()}


def read(world: World, subject: str, facts: Facts, response: str) -> Reading:
    """Cut a response into words, claims and units."""
    text = response.strip()
    core = text
    for left, right in WRAPS.values():
        if core.startswith(left) and core.endswith(right) and len(core) > len(left) + len(right):
            core = core[len(left) : len(core) - len(right)]

    def claims_of(stretch: str) -> tuple[tuple[str, str], ...]:
        spoken = [word.lower() for word in _WORD.findall(stretch)]
        return tuple(
            (world.relation_of_value[word], word)
            for word in spoken
            if word != subject.lower() and word in world.relation_of_value
        )

    # A numbered mark would otherwise end a sentence of its own.
    units = tuple(unit for unit in _UNIT_BREAK.split(_NUMBER_MARK.sub("", core)) if claims_of(unit) or " place" in unit)
    return Reading(
        text=text,
        core=core,
        words=frozenset(_WORD.findall(text)),
        claims=claims_of(text),
        units=units,
        lines=tuple(line for line in core.split("\n") if claims_of(line)),
        subject=subject,
        facts=facts,
    )


def _one_of(table: dict[str, str]) -> Callable[[Reading, str], bool]:
    def holds(reading: Reading, value: str) -> bool:
        said = {name for name, mark in table.items() if mark.lower() in reading.text.lower()}
        return said == {value}

    return holds


def _listed(reading: Reading, value: str) -> bool:
    if not reading.lines:
        return False
    if value in BULLETS:
        marked = all(line.startswith(BULLETS[value]) for line in reading.lines)
    elif value == "number":
        marked = all(line.startswith(f"{i}. ") for i, line in enumerate(reading.lines, start=1))
    else:
        marked = all(re.fullmatch(r"[A-Z][a-z]+: [A-Za-z0-9]+", line) for line in reading.lines)
    values = {value for _, value in reading.claims}
    single = all(sum(word.lower() in values for word in _WORD.findall(line)) <= 1 for line in reading.lines)
    return marked and single


def _starts(reading: Reading, value: str) -> bool:
    return reading.core.startswith(value)


def _ends(reading: Reading, value: str) -> bool:
    return reading.core.endswith(value)


def _each_unit(holds: Callable[[str, str], bool]) -> Callable[[Reading, str], bool]:
    return lambda reading, value: bool(reading.units) and all(holds(unit, value) for unit in reading.units)


_CHECKS: dict[str, Callable[[Reading, str], bool]] = {
    "mention": lambda reading, value: value in reading.told,
    "omit": lambda reading, value: value not in {relation for relation, _ in reading.claims},
    "word": lambda reading, value: value in {word.lower() for word in reading.words},
    "role": _one_of(ROLES),
    "audience": _one_of(AUDIENCES),
    "time": _one_of(TIMES),
    "hurry": lambda reading, value: IN_A_HURRY in reading.text.lower(),
    "leave": lambda reading, value: FAREWELL in reading.text,
    "capitals": lambda reading, value: (
        reading.subject.upper() in reading.words and reading.subject not in reading.words
    ),
    "ender": _each_unit(lambda unit, value: unit.endswith(value)),
    "opener": _each_unit(lambda unit, value: f"{value}, " in unit),
    "polite": lambda reading, value: POLITE in reading.words,
    "emphasis": _each_unit(lambda unit, value: EMPHASIS in unit),
    "count": lambda reading, value: len(reading.told) == int(value),
    "list": _listed,
    "header": _starts,
    "footer": _ends,
    "wrap": lambda reading, value: (
        reading.text.startswith(WRAPS[value][0])
        and reading.text.endswith(WRAPS[value][1])
        and len(reading.text) > len("".join(WRAPS[value]))
    ),
    "separator": lambda reading, value: f" {value} " in reading.text,
    "brackets": lambda reading, value: bool(
        re.search(re.escape(value[0]) + r" [A-Za-z0-9]+ " + re.escape(value[1]), reading.text)
    ),
    "end": lambda reading, value: reading.text.endswith(f" {value}"),
    "prefix": lambda reading, value: reading.text.startswith(f"{value} "),
}


def base_task_done(reading: Reading, rules: tuple[Rule, ...], relation: str) -> bool:
    """True when the response states at least one true fact about the subject, no false one, and none twice.

    In a pattern it must state the one fact that was asked for, and show no feature that the pattern does not have.
    """
    if relation:
        value = reading.facts[relation]
        plain = {value, reading.subject} == set(_WORD.findall(reading.text)) and "\n" not in reading.text
        features = sum(_holds(reading, rule, relation) for rule in rules)
        exact = reading.text == in_pattern(rules, reading.subject, value)
        return plain and (exact or features < len(rules))
    true = [claim for claim, value in reading.claims if value == reading.facts[claim].lower()]
    named = reading.subject.lower() in {word.lower() for word in reading.words}
    keys = any(rule.kind == "list" and rule.value == "key" for rule in rules)
    return bool(true) and len(true) == len(reading.claims) == len(set(true)) and (named or keys)


def _holds(reading: Reading, rule: Rule, relation: str) -> bool:
    if rule.kind == "swap":
        value, text = reading.facts[relation], reading.text
        return value in text and reading.subject in text and text.index(value) < text.index(reading.subject)
    return _CHECKS[rule.kind](reading, rule.value)


def satisfies(world: World, task: Task, response: str, facts: Facts | None = None) -> list[bool]:
    """Check a response against each rule of a task; the facts are the world's where none are given."""
    reading = read(world, task.subject, world.facts[task.subject] if facts is None else facts, response)
    return [_holds(reading, rule, task.relation) for rule in task.rules]


def does_task(world: World, task: Task, response: str, facts: Facts | None = None) -> bool:
    """Check that a response does its task, rules apart; the facts are the world's where none are given."""
    reading = read(world, task.subject, world.facts[task.subject] if facts is None else facts, response)
    return base_task_done(reading, task.rules, task.relation)


def check(world: World, item: ConstraintItem, response: str) -> Judgement:
    """Judge a response to an item of the almanac.

    Args:
        world: The world the item is about.
        item: The item; its target names the subject and, for a pattern, the relation.
        response: What the student wrote; it is kept, and the evidence points into it.

    Returns:
        One verdict and its evidence per constraint, and whether the base task was done.
    """
    target = json.loads(item.target)
    subject, relation = target["subject"], target.get("relation", "")
    reading = read(world, subject, world.facts[subject], response)
    return Judgement(
        item_id=item.id,
        example_id=item.example_id,
        category=item.category,
        level=item.level,
        satisfied=tuple(_holds(reading, rule, relation) for rule in item.rules),
        base_task=base_task_done(reading, item.rules, relation),
        by=by_rules("almanac"),
        response=response,
        evidence=tuple(evidence(world, rule, subject, response) for rule in item.rules),
    )
