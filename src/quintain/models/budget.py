"""Budget of a role, and the meter that holds its calls to it."""

from typing import Annotated

from msgspec import Meta, Struct

from quintain.usage import NOTHING, Amount, Price, Usage

Count = Annotated[int, Meta(ge=1)]


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
        """True when a call that costs at most this much keeps to the budget, even if all in flight cost their most."""
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
        """The message for a next call that does not fit."""
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
