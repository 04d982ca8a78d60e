"""Groups about a topic: content, style, format, and mixtures of the three."""

import json
import random
from collections.abc import Callable

from quintain.packs.drafts import compose
from quintain.packs.groups import Group
from quintain.packs.topics import NEUTRAL_WORDS, TOPICS, Topic
from quintain.packs.wordings import ask, ask_base
from quintain.records import Rule

_OPENERS = ("Truly", "Clearly", "Naturally", "Indeed", "Often")
_LINES = ("That is all for now.", "More tomorrow.", "Thank you for reading.", "Here we go.", "Good to know.")
_LEAST_WORDS = 15

_DRAWS: dict[str, dict[str, Callable[[random.Random, Topic], str]]] = {
    "content": {
        "include": lambda rng, topic: rng.choice(NEUTRAL_WORDS),
        "exclude": lambda rng, topic: rng.choice(topic.terms),
        "repeat": lambda rng, topic: f"{rng.choice((2, 3))}|{rng.choice(NEUTRAL_WORDS)}",
        "in_first_sentence": lambda rng, topic: rng.choice(NEUTRAL_WORDS),
        "order": lambda rng, topic: "|".join(rng.sample(NEUTRAL_WORDS, 2)),
    },
    "style": {
        "case": lambda rng, topic: rng.choice(("lower", "upper")),
        "without": lambda rng, topic: rng.choice((",", ";", ":")),
        "sentence_end": lambda rng, topic: rng.choice(("!", "?")),
        "sentence_start": lambda rng, topic: rng.choice(_OPENERS),
        "no_first_person": lambda rng, topic: "",
        "no_contraction": lambda rng, topic: "",
        "sentence_words": lambda rng, topic: f"{rng.choice((3, 4, 5))}|{rng.choice((12, 14, 16))}",
    },
    "format": {
        "paragraph_count": lambda rng, topic: str(rng.choice((2, 3))),
        "sentence_count": lambda rng, topic: str(rng.choice((6, 7, 8))),
        "bullets": lambda rng, topic: str(rng.choice((2, 3, 4))),
        "numbered": lambda rng, topic: str(rng.choice((2, 3, 4))),
        "heading": lambda rng, topic: str(rng.choice((1, 2, 3))),
        "last_line": lambda rng, topic: rng.choice(_LINES),
        "first_line": lambda rng, topic: rng.choice(_LINES),
        "bold": lambda rng, topic: str(rng.choice((1, 2, 3))),
        "word_count": lambda rng, topic: rng.choice(("30|60", "35|70", "40|90")),
    },
}
_CATEGORY_OF = {kind: category for category, draws in _DRAWS.items() for kind in draws}


def _kinds(category: str, rng: random.Random) -> list[str]:
    if category != "mixed":
        return rng.sample(list(_DRAWS[category]), 5)
    # Three kinds from three categories first, so that an item of level 3 and above is a real mixture.
    kinds = [rng.choice(list(draws)) for draws in _DRAWS.values()]
    rng.shuffle(kinds)
    return kinds + rng.sample([kind for kind in _CATEGORY_OF if kind not in kinds], 2)


def free_text_group(category: str, rng: random.Random) -> Group | None:
    """Draw a group about a topic.

    Args:
        category: content, style, format or mixed.
        rng: Source of the draws.

    Returns:
        The group with its witness and one mutant per rule; None when the drawn rules conflict.
    """
    topic = rng.choice(TOPICS)
    draws = {kind: draw for group in _DRAWS.values() for kind, draw in group.items()}
    rules = tuple(Rule(kind=kind, value=draws[kind](rng, topic)) for kind in _kinds(category, rng))
    seed = rng.randrange(2**32)
    texts = [compose(topic, rules, seed, broken) for broken in (None, *range(len(rules)))]
    if None in texts:
        return None
    witness, *mutants = (text for text in texts if text is not None)
    asked = [ask(rule, rng) for rule in rules]
    base = ask_base(topic.name, rng)
    return Group(
        category=category,
        source=topic.name,
        instructions=tuple(" ".join((base, *asked[:level])) for level in range(1, 6)),
        rules=rules,
        target=json.dumps({"terms": topic.terms, "least": 2, "words": _LEAST_WORDS}),
        witness=witness,
        mutants=tuple(mutants),
    )
