"""A queue whose order follows from clues."""

import random
from dataclasses import dataclass

_PLACES = ("the bakery", "the museum", "the ferry", "the ticket office", "the stadium", "the ice cream van")
_PEOPLE = ("Ada", "Bruno", "Celia", "Dario", "Edith", "Goran", "Hanna", "Ivo", "Jana", "Karl", "Lena", "Mara", "Nils")


@dataclass(frozen=True)
class Queue:
    """Order in which people stand, in whose order of arrival in the text, and by which clues."""

    place: str
    order: tuple[str, ...]
    """Front to back, all seven."""
    known: tuple[str, ...]
    """The order in which the levels bring people in: three at level 1, then one each."""
    asked: tuple[str, str]
    """About whom levels 3 and 4 ask."""

    @property
    def source(self) -> str:
        """Subject of the group."""
        return f"a queue at {self.place}"

    def _standing(self, level: int) -> list[str]:
        present = set(self.known[: level + 2])
        return [person for person in self.order if person in present]

    def facts(self) -> tuple[str, ...]:
        """Facts and questions of each level."""
        front, middle, back = self._standing(1)
        asks = (
            'As "Queue:", give all names from front to back, separated by commas.',
            'As "Last:", give the name of the one at the back.',
            f'As "Place:", give the place of {self.asked[0]}, counted from the front as 1, 2, 3 and so on.',
            f'As "Behind:", give the name of the one directly behind {self.asked[1]}, or nobody.',
            'As "Middle:", give the name of the one in the middle of the queue.',
        )
        clues = (
            f"Three people stand in a queue at {self.place}: {', '.join(sorted((front, middle, back)))}. "
            f"{back} is further back than {middle}, and {front} is further to the front than {middle}.",
            *(self._clue(level) for level in range(2, 6)),
        )
        return tuple(f"{clue} {ask}" for clue, ask in zip(clues, asks, strict=True))

    def _clue(self, level: int) -> str:
        new, standing = self.known[level + 1], self._standing(level)
        i = standing.index(new)
        if i == 0:
            where = f"further to the front than {standing[1]}"
        elif i == len(standing) - 1:
            where = f"further back than {standing[-2]}"
        else:
            where = f"further back than {standing[i - 1]} but further to the front than {standing[i + 1]}"
        return f"{new} stands in the queue, too, {where}."

    def fields(self, level: int) -> tuple[tuple[str, str], ...]:
        """Name and right value of every field that is asked for up to a level, given its facts."""
        standing = self._standing(level)
        places = {person: i for i, person in enumerate(standing)}
        behind = [*standing[1:], "nobody"]
        return (
            ("Queue", ", ".join(standing)),
            ("Last", standing[-1]),
            ("Place", str(places[self.asked[0]] + 1)),
            ("Behind", behind[places[self.asked[1]]]),
            ("Middle", standing[len(standing) // 2]),
        )[:level]

    def wrong(self, name: str, right: str) -> tuple[str, ...]:
        """Values of the field that are possible and not right."""
        if name == "Queue":
            return (", ".join(reversed(right.split(", "))),)
        return (str(int(right) + 1),) if name == "Place" else tuple(each for each in self.order if each != right)


def draw_queue(rng: random.Random) -> Queue:
    """Draw an order and the order in which it is told."""
    order = tuple(rng.sample(_PEOPLE, 7))
    known = tuple(rng.sample(order, 7))
    return Queue(rng.choice(_PLACES), order, known, (rng.choice(known[:3]), rng.choice(known[:3])))
