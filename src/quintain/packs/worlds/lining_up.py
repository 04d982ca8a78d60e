"""Things in a line: one more at either end, one taken away, two that change places."""

import random
from typing import Self

from quintain.packs.worlds.told import Telling, Told


class Line(Told):
    """Things `a`, `b` and `c` in a line; then `d` before them, `e` behind, `d` away, and `a` in the place of `e`."""

    @classmethod
    def draw(cls, telling: Telling, rng: random.Random) -> Self:
        """Draw five things."""
        return cls(telling, dict(zip("abcde", rng.sample(telling.pools["things"], 5), strict=True)))

    def _order(self, level: int) -> list[str]:
        names = ("abc", "dabc", "dabce", "abce", "ebca")[level - 1]
        return [self.values[name] for name in names]

    def answers(self, level: int) -> tuple[str, str, str, str, str]:
        """The first, the last, how many there are, the second, the third."""
        order = self._order(level)
        return order[0], order[-1], str(len(order)), order[1], order[2]

    def choices(self, name: str) -> tuple[str, ...]:
        """The things, but for the third field."""
        return () if name == self.telling.names[2] else tuple(self.values.values())
