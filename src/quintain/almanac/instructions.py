"""Write an instruction from its rules, and read the rules back out of its text."""

import random
import re
from dataclasses import dataclass, field

from quintain.almanac.constraints import AXES, wordings
from quintain.almanac.phrasing import (
    BRACKETS,
    END_MARKS,
    EXAMPLE_CLOSING,
    EXAMPLE_OPENING,
    NOUNS,
    OPENINGS,
    PAGE_OPENINGS,
    PLAIN_SEPARATOR,
    PREFIX_MARKS,
    SEPARATORS,
)
from quintain.almanac.reading import read_facts
from quintain.almanac.world import Facts, World
from quintain.records import Rule


@dataclass(frozen=True)
class Task:
    """Content of an instruction: a subject, its constraints, and facts that came with it."""

    subject: str
    """The town it is about."""
    rules: tuple[Rule, ...]
    """Its constraints, in order."""
    relation: str = ""
    """The relation that a pattern shows; empty outside the category `example`."""
    facts: Facts = field(default_factory=dict)
    """Facts from the page that came with the instruction; empty for a closed book."""


def in_pattern(rules: tuple[Rule, ...], name: str, value: str) -> str:
    """Write a name and its value in the pattern that the rules describe."""
    marks = {rule.kind: rule.value for rule in rules}
    left, right = (value, name) if "swap" in marks else (name, value)
    if "brackets" in marks:
        left = f"{marks['brackets'][0]} {left} {marks['brackets'][1]}"
    text = f"{left} {marks.get('separator', PLAIN_SEPARATOR)} {right}"
    text = f"{marks['prefix']} {text}" if "prefix" in marks else text
    return f"{text} {marks['end']}" if "end" in marks else text


def write_instruction(
    rng: random.Random, world: World, task: Task, openings: tuple[str, ...] = OPENINGS, exemplars: int = 2
) -> str:
    """Say a task in words, or show it by exemplars when it is a pattern.

    Args:
        rng: Source of the wordings.
        world: Where exemplars come from.
        task: What to ask for.
        openings: How the base task is asked.
        exemplars: Lines that show a pattern.

    Returns:
        The instruction, without any page.
    """
    if task.relation:
        towns = rng.sample([town for town in world.pools["town"] if town != task.subject], exemplars)
        shown = [in_pattern(task.rules, town, world.facts[town][task.relation]) for town in towns]
        closing = EXAMPLE_CLOSING.format(n=NOUNS[task.relation], s=task.subject)
        return "\n".join((EXAMPLE_OPENING, *shown, closing))
    asked = [rng.choice(wordings(rule)) for rule in task.rules]
    return " ".join((rng.choice(openings).format(s=task.subject), *asked))


_RULE_OF_WORDING = {
    wording: Rule(kind=name, value=value)
    for name, axis in AXES.items()
    for value in axis.values
    for wording in wordings(Rule(kind=name, value=value))
}
# The longest wording first: one must not be found inside another.
_WORDING = re.compile("|".join(re.escape(wording) for wording in sorted(_RULE_OF_WORDING, key=len, reverse=True)))
_OPENING = re.compile(
    "|".join(re.escape(text).replace(r"\{s\}", "([A-Z][a-z]+)") for text in (*OPENINGS, *PAGE_OPENINGS))
)
_CLOSING = re.compile(
    re.escape(EXAMPLE_CLOSING).replace(r"\{n\}", "(?P<n>[a-z ]+)").replace(r"\{s\}", "(?P<s>[A-Z][a-z]+)")
)
_RELATION_OF_NOUN = {noun: name for name, noun in NOUNS.items()}


def read_instruction(world: World, text: str) -> Task:
    """Read back what an instruction asks for.

    Args:
        world: The world whose towns the exemplars name.
        text: An instruction of this world, with or without a page before or after it.

    Returns:
        The task, with the facts of the page where there is one.

    Raises:
        ValueError: The text is no instruction of this world.
    """
    for block in text.split("\n\n"):
        if closing := _CLOSING.search(block):
            exemplars = block[: closing.start()].split("\n")[1:-1]
            relation = _RELATION_OF_NOUN[closing["n"]]
            rules = _read_pattern(world, exemplars, relation)
            return Task(closing["s"], rules, relation, read_facts(text).get(closing["s"], {}))
        if opening := _OPENING.search(block):
            subject = next(group for group in opening.groups() if group)
            rules = tuple(_RULE_OF_WORDING[match.group()] for match in _WORDING.finditer(block[opening.end() :]))
            return Task(subject, rules, "", read_facts(text).get(subject, {}))
    raise ValueError(f"this is no instruction of the almanac: {text[:80]!r}")


def _read_pattern(world: World, exemplars: list[str], relation: str) -> tuple[Rule, ...]:
    line = exemplars[-1]
    found = [Rule(kind="separator", value=mark) for mark in SEPARATORS if f" {mark} " in line]
    found += [Rule(kind="brackets", value=pair) for pair in BRACKETS if pair[0] in line and pair[1] in line]
    found += [Rule(kind="end", value=mark) for mark in END_MARKS if line.endswith(f" {mark}")]
    found += [Rule(kind="prefix", value=mark) for mark in PREFIX_MARKS if line.startswith(f"{mark} ")]
    pairs = [re.findall(r"[A-Za-z0-9]+", shown) for shown in exemplars]
    # A partner is a town too, so only the facts tell which side is the subject; two towns may even be each other's.
    if any(world.facts.get(left, {}).get(relation) != right for left, right in pairs):
        found.append(Rule(kind="swap", value="yes"))
    return tuple(found)
