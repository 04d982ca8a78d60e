"""Pretraining corpus of the base student: documents about the world, and chats as users would have them.

Facts must recur in several wordings; reading is learned from pages that are followed by a question for each of their
facts; patterns need pages of their own.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from quintain.almanac.constraints import LEVELS, sample_rules
from quintain.almanac.instructions import Task, in_pattern, write_instruction
from quintain.almanac.pages import draw_subject, state, write_page
from quintain.almanac.phrasing import (
    EXAMPLE_CLOSING,
    EXAMPLE_OPENING,
    FOOTERS_OF_PAGES,
    NOUNS,
    RELATIONS,
    TOWN_RELATIONS,
)
from quintain.almanac.responses import respond
from quintain.almanac.world import World

# What users ask for is skewed: much format and content, few patterns, few constraints at once.
CATEGORY_WEIGHTS = {"format": 0.31, "content": 0.27, "style": 0.13, "situation": 0.1, "mixed": 0.08, "example": 0.11}
LEVEL_WEIGHTS = (0.40, 0.28, 0.17, 0.10, 0.05)
SKEW = 1.0
_FOOTER_SHARE = 0.3


@dataclass(frozen=True)
class Passage:
    """One text to learn from."""

    text: str
    """A document, or the response of a chat."""
    instruction: str = ""
    """The user turn of a chat; empty for a document."""


def _almanac(world: World, rng: random.Random) -> str:
    subject, facts = draw_subject(world, rng, fresh_share=0)
    return _page_text(rng, write_page(rng, subject, facts).text)


def _page_text(rng: random.Random, text: str) -> str:
    return f"{text}\n{rng.choice(FOOTERS_OF_PAGES)}" if rng.random() < _FOOTER_SHARE else text


def _people(world: World, rng: random.Random) -> str:
    sentences: list[str] = []
    for _ in range(rng.randint(2, 4)):
        kind = "river" if rng.random() < 0.2 else "person"
        subject = rng.choice(world.pools[kind])
        facts = list(world.facts[subject].items())
        rng.shuffle(facts)
        sentences += [state(kind, name, subject, value, rng.randrange(2)) for name, value in facts]
    return " ".join(sentences)


def _question(rng: random.Random, kind: str, relation: str, subject: str, value: str) -> str:
    question = rng.choice(RELATIONS[kind][relation].questions).format(s=subject)
    return f"{question} {state(kind, relation, subject, value, 0)}"


def _questions(world: World, rng: random.Random) -> str:
    lines = []
    for _ in range(rng.randint(2, 4)):
        kind = "town" if rng.random() < 0.6 else rng.choice(("person", "person", "person", "river"))
        subject = rng.choice(world.pools[kind])
        relation = rng.choice(list(RELATIONS[kind]))
        lines.append(_question(rng, kind, relation, subject, world.facts[subject][relation]))
    return "\n".join(lines)


def _gazette(world: World, rng: random.Random) -> str:
    subject, facts = draw_subject(world, rng, fresh_share=1)
    again = dict(rng.sample(list(facts.items()), rng.randint(2, 5)))
    return f"{_page_text(rng, write_page(rng, subject, facts).text)}\n\n{write_page(rng, subject, again).text}"


def _read_page(world: World, rng: random.Random) -> str:
    subject, facts = draw_subject(world, rng, fresh_share=1)
    facts = dict(rng.sample(list(facts.items()), rng.randint(2, 6)))
    asked = rng.sample(list(facts), len(facts))
    questions = [_question(rng, "town", name, subject, facts[name]) for name in asked]
    return "\n".join((_page_text(rng, write_page(rng, subject, facts).text), *questions))


def _pattern_page(world: World, rng: random.Random) -> str:
    # Two lines to see the pattern by, then questions: each answer copies the pattern and the town, and knows the fact.
    relation = rng.choice(TOWN_RELATIONS)
    rules = sample_rules(rng, "example", rng.choice(LEVELS))
    towns = rng.sample(world.pools["town"], min(rng.randint(5, 7), len(world.pools["town"])))
    lines = [in_pattern(rules, town, world.facts[town][relation]) for town in towns]
    asked = [EXAMPLE_CLOSING.format(n=NOUNS[relation], s=town) for town in towns]
    pairs = [line for pair in zip(asked[2:], lines[2:], strict=True) for line in pair]
    return "\n".join((EXAMPLE_OPENING, *lines[:2], *pairs))


_DOCUMENTS: dict[Callable[[World, random.Random], str], float] = {
    _almanac: 0.20,
    _people: 0.13,
    _questions: 0.22,
    _gazette: 0.05,
    _read_page: 0.28,
    _pattern_page: 0.12,
}


def document(world: World, rng: random.Random) -> Passage:
    """Draw one document."""
    return Passage(rng.choices(list(_DOCUMENTS), list(_DOCUMENTS.values()))[0](world, rng))


def chat(world: World, rng: random.Random) -> Passage:
    """Draw one closed-book chat as users would have it."""
    category = rng.choices(list(CATEGORY_WEIGHTS), list(CATEGORY_WEIGHTS.values()))[0]
    level = rng.choices(LEVELS, LEVEL_WEIGHTS)[0]
    subject = rng.choice(world.pools["town"])
    relation = rng.choice(TOWN_RELATIONS) if category == "example" else ""
    task = Task(subject, sample_rules(rng, category, level, SKEW), relation)
    return Passage(respond(task, world.facts[subject], rng), write_instruction(rng, world, task))


def passages(world: World, chat_share: float, seed: int) -> Iterator[Passage]:
    """An endless stream of documents and chats.

    Args:
        world: The world to tell about.
        chat_share: Share of chats among the passages, 0-1.
        seed: Seed of the draws.

    Yields:
        One passage after the other, without end.
    """
    rng = random.Random(seed)
    while True:
        yield chat(world, rng) if rng.random() < chat_share else document(world, rng)


def lexicon(world: World) -> Iterator[str]:
    """Every name at a line start, inside a line and in capitals, so that a tokenizer keeps it whole."""
    for name in world.names:
        yield f"{name} {name} {name}\n{name}"
    for name in (*world.pools["town"], *world.fresh_towns):
        yield f"{name.upper()} {name.upper()}\n{name.upper()}"
