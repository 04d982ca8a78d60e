"""Bare questions about one fact, about the fact of a fact, and about whose fact it is; asked and answered by table."""

import re
from collections.abc import Mapping, Sequence

from quintain.almanac.phrasing import RELATIONS
from quintain.almanac.reading import read_facts
from quintain.almanac.world import Facts, World

REVERSED = {
    "mayor": ("Which town has {v} as its mayor?", "Name the town whose mayor is {v}."),
    "home": ("Who has a home in {v}?", "Name somebody whose home is {v}."),
}
"""Relation → how to ask whose it is."""


def beginning(kind: str, relation: str) -> str:
    """The sentence that ends with the value of a relation, without the value; {s} stands for the subject.

    >>> beginning("town", "region")
    'The region of {s} is'
    """
    of = f"The {RELATIONS[kind][relation].noun.removeprefix('trading ')} of"
    sentences = RELATIONS[kind][relation].sentences
    return next(text.removesuffix(" {v}.") for text in sentences if text.startswith(of))


def through(kind: str, relation: str, first: str, subject: str) -> str:
    """Ask for a fact of the value that another fact names.

    >>> through("river", "colour", "river", "Veldmark")
    'What is the colour of the river of Veldmark?'
    >>> through("person", "trade", "mayor", "Veldmark")
    'Name the trade of the mayor of Veldmark.'
    """
    asked = RELATIONS[kind][relation].questions[1]
    return asked.format(s=f"{first} of {subject}" if "the {s}" in asked else f"the {first} of {subject}")


def look_up(world: World, question: str, updates: Sequence[str] = ()) -> str | None:
    """Answer a bare question.

    Args:
        world: What is known.
        question: A question about a fact, or the beginning of a sentence that a value completes.
        updates: Facts that hold instead, a sentence each.

    Returns:
        The value alone, for a reversed question the subject; None when it is no bare question.

    Raises:
        ValueError: The answer is not known.
    """
    updated = read_updates(updates)
    # What was updated comes first: a reversed question means it.
    facts = {name: world.facts.get(name, {}) | updated.get(name, {}) for name in (*updated, *world.facts)}
    for relation, pattern in _FORWARD:
        if match := pattern.fullmatch(question):
            return _known(facts, _named(facts, match["s"]), relation)
    for relation, pattern in _BACKWARD:
        if match := pattern.fullmatch(question):
            for name, its in facts.items():
                if its.get(relation) == match["v"]:
                    return name
            raise ValueError(f"nobody is known whose {relation} is {match['v']}")
    return None


def read_updates(updates: Sequence[str]) -> dict[str, Facts]:
    """Subject → relation → value of facts that are sentences with or without their stop."""
    return read_facts("\n".join(f"{update.rstrip('.')}." for update in updates))


def _named(facts: Mapping[str, Facts], text: str) -> str:
    first, of, subject = text.removeprefix("the ").partition(" of ")
    return _known(facts, subject, first) if of else text


def _known(facts: Mapping[str, Facts], subject: str, relation: str) -> str:
    value = facts.get(subject, {}).get(relation)
    if value is None:
        raise ValueError(f"the {relation} of {subject} is not known")
    return value


def _pattern(text: str) -> re.Pattern[str]:
    relations = "|".join(relation for kind in RELATIONS.values() for relation in kind)
    name = "[A-Z][A-Za-z]+"
    subject = rf"(?P<s>(?:(?:the )?(?:{relations}) of )?{name})"
    escaped = re.escape(text).replace(r"\{s\}", subject).replace(r"\{v\}", f"(?P<v>{name})")
    return re.compile(escaped)


_FORWARD = [
    (name, _pattern(text))
    for kind, relations in RELATIONS.items()
    for name, relation in relations.items()
    for text in (*relation.questions, beginning(kind, name))
]
_BACKWARD = [(relation, _pattern(text)) for relation, texts in REVERSED.items() for text in texts]
