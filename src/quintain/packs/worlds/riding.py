"""Up and down: where somebody is after some moves, and how far that was."""

import itertools
import random
from typing import Self

from quintain.packs.worlds.told import Telling, Told


class Ride(Told):
    """A start at `s`, then `u` up, `d` down, `v` up and `w` down; at level 4 the start turns out to have been `t`."""

    @classmethod
    def draw(cls, telling: Telling, rng: random.Random) -> Self:
        """Draw the moves so that the third goes beyond where the first had come."""
        start, down = rng.randint(8, 15), rng.randint(2, 4)
        numbers = {
            "s": start,
            "u": rng.randint(2, 6),
            "d": down,
            "v": down + rng.randint(1, 4),
            "w": rng.randint(2, 5),
            "t": start - rng.randint(1, 3),
        }
        people = {name: rng.choice(pool) for name, pool in telling.pools.items()}
        return cls(telling, {name: str(number) for name, number in numbers.items()} | people)

    def answers(self, level: int) -> tuple[str, str, str, str, str]:
        """Place at the end, the highest and the lowest one, number of moves, and the whole distance."""
        moves = [self.number("u"), *((-self.number("d"),) if level >= 2 else ())]
        moves += [self.number("v")] if level >= 3 else []
        moves += [-self.number("w")] if level >= 5 else []
        places = list(itertools.accumulate(moves, initial=self.number("t" if level >= 4 else "s")))
        return (
            str(places[-1]),
            str(max(places)),
            str(min(places)),
            str(len(moves)),
            str(sum(map(abs, moves))),
        )

    def choices(self, name: str) -> tuple[str, ...]:
        """None: all fields are numbers."""
        return ()
