"""Two kinds of things in one place: some come, some go."""

import random
from typing import Self

from quintain.packs.worlds.told import Telling, Told


class Crates(Told):
    """`m` of one kind and `n` of the other; then `p` less, `q` more of the other, `r` more, `s` less of the other."""

    @classmethod
    def draw(cls, telling: Telling, rng: random.Random) -> Self | None:
        """Draw the numbers so that it is never a draw which there are more of."""
        numbers = {
            "m": rng.randint(5, 12),
            "n": rng.randint(5, 12),
            **{name: rng.randint(2, 4) for name in "pqrs"},
        }
        values = {name: str(number) for name, number in numbers.items()}
        drawn = cls(telling, values | {name: rng.choice(pool) for name, pool in telling.pools.items()})
        return drawn if all(drawn._held(level)[0] != drawn._held(level)[1] for level in (4, 5)) else None

    def _held(self, level: int) -> tuple[int, int]:
        one, other = self.number("m"), self.number("n")
        one -= self.number("p") if level >= 2 else 0
        other += self.number("q") if level >= 3 else 0
        one += self.number("r") if level >= 4 else 0
        other -= self.number("s") if level >= 5 else 0
        return one, other

    def answers(self, level: int) -> tuple[str, str, str, str, str]:
        """Number of the one, of the other, of both; which there are more of; how many went."""
        one, other = self._held(level)
        gone = (self.number("p") if level >= 2 else 0) + (self.number("s") if level >= 5 else 0)
        return str(one), str(other), str(one + other), self.telling.words[one < other], str(gone)

    def choices(self, name: str) -> tuple[str, ...]:
        """The two kinds for the fourth field."""
        return self.telling.words if name == self.telling.names[3] else ()
