"""The world itself: entities and their facts, all from one seed."""

import random
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Annotated, Any

from msgspec import Meta

from quintain.almanac.phrasing import (
    COLOURS,
    NAME_ENDS,
    PRODUCTS,
    RELATIONS,
    SYLLABLES_MIDDLE,
    SYLLABLES_START,
    TOWN_RELATIONS,
    TRADES,
    WORDS,
)
from quintain.fields import Seed, check

Facts = dict[str, str]
Size = Annotated[int, Meta(ge=2)]
ORDINARY = frozenset({*PRODUCTS, *TRADES, *COLOURS, *WORDS})
"""Words of the almanac that must not occur as names."""
_LONGEST_NAME = 10


@dataclass(frozen=True)
class WorldParams:
    """Sizes of the world.

    Raises:
        ValueError: A size is below 2, or there are more years than the almanac spans.
    """

    towns: Size = 40
    """Towns whose facts a student can learn by heart."""
    fresh_towns: Size = 30
    """Town names whose facts are drawn anew for every page: they can be read, never known."""
    persons: Size = 40
    """Names of persons."""
    rivers: Size = 10
    """Names of rivers."""
    regions: Size = 8
    """Names of regions."""
    years: Annotated[int, Meta(ge=2, le=800)] = 30
    """Years of foundation that towns share."""
    seed: Seed = 0
    """Seed of the draws."""

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True)
class World:
    """Entities by kind and the facts of each."""

    pools: dict[str, tuple[str, ...]]
    """Values by kind: town, person, river, region, product, year, trade, colour."""
    fresh_towns: tuple[str, ...]
    """Town names without lasting facts."""
    facts: dict[str, Facts]
    """Subject → relation → value, for every town, person and river."""

    @cached_property
    def kinds(self) -> dict[str, str]:
        """Subject → kind."""
        return {name: kind for kind in RELATIONS for name in self.pools[kind]}

    @cached_property
    def relation_of_value(self) -> dict[str, str]:
        """Lower-case value → the town relation it belongs to."""
        values = {
            value.lower(): name for name, relation in RELATIONS["town"].items() for value in self.pools[relation.pool]
        }
        return {**values, **{name.lower(): "partner" for name in self.fresh_towns}}

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Every proper name, for a tokenizer that must keep each in one piece."""
        kinds = ("town", "person", "river", "region")
        return (*(name for kind in kinds for name in self.pools[kind]), *self.fresh_towns)

    def draw_facts(self, rng: random.Random, town: str) -> Facts:
        """Draw the facts of a town; it never trades with itself."""
        facts = {name: rng.choice(self.pools[RELATIONS["town"][name].pool]) for name in TOWN_RELATIONS}
        while facts["partner"] == town:
            facts["partner"] = rng.choice(self.pools["town"])
        return facts


def draw_name(rng: random.Random, kind: str, taken: set[str]) -> str:
    """Draw a name of a kind that is not taken, and take it; `taken` holds lower-case words."""
    while True:
        name = (
            rng.choice(SYLLABLES_START)
            + rng.choice(SYLLABLES_MIDDLE)
            + rng.choice(SYLLABLES_START)
            + rng.choice(SYLLABLES_MIDDLE[:5])
            + rng.choice(NAME_ENDS[kind])
        )
        if name not in taken and 3 < len(name) <= _LONGEST_NAME:
            taken.add(name)
            return name.capitalize()


def make_world(params: WorldParams) -> World:
    """Draw a world.

    >>> make_world(WorldParams(seed=1)) == make_world(WorldParams(seed=1))
    True
    """
    rng = random.Random(params.seed)
    taken = set(ORDINARY)
    sizes = {"town": params.towns, "fresh": params.fresh_towns, "person": params.persons}
    sizes |= {"river": params.rivers, "region": params.regions}
    drawn = {
        kind: tuple(draw_name(rng, "town" if kind == "fresh" else kind, taken) for _ in range(size))
        for kind, size in sizes.items()
    }
    pools = {
        **{kind: drawn[kind] for kind in ("town", "person", "river", "region")},
        "product": PRODUCTS,
        "year": tuple(str(year) for year in sorted(rng.sample(range(120, 990), params.years))),
        "trade": TRADES,
        "colour": COLOURS,
    }
    world = World(pools=pools, fresh_towns=drawn["fresh"], facts={})
    facts = {town: world.draw_facts(rng, town) for town in pools["town"]}
    facts |= {person: {"trade": rng.choice(TRADES), "home": rng.choice(pools["town"])} for person in pools["person"]}
    facts |= {river: {"colour": rng.choice(COLOURS)} for river in pools["river"]}
    return World(pools=pools, fresh_towns=drawn["fresh"], facts=facts)


def world_as_json(world: World) -> dict[str, Any]:
    """Plain lists and dictionaries."""
    return asdict(world)


def world_from_json(document: dict[str, Any]) -> World:
    """Read what `world_as_json` wrote.

    Args:
        document: Plain lists and dictionaries.

    Returns:
        The world.

    Raises:
        ValueError: The document is not a world.
    """
    try:
        return World(
            pools={kind: tuple(names) for kind, names in document["pools"].items()},
            fresh_towns=tuple(document["fresh_towns"]),
            facts=document["facts"],
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"this is no almanac world ({error}); run `kedro run --pipelines world`") from None
