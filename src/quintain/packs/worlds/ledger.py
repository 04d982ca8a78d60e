"""The cash box of a club: payments in and out, a charge, one payment called off, a miscount."""

import itertools
import random
from dataclasses import dataclass

_CLUBS = ("a chess club", "a choir", "a hiking club", "a theatre group", "a rowing club", "a garden society")
_REASONS = ("a trip", "new chairs", "a feast", "repairs", "a prize", "printing", "the rent", "flowers")
_PEOPLE = ("Ada", "Bruno", "Celia", "Dario", "Edith", "Goran", "Hanna", "Ivo")


@dataclass(frozen=True)
class Ledger:
    """Amounts that came in and went out, in order, and everything that the five fields follow from."""

    club: str
    start: int
    income: int
    out: tuple[int, ...]
    """Payments in order; the last one is told at level 2."""
    reasons: tuple[str, ...]
    charge: int
    called_off: int
    found: int
    person: str
    bound: int

    @property
    def source(self) -> str:
        """Subject of the group."""
        return f"the cash box of {self.club}"

    def facts(self) -> tuple[str, ...]:
        """Facts and questions of each level."""
        paid = [f"{amount} coins for {reason}" for amount, reason in zip(self.out, self.reasons, strict=True)]
        return (
            f"The cash box of {self.club} holds {self.start} coins. Then {self.person} pays in {self.income} coins, "
            f"and after that {', '.join(paid[:-2])} and {paid[-2]} are paid out. "
            'As "Balance:", give what the box holds in the end, in coins.',
            f'Last of all, {paid[-1]} are paid out. As "Payments:", give how many times something was paid out.',
            f"Every payment out costs a charge of {self.charge} coins besides, taken from the box together with it. "
            'As "Lowest:", give the least that the box ever holds, in coins.',
            f"The payment for {self.reasons[self.called_off]} is called off, as if it had never been made, with its "
            f'charge. As "State:", write short if the box holds less than {self.bound} coins in the end, and sound if '
            "it does not.",
            f"It turns out that the box had been miscounted: it held {self.start + self.found} coins to begin with, "
            f"not {self.start}. "
            'As "Spent:", give all that left the box, charges included, in coins.',
        )

    def fields(self, level: int) -> tuple[tuple[str, str], ...]:
        """Name and right value of every field that is asked for up to a level, given its facts."""
        told = self.out[:-1] if level < 2 else self.out
        made = [amount for i, amount in enumerate(told) if level < 4 or i != self.called_off]
        spent = [amount + (self.charge if level >= 3 else 0) for amount in made]
        start = self.start + (self.found if level >= 5 else 0)
        held = list(itertools.accumulate([self.income, *(-amount for amount in spent)], initial=start))
        return (
            ("Balance", str(held[-1])),
            ("Payments", str(len(made))),
            ("Lowest", str(min(held))),
            ("State", "short" if held[-1] < self.bound else "sound"),
            ("Spent", str(sum(spent))),
        )[:level]

    def wrong(self, name: str, right: str) -> tuple[str, ...]:
        """Values of the field that are possible and not right."""
        return ("sound" if right == "short" else "short",) if name == "State" else (str(int(right) + 1),)


def draw_ledger(rng: random.Random) -> Ledger:
    """Draw the numbers so that the box never runs empty and its state is open."""
    count = rng.choice((3, 4, 5))
    out = tuple(rng.randint(3, 20) for _ in range(count))
    start, income = rng.randint(60, 99), rng.randint(10, 60)
    charge, called_off, found = rng.randint(1, 3), rng.randrange(count), rng.randint(5, 30)
    left = start + income - sum(out) + out[called_off] - charge * (count - 1)
    return Ledger(
        club=rng.choice(_CLUBS),
        start=start,
        income=income,
        out=out,
        reasons=tuple(rng.sample(_REASONS, count)),
        charge=charge,
        called_off=called_off,
        found=found,
        person=rng.choice(_PEOPLE),
        bound=left + rng.choice((-4, 0, found // 2, found + 4)),
    )
