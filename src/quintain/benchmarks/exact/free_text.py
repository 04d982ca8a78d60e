"""Groups about a topic: content, style, format, and mixtures of the three."""

import itertools
import json
import random
from collections.abc import Callable, Iterator

from quintain.benchmarks.exact.drafts import ALLITERATIONS, OPENERS, RARE_LETTERS, compose
from quintain.benchmarks.exact.groups import Group, nested
from quintain.benchmarks.exact.topics import NEUTRAL_WORDS, TOPICS, Topic
from quintain.benchmarks.exact.wordings import ask, ask_base
from quintain.records import Rule

LEAST_WORDS = 20
"""Words that every text must have; the instruction says so."""
LEAST_TERMS = 2
"""Words of the topic that a text about it cannot do without."""
_LINES = (
    "That is all for now.",
    "More tomorrow.",
    "Thank you for reading.",
    "Good to know.",
    "Now you know it.",
    "Questions are welcome.",
)
_TAGS = ("note", "key", "tip", "main", "fact")

_Draw = Callable[[random.Random, Topic], str]


def _one_of(*values: str) -> _Draw:
    return lambda rng, topic: rng.choice(values)


DRAWS: dict[str, dict[str, _Draw]] = {
    "content": {
        "include": _one_of(*NEUTRAL_WORDS),
        "exclude": lambda rng, topic: rng.choice(topic.terms),
        "repeat": lambda rng, topic: f"{rng.choice((2, 3))}|{rng.choice(NEUTRAL_WORDS)}",
        "at_least": lambda rng, topic: f"{rng.choice((2, 3))}|{rng.choice(NEUTRAL_WORDS)}",
        "at_most": lambda rng, topic: f"{rng.choice((1, 2))}|{rng.choice(topic.terms)}",
        "in_first_sentence": _one_of(*NEUTRAL_WORDS),
        "in_last_sentence": _one_of(*NEUTRAL_WORDS),
        "in_paragraph": lambda rng, topic: f"{rng.choice((1, 2))}|{rng.choice(NEUTRAL_WORDS)}",
        "order": lambda rng, topic: "|".join(rng.sample(NEUTRAL_WORDS, 2)),
    },
    "style": {
        "case": _one_of("lower", "upper"),
        "without": _one_of(",", ";", ":"),
        "only_full_stops": _one_of(""),
        "no_letter": _one_of(*RARE_LETTERS),
        "sentence_end": _one_of("!", "?"),
        "sentence_start": _one_of(*OPENERS.values()),
        "alternate": lambda rng, topic: "|".join(rng.sample([*OPENERS.values()], 2)),
        "first_letter": _one_of(*OPENERS),
        "distinct_openers": _one_of(""),
        "alliteration": _one_of(*ALLITERATIONS),
        "no_first_person": _one_of(""),
        "no_contraction": _one_of(""),
        "sentence_words": lambda rng, topic: f"{rng.choice((3, 4, 5))}|{rng.choice((12, 14, 16))}",
    },
    "format": {
        "paragraph_count": _one_of("2", "3", "4"),
        "paragraph_words": _one_of("8|35", "10|40", "12|45"),
        "sentence_count": _one_of("4", "5", "6", "7"),
        "bullets": _one_of("2", "3", "4"),
        "numbered": _one_of("2", "3", "4"),
        "heading": _one_of("1", "2", "3"),
        "last_line": _one_of(*_LINES),
        "first_line": _one_of(*_LINES),
        "bold": _one_of("2", "3", "4"),
        "tags": _one_of(*_TAGS),
        "word_count": _one_of("30|60", "35|70", "40|80", "40|90"),
    },
}
"""How the parameter of each rule is drawn, by category."""
CATEGORY_OF = {kind: category for category, draws in DRAWS.items() for kind in draws}


def _pairs(first: str, second: str) -> Iterator[frozenset[str]]:
    return map(frozenset, itertools.product(first.split(), second.split()))


# Rules that hold together but that a careful person can read in two ways: is a fixed line a paragraph, an item a
# sentence? And rules of which one contradicts the other or says it again.
_NOT_TOGETHER = {
    *_pairs("paragraph_count paragraph_words in_paragraph", "first_line last_line"),
    *_pairs("sentence_count in_last_sentence", "bullets numbered first_line last_line"),
    *_pairs("sentence_start alternate first_letter distinct_openers alliteration sentence_words", "bullets numbered"),
    *_pairs("paragraph_words", "bullets numbered"),
    *_pairs("only_full_stops", "without sentence_end no_contraction"),
    *_pairs("sentence_start alternate first_letter", "distinct_openers"),
    *_pairs("sentence_start", "alternate first_letter"),
    *_pairs("alternate", "first_letter"),
    *_pairs("heading", "first_line"),
    *_pairs("case", "sentence_start alternate first_letter"),
    *_pairs("paragraph_words", "word_count"),
}


def _kinds(category: str, rng: random.Random) -> list[str]:
    while True:
        if category == "mixed":
            # Three kinds from three categories first, so that an item of level 3 and above is a real mixture.
            kinds = [rng.choice(list(draws)) for draws in DRAWS.values()]
            rng.shuffle(kinds)
            kinds += rng.sample([kind for kind in CATEGORY_OF if kind not in kinds], 2)
        else:
            kinds = rng.sample(list(DRAWS[category]), 5)
        if _NOT_TOGETHER.isdisjoint(map(frozenset, itertools.combinations(kinds, 2))):
            return kinds


def free_text_group(category: str, rng: random.Random) -> Group | None:
    """Draw a group about a topic.

    Args:
        category: content, style, format or mixed.
        rng: Source of the draws.

    Returns:
        The group with its witness and one mutant per rule; None when the drawn rules conflict.
    """
    topic = rng.choice(TOPICS)
    rules = tuple(Rule(kind=kind, value=DRAWS[CATEGORY_OF[kind]][kind](rng, topic)) for kind in _kinds(category, rng))
    seed = rng.randrange(2**32)
    texts: list[str] = []
    for broken in (None, *range(len(rules))):
        text = compose(topic, rules, seed, broken)
        if text is None:
            return None
        texts.append(text)
    asked = [ask_base(topic.name, LEAST_WORDS, rng), *(ask(rule, rng) for rule in rules)]
    return nested(
        category,
        topic.name,
        tuple(" ".join(asked[: level + 1]) for level in range(1, 6)),
        rules,
        json.dumps({"terms": topic.terms, "least": LEAST_TERMS, "words": LEAST_WORDS}),
        texts,
    )
