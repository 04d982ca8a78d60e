"""Situation groups: a small world with numbers, in which every level adds a fact and a field that follows from it.

The fields are computed, so there is one right value each; a response gives them one per line as `Name: value`.
"""

import json
import random
from dataclasses import dataclass

from quintain.packs.groups import Group
from quintain.records import Rule

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_CODES = ("amber", "blue", "coral")


@dataclass(frozen=True)
class Theme:
    """The words of one kind of place."""

    place: str
    goods: tuple[str, ...]
    people: tuple[str, ...]


THEMES = (
    Theme("a bakery", ("rolls", "cakes", "loaves", "tarts"), ("Ada", "Bruno", "Celia")),
    Theme("a print shop", ("posters", "cards", "maps", "booklets"), ("Dario", "Edith", "Fiona")),
    Theme("a garden centre", ("roses", "herbs", "bulbs", "ferns"), ("Goran", "Hanna", "Ivo")),
    Theme("a bicycle workshop", ("tyres", "bells", "chains", "lamps"), ("Jana", "Karl", "Lena")),
    Theme("a tea house", ("teas", "scones", "jams", "biscuits"), ("Mara", "Nils", "Olga")),
    Theme("a toy shop", ("kites", "puzzles", "blocks", "puppets"), ("Petra", "Quentin", "Rosa")),
    Theme("a stationer", ("pens", "notebooks", "folders", "stamps"), ("Sven", "Tilda", "Ugo")),
    Theme("a fish market", ("trout", "mussels", "crabs", "eels"), ("Vera", "Wim", "Yara")),
)


@dataclass(frozen=True)
class Order:
    """One order at one place, with everything that the five fields follow from."""

    theme: Theme
    prices: tuple[int, int]
    amounts: tuple[int, int]
    goods: tuple[str, str]
    member: bool
    threshold: int
    day: int
    wait: int
    staff: tuple[str, ...]
    bounds: tuple[int, int]

    @property
    def total(self) -> int:
        """Price of both goods together."""
        return sum(price * amount for price, amount in zip(self.prices, self.amounts, strict=True))

    def fields(self) -> tuple[tuple[str, str], ...]:
        """Name and right value of each field, in the order of the levels."""
        pickup = (self.day + self.wait) % len(DAYS)
        code = _CODES[sum(self.total >= bound for bound in self.bounds)]
        discount = "yes" if self.member and self.total >= self.threshold else "no"
        return (
            ("Total", str(self.total)),
            ("Discount", discount),
            ("Pickup", DAYS[pickup]),
            ("Clerk", self.staff[pickup]),
            ("Code", code),
        )

    def facts(self) -> tuple[str, ...]:
        """What each level adds: the facts, and the line that is asked for."""
        first, second = (
            f"{amount} {name} at {price} coins each"
            for amount, name, price in zip(self.amounts, self.goods, self.prices, strict=True)
        )
        duty = ", ".join(f"{DAYS[i]} {name}" for i, name in enumerate(self.staff))
        low, high = self.bounds
        return (
            f"At {self.theme.place} a customer orders {first} and {second}. "
            'Give the price of the whole order in coins on a line of its own, as "Total:" and the number.',
            f"The customer is {'a' if self.member else 'not a'} member, and members get a discount when the order is "
            f'worth at least {self.threshold} coins. Add a line "Discount:" with yes or no.',
            f"The order is placed on a {DAYS[self.day]} and is ready {self.wait} opening days later; Sunday is closed "
            'and is no opening day. Add a line "Pickup:" with the weekday.',
            f'The counter is staffed like this: {duty}. Add a line "Clerk:" with whoever hands the order over.',
            f"Orders below {low} coins get the code {_CODES[0]}, orders from {low} to {high - 1} coins {_CODES[1]}, "
            f'all others {_CODES[2]}. Add a line "Code:" with the code.',
        )


def draw_order(rng: random.Random) -> Order:
    """Draw the numbers so that both answers to each question are about equally common."""
    theme = rng.choice(THEMES)
    prices, amounts = (rng.randint(2, 9), rng.randint(2, 9)), (rng.randint(2, 9), rng.randint(2, 9))
    total = prices[0] * amounts[0] + prices[1] * amounts[1]
    low = total + rng.choice((-15, -5, 5))
    return Order(
        theme=theme,
        prices=prices,
        amounts=amounts,
        goods=tuple(rng.sample(theme.goods, 2)),  # type: ignore[arg-type]
        member=rng.random() < 0.75,
        threshold=total + rng.choice((-7, -3, 3, 7)),
        day=rng.randrange(len(DAYS)),
        wait=rng.randint(1, 4),
        staff=tuple(rng.choice(theme.people) for _ in DAYS),
        bounds=(low, low + 10),
    )


def _wrong(name: str, right: str, order: Order) -> str:
    choices = {
        "Total": (str(order.total + 1),),
        "Discount": ("yes", "no"),
        "Pickup": DAYS,
        "Clerk": order.theme.people,
        "Code": _CODES,
    }[name]
    return next(choice for choice in choices if choice != right)


def situation_group(rng: random.Random) -> Group:
    """Draw a group about an order.

    Args:
        rng: Source of the draws.

    Returns:
        The group; its base task is to answer at all, its rules are the computed fields.
    """
    order = draw_order(rng)
    fields, facts = order.fields(), order.facts()

    def response(broken: int | None) -> str:
        return "\n".join(
            f"{name}: {_wrong(name, right, order) if i == broken else right}" for i, (name, right) in enumerate(fields)
        )

    return Group(
        category="situation",
        source=order.theme.place,
        instructions=tuple(" ".join(facts[:level]) for level in range(1, 6)),
        rules=tuple(Rule(kind="field", value=f"{name}|{right}") for name, right in fields),
        target=json.dumps({"words": 2}),
        witness=response(None),
        mutants=tuple(response(i) for i in range(5)),
    )
