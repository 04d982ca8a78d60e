"""What calls cost, and how much a role may spend."""

from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta, Struct

_TOKENS_PER_PRICE = 1_000_000

Count = Annotated[int, Meta(ge=1)]
Amount = Annotated[float, Meta(ge=0)]


@dataclass(frozen=True)
class Usage:
    """Calls and the tokens that went through them."""

    calls: int = 0
    """Requests that the model took."""
    prompt_tokens: int = 0
    """Tokens read."""
    completion_tokens: int = 0
    """Tokens written."""

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            self.calls + other.calls,
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
        )

    def __sub__(self, other: "Usage") -> "Usage":
        return self + Usage(-other.calls, -other.prompt_tokens, -other.completion_tokens)

    @property
    def tokens(self) -> int:
        """Tokens read and written."""
        return self.prompt_tokens + self.completion_tokens


NOTHING = Usage()


class Price(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Price of a million tokens, in any currency, the same for all.

    >>> Price(input=0.15, output=0.6).of(Usage(calls=1, prompt_tokens=2_000_000, completion_tokens=500_000))
    0.6
    """

    input: Amount
    """Of a million tokens read."""
    output: Amount
    """Of a million tokens written."""

    def of(self, usage: Usage) -> float:
        """Money for calls."""
        return (usage.prompt_tokens * self.input + usage.completion_tokens * self.output) / _TOKENS_PER_PRICE


class Budget(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The most a role may spend on a model, over all runs on one ledger; what is left out has no limit."""

    calls: Count | None = None
    """Requests that the model takes."""
    tokens: Count | None = None
    """Tokens read and written."""
    money: Amount | None = None
    """In the currency of the price."""


class Meter:
    """Counts what was spent and what calls in flight may still cost, and says whether one more fits.

    Args:
        budget: The most that may be spent.
        price: Price of the tokens, needed for a budget in money.
        spent: What was spent before.
    """

    def __init__(self, budget: Budget, price: Price | None = None, spent: Usage = NOTHING) -> None:
        self._budget = budget
        self._price = price
        self.spent = spent
        self.in_flight = NOTHING

    def fits(self, most: Usage) -> bool:
        """Whether a call that costs at most this much keeps to the budget, even if all in flight cost their most."""
        total = self.spent + self.in_flight + most
        return (
            (self._budget.calls is None or total.calls <= self._budget.calls)
            and (self._budget.tokens is None or total.tokens <= self._budget.tokens)
            and (self._budget.money is None or self._price is None or self._price.of(total) <= self._budget.money)
        )

    def start(self, most: Usage) -> None:
        """A call is on its way that costs at most this much."""
        self.in_flight += most

    def end(self, most: Usage, cost: Usage) -> None:
        """The call that might have cost `most` has cost `cost`."""
        self.in_flight -= most
        self.spent += cost

    def stopped(self, most: Usage) -> str:
        """What to say when the next call does not fit."""
        limits = [
            f"{value:g} {name}"
            for name in self._budget.__struct_fields__
            if (value := getattr(self._budget, name)) is not None
        ]
        money = f" and {self._price.of(self.spent):.4f} in money" if self._price else ""
        return (
            f"the budget of {', '.join(limits)} does not hold one more call: {self.spent.calls} calls, "
            f"{self.spent.tokens} tokens{money} are spent, and the next call may take {most.tokens} tokens. "
            "What was answered is in the ledger; raise `budget` and run again to go on from there"
        )
