"""The stock that items are drawn from: topics, words, wordings and small worlds.

Evaluation and training have stocks of their own that share no value and no wording, so that a model which was trained
on one meets nothing that it knows in the other but the kinds of tasks.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Topic:
    """A subject that a text can be about."""

    name: str
    terms: tuple[str, ...]
    """Words that a text about it is bound to use and that no instruction says unless a rule is about one of them."""
    sentences: tuple[str, ...]
    """Bare statements that build the witnesses: no end mark, no commas, no first person, no contractions, and 4 to 11
    words, so that any style rule can be imposed on them."""


@dataclass(frozen=True)
class Voice:
    """A way of writing, so that whoever learns from witnesses does not learn a single one."""

    frames: tuple[str, ...]
    """How a statement is put, with `{s}` in its place; drawn anew for each."""
    with_term: tuple[str, ...]
    """Neutral statements that say a given `{term}` once."""
    fresh: bool = True
    """Whether none of them is taken twice while another is left."""

    def frame(self, statement: str, rng: random.Random) -> str:
        """Put a statement in this voice."""
        if len(self.frames) == 1:
            return statement
        frame = rng.choice(self.frames)
        return frame.format(s=statement if frame.startswith("{s}") else statement[0].lower() + statement[1:])


@dataclass(frozen=True)
class Sort:
    """A sort of record: how it is called, and for each field a sentence that states it, a question and its values."""

    name: str
    fields: dict[str, tuple[str, str, tuple[str, ...]]]


@dataclass(frozen=True)
class Notes:
    """Records that notes tell of, and how one of them is asked about."""

    sorts: tuple[Sort, ...]
    records: int
    """How many records the notes are about."""
    opening: str
    """Before the notes; with `{count}` and `{sort}`."""
    request: str
    """After the notes; with `{name}`, `{lines}`, `{plural}` and `{questions}`."""


@dataclass(frozen=True)
class Column:
    """A column of a table, and the condition on it."""

    name: str
    values: tuple[str, ...]
    condition: str
    """With `{0}`, `{1}` … for the bound, or for the values that meet it."""
    bounds: tuple[int, int, int] | None = None
    """Range that the bound of a condition on numbers is drawn from; None where the condition lists values."""
    at_least: bool = False
    """Whether the bound is the lowest number that meets the condition."""
    inclusive: bool = True
    """Whether the bound itself meets it, where it is the highest."""
    listed: int = 0
    """How many values a condition lists."""

    def draw(self, rng: random.Random) -> tuple[str, frozenset[str]]:
        """Draw a condition: how it is asked for, and the values that meet it."""
        if self.bounds is None:
            chosen = rng.sample(self.values, self.listed)
            return self.condition.format(*chosen), frozenset(chosen)
        bound = rng.randrange(*self.bounds)
        return self.condition.format(bound), self.meeting(bound)

    def meeting(self, bound: int) -> frozenset[str]:
        """Values on the right side of a bound."""
        low, high = min(map(int, self.values)), max(map(int, self.values))
        first, last = (bound, high) if self.at_least else (low, bound if self.inclusive else bound - 1)
        return frozenset(map(str, range(first, last + 1)))


@dataclass(frozen=True)
class Tables:
    """Products, their columns, and how those that meet conditions are asked for."""

    products: Mapping[str, tuple[str, ...]]
    """Kind of product → names."""
    heading: str
    """Name of the first column."""
    columns: tuple[Column, Column, Column, Column, Column]
    others: int
    """Entries beside the two that meet everything and the five that fail one condition each."""
    opening: str
    """Before the table; with `{kind}`."""
    request: str
    """After the table; with `{conditions}`."""
    one: str
    """How a single condition is introduced."""
    several: str
    """How several are; with `{count}`."""
    joint: str = "they {asked}"
    """How conditions follow their introduction; with `{asked}`."""


@dataclass(frozen=True)
class Task:
    """A question with one right answer, asked in five forms."""

    forms: tuple[str, str, str, str, str]
    draw: Callable[[random.Random], str]
    answer: Callable[[str], str]


@dataclass(frozen=True)
class Exemplars:
    """Questions that are answered in patterns, and the marks that patterns are made of."""

    tasks: tuple[Task, ...]
    separators: tuple[str, ...]
    brackets: tuple[str, ...]
    suffixes: tuple[str, ...]
    prefixes: tuple[str, ...]
    opening: str
    """What is to be done, before the shots."""


@dataclass(frozen=True)
class Keys:
    """Names of the parts of a JSON object and of a table."""

    texts: tuple[str, ...]
    lists: tuple[str, ...]
    numbers: tuple[str, ...]
    flags: tuple[str, ...]
    count: str
    """Column that counts the rows."""
    columns: tuple[str, ...]
    remarks: tuple[str, ...]
    ratings: tuple[str, ...]
    text_words: tuple[int, ...]
    """Fewest words of a text under a key, of which one is drawn."""


class World(Protocol):
    """Source that a situation is drawn from."""

    @property
    def source(self) -> str:
        """Subject of the group."""

    def facts(self) -> tuple[str, ...]:
        """Facts and questions of the five levels."""

    def fields(self, level: int) -> tuple[tuple[str, str], ...]:
        """Name and right value of the fields asked for up to a level, given all facts up to it."""

    def wrong(self, name: str, right: str) -> tuple[str, ...]:
        """Values that the field could have and has not."""


@dataclass(frozen=True)
class Situations:
    """Small worlds, and how an answer is asked for."""

    worlds: tuple[Callable[[random.Random], World | None], ...]
    closing: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Stock:
    """Everything that the items of a pack are drawn from."""

    name: str
    """Part of the seed of every draw."""
    topics: tuple[Topic, ...]
    words: tuple[str, ...]
    """Words that belong to no topic, for rules that ask for a given word."""
    lines: tuple[str, ...]
    """Lines that a text must open or end with."""
    tags: tuple[str, ...]
    openers: Mapping[str, str]
    """Words that can stand before any sentence, by their first letter."""
    alliterations: Mapping[str, str]
    """Ends of sentences with two words in the letter."""
    rare_letters: Mapping[str, str]
    """Letters that a text can do without, each with a word that has it."""
    voices: tuple[Voice, ...]
    bases: tuple[str, ...]
    """How a text is asked for; with `{name}` and `{least}`."""
    structured_bases: tuple[str, ...]
    """How an object or a table is asked for; with `{name}`."""
    wordings: Mapping[str, tuple[str, ...]]
    """How each rule is said; with `{0}`, `{1}` … for its values."""
    cases: Mapping[str, str]
    """How `lower` and `upper` are said."""
    syntaxes: Mapping[str, str]
    """How the syntaxes of tables are said."""
    numbers: Mapping[str, tuple[str, ...]]
    """Counts and limits of each rule that has one."""
    keys: Keys
    notes: Notes
    tables: Tables
    exemplars: Exemplars
    situations: Situations
    least_words: int
    """Words that every text must have; the instruction says so."""
    least_terms: int
    """Words of the topic that a text about it cannot do without."""
    structured_words: int = 8
    """Words that an object or a table must have."""
    ranked: tuple[str, ...] = ()
    """Rules on texts in the order in which levels add them; empty adds them as they are drawn."""
