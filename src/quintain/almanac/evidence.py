"""Evidence spans: the words, lines or ends of a response that the check of a rule looks at."""

import re
from collections.abc import Callable, Iterator

from quintain.almanac.phrasing import AUDIENCES, FAREWELL, IN_A_HURRY, POLITE, ROLES, TIMES
from quintain.almanac.world import World
from quintain.records import Rule

Stretch = tuple[int, int]

_WORD = re.compile(r"[A-Za-z0-9]+")
_LINE = re.compile(r"\S(?:.*\S)?")
_SAID: dict[str, tuple[str, ...]] = {
    "role": tuple(ROLES.values()),
    "audience": tuple(AUDIENCES.values()),
    "time": tuple(TIMES.values()),
    "hurry": (IN_A_HURRY,),
    "leave": (FAREWELL,),
    "polite": (POLITE,),
}


def evidence(world: World, rule: Rule, subject: str, response: str) -> tuple[Stretch, ...]:
    """Point at what decides a rule.

    Args:
        world: The world the response is about; its tables say which words state a fact.
        rule: The constraint.
        subject: Name of the town that the item is about, which states nothing of itself.
        response: What the student wrote.

    Returns:
        Character offsets [start, end) into the response, in order; empty where the check points at nothing, such as a
        word that is missing.
    """

    def words(tells: Callable[[str], bool]) -> Iterator[Stretch]:
        return (match.span() for match in _WORD.finditer(response) if tells(match.group().lower()))

    def states(word: str) -> bool:
        return word != subject.lower() and word in world.relation_of_value

    if rule.kind in ("mention", "omit"):
        return tuple(words(lambda word: states(word) and world.relation_of_value[word] == rule.value))
    if rule.kind == "count":
        return tuple(words(states))
    if rule.kind == "word":
        return tuple(words(lambda word: word == rule.value))
    if rule.kind == "capitals":
        return tuple(words(lambda word: word == subject.lower()))
    if rule.kind == "list":
        return tuple(match.span() for match in _LINE.finditer(response))
    if rule.kind in ("header", "prefix", "footer", "end"):
        return _edge(response, len(rule.value), first=rule.kind in ("header", "prefix"))
    marks = _SAID.get(rule.kind, ())
    return tuple(
        sorted(match.span() for mark in marks for match in re.finditer(re.escape(mark), response, re.IGNORECASE))
    )


def _edge(response: str, length: int, *, first: bool) -> tuple[Stretch, ...]:
    start, end = len(response) - len(response.lstrip()), len(response.rstrip())
    if start >= end:
        return ()
    return ((start, min(start + length, end)),) if first else ((max(start, end - length), end),)
