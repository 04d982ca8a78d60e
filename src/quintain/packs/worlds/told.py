"""Small worlds that are told from templates, so that what they tell can also be read back."""

import random
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True)
class Telling:
    """A plot in words: the same plot may be told about kites or about canoes."""

    source: str
    """Subject of the group."""
    facts: tuple[str, str, str, str, str]
    """Facts and questions of the five levels, with the plot's values in their places, such as `{a}`."""
    names: tuple[str, str, str, str, str]
    """Names of the fields."""
    pools: Mapping[str, tuple[str, ...]]
    """What the plot's values are drawn from."""
    words: tuple[str, ...] = ()
    """Words of answers that the plot chooses between."""


@dataclass(frozen=True)
class Told(ABC):
    """A world that was drawn for a telling: a plot is a subclass."""

    telling: Telling
    values: Mapping[str, str]
    """What stands in the places of the facts."""

    @classmethod
    @abstractmethod
    def draw(cls, telling: Telling, rng: random.Random) -> Self | None:
        """Draw the values; None where they make no good world."""

    @abstractmethod
    def answers(self, level: int) -> tuple[str, str, str, str, str]:
        """Right values of the five fields, given the facts up to a level; those beyond it do not count."""

    @abstractmethod
    def choices(self, name: str) -> tuple[str, ...]:
        """Values that a field could have; nothing for a number."""

    @property
    def source(self) -> str:
        """Subject of the group."""
        return self.telling.source

    def facts(self) -> tuple[str, ...]:
        """Facts and questions of the five levels."""
        return tuple(fact.format(**self.values) for fact in self.telling.facts)

    def fields(self, level: int) -> tuple[tuple[str, str], ...]:
        """Name and right value of every field that is asked for up to a level, given its facts."""
        return tuple(zip(self.telling.names, self.answers(level), strict=True))[:level]

    def wrong(self, name: str, right: str) -> tuple[str, ...]:
        """Values of the field that are possible and not right."""
        return tuple(each for each in self.choices(name) if each != right) or (str(int(right) + 1),)

    def number(self, name: str) -> int:
        """A value that is a number."""
        return int(self.values[name])


def drawn_from(plot: type[Told], telling: Telling) -> Callable[[random.Random], Told | None]:
    """A way to draw worlds of a plot in one telling."""
    return lambda rng: plot.draw(telling, rng)


def read_world(plot: type[Told], telling: Telling, text: str) -> tuple[Told, int] | None:
    """Read a world back from its facts.

    Args:
        plot: The plot.
        telling: Its words.
        text: The facts of some levels.

    Returns:
        The world, with values that its facts do not tell yet left out, and the level; None where it is another.
    """
    for level in range(5, 0, -1):
        match = re.fullmatch(_pattern(" ".join(telling.facts[:level])), text)
        if match:
            return plot(telling, match.groupdict()), level
    return None


def _pattern(template: str) -> str:
    seen: set[str] = set()

    def place(match: re.Match[str]) -> str:
        name = match.group(1)
        if name in seen:
            return f"(?P={name})"
        seen.add(name)
        return rf"(?P<{name}>[\w-]+)"

    return re.sub(r"\\\{(\w+)\\\}", place, re.escape(template))
