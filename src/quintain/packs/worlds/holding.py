"""Three people with a thing each: they swap, lose and repaint."""

import random
from typing import Self

from quintain.packs.worlds.told import Telling, Told


class Holders(Told):
    """People `a`, `b` and `c`, and the kinds `x`, `y`, `z`, `w` and `v` that their things have one after the other."""

    @classmethod
    def draw(cls, telling: Telling, rng: random.Random) -> Self:
        """Draw three people and five kinds."""
        people = rng.sample(telling.pools["people"], 3)
        return cls(
            telling,
            dict(zip("abc", people, strict=True))
            | dict(zip("xyzwv", rng.sample(telling.pools["kinds"], 5), strict=True)),
        )

    def answers(self, level: int) -> tuple[str, str, str, str, str]:
        """Kind of the first one's, of the second one's; who has `z`; kind of the third one's; who has `v`."""
        has = {"a": "x", "b": "y", "c": "z"}
        if level >= 2:
            has["a"], has["b"] = has["b"], has["a"]
        if level >= 3:
            has["b"] = "w"
        if level >= 4:
            has["a"], has["c"] = has["c"], has["a"]
        if level >= 5:
            has["c"] = "v"
        holder = {kind: self.values[person] for person, kind in has.items()}
        kinds = {person: self.values.get(kind, "") for person, kind in has.items()}
        return kinds["a"], kinds["b"], holder.get("z", ""), kinds["c"], holder.get("v", "")

    def choices(self, name: str) -> tuple[str, ...]:
        """People for the third and the fifth field, kinds for the others."""
        people = self.telling.names.index(name) in (2, 4)
        return tuple(self.values[each] for each in ("abc" if people else "xyzwv"))
