"""A walk through nine rooms, with walls and a locked door."""

import random
from dataclasses import dataclass

_MOVES = {"north": (-1, 0), "south": (1, 0), "west": (0, -1), "east": (0, 1)}
_WALKERS = ("a night watchman", "a cleaning robot", "a visitor", "a cat", "a messenger", "a tour guide")
_ROOMS = (
    ("hall", "study", "pantry", "parlour", "kitchen", "gallery", "cellar", "nursery", "chapel"),
    ("foyer", "office", "archive", "lounge", "canteen", "workshop", "studio", "store", "garage"),
    ("lobby", "library", "smithy", "stable", "tower", "armoury", "bakery", "dairy", "courtyard"),
)
_ROWS = ("top", "middle", "bottom")

_Square = tuple[int, int]


@dataclass(frozen=True)
class FloorPlan:
    """The rooms row by row, the walk of every level, and the locked door."""

    walker: str
    rooms: tuple[str, ...]
    start: _Square
    walks: tuple[tuple[str, ...], ...]
    """Steps that levels 1, 2, 4 and 5 add."""
    door: frozenset[_Square]

    @property
    def source(self) -> str:
        """Subject of the group."""
        return f"{self.walker} in nine rooms"

    def _room(self, square: _Square) -> str:
        return self.rooms[3 * square[0] + square[1]]

    def facts(self) -> tuple[str, ...]:
        """Facts and questions of each level."""
        rows = "; ".join(f"{name} row: {', '.join(self.rooms[3 * i : 3 * i + 3])}" for i, name in enumerate(_ROWS))
        first, second, fourth, fifth = (", ".join(walk) for walk in self.walks)
        one, other = sorted(map(self._room, self.door))
        return (
            f"A floor has nine rooms in three rows, seen on a map with north at the top and named from west to east "
            f"({rows}). Doors join all rooms that lie side by side or one above the other. In the "
            f"{self._room(self.start)} stands {self.walker} and walks, one room a step: {first}. A step against an "
            'outer wall has no effect. As "Room:", give the room where the walk ends.',
            f'The walk goes on: {second}. As "Entered:", give the number of times that a step led into a room.',
            f"The door between the {one} and the {other} was locked all the time; a step against it has no effect. "
            'As "Row:", give the row of the room where the walk ends: top, middle or bottom.',
            f'The walk goes on: {fourth}. As "Different:", give the number of different rooms in which the walker has '
            "been, the first included.",
            f'The walk goes on: {fifth}. As "Blocked:", give the number of steps that had no effect.',
        )

    def fields(self, level: int) -> tuple[tuple[str, str], ...]:
        """Name and right value of every field that is asked for up to a level, given its facts."""
        steps = [step for walk in self.walks[: (1, 2, 2, 3, 4)[level - 1]] for step in walk]
        here, seen, entered = self.start, {self.start}, 0
        for step in steps:
            there = (here[0] + _MOVES[step][0], here[1] + _MOVES[step][1])
            inside = all(0 <= place <= 2 for place in there)
            if inside and (level < 3 or {here, there} != self.door):
                here, entered = there, entered + 1
                seen.add(here)
        return (
            ("Room", self._room(here)),
            ("Entered", str(entered)),
            ("Row", _ROWS[here[0]]),
            ("Different", str(len(seen))),
            ("Blocked", str(len(steps) - entered)),
        )[:level]

    def wrong(self, name: str, right: str) -> tuple[str, ...]:
        """Values of the field that are possible and not right."""
        choices = {"Room": self.rooms, "Row": _ROWS}.get(name) or (str(int(right) + 1),)
        return tuple(choice for choice in choices if choice != right)


def draw_floor_plan(rng: random.Random) -> FloorPlan:
    """Draw rooms, walks and a door."""
    one = (rng.randrange(3), rng.randrange(2))
    other = (one[0], one[1] + 1)
    if rng.random() < 0.5:
        one, other = one[::-1], other[::-1]
    return FloorPlan(
        walker=rng.choice(_WALKERS),
        rooms=tuple(rng.sample(rng.choice(_ROOMS), 9)),
        start=(rng.randrange(3), rng.randrange(3)),
        walks=tuple(tuple(rng.choices([*_MOVES], k=n)) for n in (3, 2, 2, 2)),
        door=frozenset((one, other)),
    )
