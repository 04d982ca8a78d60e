"""An order at a shop: prices, a threshold, goods given back, opening days."""

import random
from dataclasses import dataclass

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_CODES = ("amber", "blue", "coral")
_SHOPS = (
    ("a bakery", ("rolls", "cakes", "loaves", "tarts")),
    ("a print shop", ("posters", "cards", "maps", "booklets")),
    ("a garden centre", ("roses", "herbs", "bulbs", "ferns")),
    ("a bicycle workshop", ("tyres", "bells", "chains", "lamps")),
    ("a tea house", ("scones", "jams", "biscuits", "muffins")),
    ("a toy shop", ("kites", "puzzles", "blocks", "puppets")),
    ("a stationer's", ("pens", "notebooks", "folders", "stamps")),
    ("a fish market", ("trout", "mussels", "crabs", "eels")),
)


@dataclass(frozen=True)
class Shop:
    """One order, with everything that the five fields follow from."""

    place: str
    goods: tuple[str, ...]
    prices: tuple[int, ...]
    amounts: tuple[int, ...]
    threshold: int
    rebate: int
    fee: int
    day: int
    wait: int
    closed: int
    bounds: tuple[int, int]

    @property
    def source(self) -> str:
        """Subject of the group."""
        return f"an order at {self.place}"

    def facts(self) -> tuple[str, ...]:
        """Facts and questions of each level."""
        first, second, third = (
            f"{amount} {name} at {price} coins each"
            for amount, name, price in zip(self.amounts, self.goods, self.prices, strict=True)
        )
        low, high = self.bounds
        return (
            f'At {self.place} a customer orders {first} and {second}. As "Total:", give what the customer has to pay, '
            "in coins.",
            f'The customer then orders {third} as well. As "Pieces:", give the number of things that the customer '
            "takes in the end.",
            f"When the goods are worth at least {self.threshold} coins, the customer gets a discount of {self.rebate} "
            f"coins; otherwise there is a handling fee of {self.fee} coins on top. "
            'As "Discount:", say yes if there is one, no if not.',
            f"One of the {self.goods[0]} is given back before anything is paid. The order is placed on a "
            f'{DAYS[self.day]} and is ready {self.wait} opening days later; Sunday is no opening day. As "Pickup:", '
            "give the weekday on which it is ready.",
            f"That week, {DAYS[self.closed]} is no opening day either. When the customer has to pay less than {low} "
            f"coins, the order gets the code {_CODES[0]}, from {low} to {high - 1} coins the code {_CODES[1]}, and "
            f'from {high} coins on the code {_CODES[2]}. As "Code:", give the code.',
        )

    def fields(self, level: int) -> tuple[tuple[str, str], ...]:
        """Name and right value of every field that is asked for up to a level, given its facts."""
        amounts = list(self.amounts[: 2 if level < 2 else 3])
        if level >= 4:
            amounts[0] -= 1
        worth = sum(price * amount for price, amount in zip(self.prices, amounts, strict=False))
        discount = worth >= self.threshold
        total = worth if level < 3 else worth - self.rebate if discount else worth + self.fee
        code = _CODES[sum(total >= bound for bound in self.bounds)]
        return (
            ("Total", str(total)),
            ("Pieces", str(sum(amounts))),
            ("Discount", "yes" if discount else "no"),
            ("Pickup", DAYS[self._pickup(level)]),
            ("Code", code),
        )[:level]

    def _pickup(self, level: int) -> int:
        closed, day, waited = {6} | ({self.closed} if level >= 5 else set()), self.day, 0
        while waited < self.wait:
            day = (day + 1) % 7
            waited += day not in closed
        return day

    def wrong(self, name: str, right: str) -> tuple[str, ...]:
        """Values of the field that are possible and not right."""
        choices = {"Discount": ("yes", "no"), "Pickup": DAYS[:6], "Code": _CODES}
        return tuple(
            each for each in choices.get(name, (str(int(right) + 1) if right.isdigit() else "",)) if each != right
        )


def draw_shop(rng: random.Random) -> Shop:
    """Draw the numbers so that the possible values of a field are about equally common."""
    place, goods = rng.choice(_SHOPS)
    prices, amounts = (tuple(rng.randint(2, 9) for _ in range(3)) for _ in range(2))
    worth = sum(price * amount for price, amount in zip(prices, amounts, strict=True))
    low = worth - prices[0] + rng.choice((-30, -12, 8))
    day = rng.randrange(6)
    return Shop(
        place=place,
        goods=tuple(rng.sample(goods, 3)),
        prices=prices,
        amounts=amounts,
        threshold=max(5, worth + rng.choice((-2 * prices[0], -1, 3, 7, -prices[0] - 3, 5))),
        rebate=rng.randint(2, 6),
        fee=rng.randint(1, 4),
        day=day,
        wait=rng.randint(1, 4),
        closed=(day + rng.randint(1, 5)) % 7,
        bounds=(max(4, low), max(4, low) + 20),
    )
