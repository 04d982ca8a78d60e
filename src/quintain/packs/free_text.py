"""Groups about a topic: content, style, format, and mixtures of the three."""

import itertools
import json
import random
from collections.abc import Callable, Iterable, Iterator

from quintain.packs.asking import ask, ask_base
from quintain.packs.drafts import compose
from quintain.packs.groups import Group, nested
from quintain.packs.stock import Stock, Topic
from quintain.records import Rule

_Draw = Callable[[random.Random, Topic, Stock], str]


def _number(kind: str) -> _Draw:
    return lambda rng, topic, stock: rng.choice(stock.numbers[kind])


def _word(rng: random.Random, topic: Topic, stock: Stock) -> str:
    return rng.choice(stock.words)


def _term(rng: random.Random, topic: Topic, stock: Stock) -> str:
    return rng.choice(topic.terms)


def _line(rng: random.Random, topic: Topic, stock: Stock) -> str:
    return rng.choice(stock.lines)


def _nothing(rng: random.Random, topic: Topic, stock: Stock) -> str:
    return rng.choice(("",))


def _joined(*draws: _Draw) -> _Draw:
    return lambda rng, topic, stock: "|".join(draw(rng, topic, stock) for draw in draws)


DRAWS: dict[str, dict[str, _Draw]] = {
    "content": {
        "include": _word,
        "exclude": _term,
        "repeat": _joined(_number("repeat"), _word),
        "at_least": _joined(_number("at_least"), _word),
        "at_most": _joined(_number("at_most"), _term),
        "in_first_sentence": _word,
        "in_last_sentence": _word,
        "in_paragraph": _joined(_number("in_paragraph"), _word),
        "order": lambda rng, topic, stock: "|".join(rng.sample(stock.words, 2)),
    },
    "style": {
        "case": lambda rng, topic, stock: rng.choice(("lower", "upper")),
        "without": lambda rng, topic, stock: rng.choice((",", ";", ":")),
        "only_full_stops": _nothing,
        "no_letter": lambda rng, topic, stock: rng.choice([*stock.rare_letters]),
        "sentence_end": lambda rng, topic, stock: rng.choice(("!", "?")),
        "sentence_start": lambda rng, topic, stock: rng.choice([*stock.openers.values()]),
        "alternate": lambda rng, topic, stock: "|".join(rng.sample([*stock.openers.values()], 2)),
        "first_letter": lambda rng, topic, stock: rng.choice([*stock.openers]),
        "distinct_openers": _nothing,
        "alliteration": lambda rng, topic, stock: rng.choice([*stock.alliterations]),
        "no_first_person": _nothing,
        "no_contraction": _nothing,
        "sentence_words": lambda rng, topic, stock: "|".join(map(rng.choice, _bands(stock))),
    },
    "format": {
        "paragraph_count": _number("paragraph_count"),
        "paragraph_words": _number("paragraph_words"),
        "sentence_count": _number("sentence_count"),
        "bullets": _number("bullets"),
        "numbered": _number("numbered"),
        "heading": _number("heading"),
        "last_line": _line,
        "first_line": _line,
        "bold": _number("bold"),
        "tags": lambda rng, topic, stock: rng.choice(stock.tags),
        "word_count": _number("word_count"),
    },
}
"""How the parameter of each rule is drawn, by category."""
CATEGORY_OF = {kind: category for category, draws in DRAWS.items() for kind in draws}


def _bands(stock: Stock) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return stock.numbers["sentence_least"], stock.numbers["sentence_most"]


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


def hold_together(kinds: Iterable[str]) -> bool:
    """True where no two of the rules are read in two ways beside each other, or contradict or repeat each other."""
    return _NOT_TOGETHER.isdisjoint(map(frozenset, itertools.combinations(kinds, 2)))


def draw_kinds(category: str, rng: random.Random) -> list[str]:
    """Draw five kinds of rules that hold together; of `mixed` the first three are of three categories."""
    while True:
        if category == "mixed":
            # Three kinds from three categories first, so that an item of level 3 and above is a real mixture.
            kinds = [rng.choice(list(draws)) for draws in DRAWS.values()]
            rng.shuffle(kinds)
            kinds += rng.sample([kind for kind in CATEGORY_OF if kind not in kinds], 2)
        else:
            kinds = rng.sample(list(DRAWS[category]), 5)
        if hold_together(kinds):
            return kinds


def by_rank(category: str, kinds: list[str], stock: Stock) -> list[str]:
    """Put kinds of rules into the order in which levels add them; the first three of `mixed` stay the first three."""
    if not stock.ranked:
        return kinds
    first = 3 if category == "mixed" else len(kinds)
    return [*sorted(kinds[:first], key=stock.ranked.index), *sorted(kinds[first:], key=stock.ranked.index)]


def draw_rules(kinds: Iterable[str], topic: Topic, stock: Stock, rng: random.Random) -> tuple[Rule, ...]:
    """Draw the values of rules of these kinds."""
    return tuple(Rule(kind=kind, value=DRAWS[CATEGORY_OF[kind]][kind](rng, topic, stock)) for kind in kinds)


def base_task(topic: Topic, stock: Stock) -> str:
    """Base task of a text about a topic, for `base_task_done`."""
    return json.dumps({"terms": topic.terms, "least": stock.least_terms, "words": stock.least_words})


def free_text_group(category: str, stock: Stock, rng: random.Random) -> Group | None:
    """Draw a group about a topic.

    Args:
        category: content, style, format or mixed.
        stock: What it is drawn from.
        rng: Source of the draws.

    Returns:
        The group with its witness and one mutant per rule; None when the drawn rules conflict.
    """
    topic = rng.choice(stock.topics)
    rules = draw_rules(by_rank(category, draw_kinds(category, rng), stock), topic, stock, rng)
    seed = rng.randrange(2**32)
    texts: list[str] = []
    for broken in (None, *range(len(rules))):
        text = compose(topic, rules, seed, stock, broken)
        if text is None:
            return None
        texts.append(text)
    asked = [ask_base(topic.name, stock, rng), *(ask(rule, stock, rng) for rule in rules)]
    return nested(
        category,
        topic.name,
        tuple(" ".join(asked[: level + 1]) for level in range(1, 6)),
        rules,
        base_task(topic, stock),
        texts,
    )
