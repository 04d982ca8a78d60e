"""Exercises about a topic: a free text, a JSON object, or a table, with rules that are said one after the other."""

import random
from collections.abc import Sequence

from quintain.packs.asking import ask, ask_base, read_base, read_rules
from quintain.packs.drafts import compose
from quintain.packs.exercises.exercise import Exercise
from quintain.packs.free_text import CATEGORY_OF, base_task, draw_kinds, draw_rules
from quintain.packs.stock import Stock, Topic
from quintain.packs.structured import STRUCTURED, draw_object, draw_table, write_object, write_table
from quintain.packs.structured import base_task as structured_task
from quintain.records import Rule

_MOST_DRAWS = 200
_LEAST_ROWS, _MOST_ROWS = 3, 5


def draw_text(category: str, level: int, stock: Stock, rng: random.Random) -> Exercise:
    """Draw an exercise of free text.

    Args:
        category: content, style, format or mixed.
        level: Number of rules.
        stock: What it is drawn from.
        rng: Source of the draws.

    Returns:
        The exercise, not yet proved.
    """
    topic = rng.choice(stock.topics)
    return _asked(topic, draw_rules(draw_kinds(category, rng)[:level], topic, stock, rng), stock, rng)


def draw_structured(form: str, level: int, stock: Stock, rng: random.Random) -> Exercise:
    """Draw an exercise about an object or a table: `json_keys` or `grid_columns`, the rule that it begins with."""
    rules, _ = draw_object(stock, rng) if form == "json_keys" else draw_table(stock, rng)
    return _asked(rng.choice(stock.topics), rules[:level], stock, rng)


def read_text(text: str, stock: Stock) -> Exercise | None:
    """Read an exercise about a topic back from its instruction.

    Args:
        text: An instruction.
        stock: What it may have been drawn from.

    Returns:
        The exercise; None where no base task of the stock is asked for.

    Raises:
        ValueError: A rule is none of the stock's.
    """
    for bases in (stock.bases, stock.structured_bases):
        if found := read_base(text, bases, stock):
            return _exercise(text, found[0], read_rules(found[1], stock), stock)
    return None


def _asked(topic: Topic, rules: tuple[Rule, ...], stock: Stock, rng: random.Random) -> Exercise:
    structured = rules[0].kind in STRUCTURED
    base = (
        rng.choice(stock.structured_bases).format(name=topic.name) if structured else ask_base(topic.name, stock, rng)
    )
    return _exercise(" ".join((base, *(ask(rule, stock, rng) for rule in rules))), topic, rules, stock)


def _exercise(instruction: str, topic: Topic, rules: tuple[Rule, ...], stock: Stock) -> Exercise:
    def write(rng: random.Random) -> str | None:
        if rules and rules[0].kind in STRUCTURED:
            return write_structured(topic, rules, stock, rng)
        return compose(topic, rules, rng.randrange(2**32), stock)

    def vary(rng: random.Random) -> Exercise | None:
        other = rng.choice([each for each in stock.topics if each is not topic])
        return _asked(other, _redrawn([rule.kind for rule in rules], other, stock, rng), stock, rng)

    structured = bool(rules) and rules[0].kind in STRUCTURED
    task = structured_task(topic, stock) if structured else base_task(topic, stock)
    return Exercise(instruction, rules, task, write, vary, topic)


def write_structured(topic: Topic, rules: Sequence[Rule], stock: Stock, rng: random.Random) -> str:
    """Write an object or a table about a topic."""
    sentences = rng.sample(topic.sentences, len(topic.sentences))
    if rules[0].kind == "json_keys":
        return write_object(rules, sentences, stock)
    count = next((int(rule.value.split("|")[1]) for rule in rules if rule.kind == "grid_rows"), 0)
    terms = rng.sample(topic.terms, (count or rng.randint(_LEAST_ROWS, _MOST_ROWS)) + 1)
    return write_table(rules, terms, sentences, stock)


def _redrawn(kinds: Sequence[str], topic: Topic, stock: Stock, rng: random.Random) -> tuple[Rule, ...]:
    """New values for rules of these kinds."""
    if kinds[0] not in STRUCTURED:
        return draw_rules(kinds, topic, stock, rng)
    for _ in range(_MOST_DRAWS):
        rules, _count = draw_object(stock, rng) if kinds[0] == "json_keys" else draw_table(stock, rng)
        by_kind = {rule.kind: rule for rule in rules}
        if set(kinds) <= by_kind.keys():
            return tuple(by_kind[kind] for kind in kinds)
    raise ValueError(f"no object or table has the rules {', '.join(kinds)}")


def rarer(exercise: Exercise, stock: Stock, rng: random.Random) -> Exercise:
    """Draw an exercise about the same topic with as many rules, of other kinds.

    Args:
        exercise: An exercise about a topic.
        stock: What it was drawn from.
        rng: Source of the draws.

    Returns:
        The exercise; where no kinds are left, one with some of the same kinds.
    """
    if exercise.topic is None:
        raise ValueError("only an exercise about a topic can ask for something else about it")
    known = {rule.kind for rule in exercise.rules}
    categories = sorted(set(CATEGORY_OF.values()))
    for _ in range(_MOST_DRAWS):
        kinds = draw_kinds(rng.choice(categories), rng)[: exercise.level]
        if known.isdisjoint(kinds):
            break
    return _asked(exercise.topic, draw_rules(kinds, exercise.topic, stock, rng), stock, rng)
