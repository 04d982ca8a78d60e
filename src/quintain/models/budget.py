"""Budget of a role, and the meter that holds its calls to it."""

import secrets
from contextlib import AbstractContextManager, nullcontext
from typing import Annotated, Protocol

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

    def holds(self, total: Usage, price: Price | None) -> bool:
        """True when so much may be spent."""
        return (
            (self.calls is None or total.calls <= self.calls)
            and (self.tokens is None or total.tokens <= self.tokens)
            and (self.money is None or price is None or price.of(total) <= self.money)
        )

    def __str__(self) -> str:
        limits = [(name, getattr(self, name)) for name in self.__struct_fields__]
        return ", ".join(f"{value:g} {name}" for name, value in limits if value is not None) or "no limit"


class Meter(Protocol):
    """Room in a budget: reserved before a call with the most it may cost, settled after it with what it cost."""

    def opened(self) -> AbstractContextManager[object]:
        """Keep open, in the thread that asks, whatever the counts are kept in."""
        ...

    def reserve(self, most: Usage, seconds: float, *, outlives: bool = False) -> str | None:
        """Reserve room for a call.

        Args:
            most: The most it may cost.
            seconds: The longest it may take.
            outlives: Whether it goes on when this process ends, such as a batch.

        Returns:
            The reservation; None when the budget does not hold the call, even if all in flight cost their most.
        """
        ...

    def settle(self, reservation: str, cost: Usage) -> None:
        """End a reservation with what its call cost."""
        ...

    def is_waiting(self) -> bool:
        """True while calls in flight may still give room back, so that waiting helps."""
        ...

    def stopped(self, most: Usage) -> str:
        """The message for a next call that does not fit."""
        ...


class OwnMeter:
    """The meter of a model without a ledger: it counts for itself, from nothing.

    Args:
        budget: The most that may be spent.
        price: Price of the tokens, needed for a budget in money.
    """

    def __init__(self, budget: Budget, price: Price | None = None) -> None:
        self._budget = budget
        self._price = price
        self._spent = NOTHING
        self._reserved: dict[str, Usage] = {}

    def opened(self) -> AbstractContextManager[object]:
        """Nothing has to be kept open."""
        return nullcontext()

    def reserve(self, most: Usage, seconds: float, *, outlives: bool = False) -> str | None:
        """Reserve room for a call; None when the budget does not hold it.

        Args:
            most: The most it may cost.
            seconds: The longest it may take.
            outlives: Whether it goes on when this process ends.

        Returns:
            The reservation.
        """
        if not self._budget.holds(sum(self._reserved.values(), self._spent) + most, self._price):
            return None
        reservation = secrets.token_hex(8)
        self._reserved[reservation] = most
        return reservation

    def settle(self, reservation: str, cost: Usage) -> None:
        """End a reservation with what its call cost."""
        if self._reserved.pop(reservation, None) is not None:
            self._spent += cost

    def is_waiting(self) -> bool:
        """True while calls are in flight."""
        return bool(self._reserved)

    def stopped(self, most: Usage) -> str:
        """The message for a next call that does not fit."""
        return stop_message(self._budget, self._price, self._spent, most)


def stop_message(budget: Budget, price: Price | None, spent: Usage, most: Usage) -> str:
    """Say that a budget does not hold one more call.

    Args:
        budget: The most that may be spent.
        price: Price of the tokens.
        spent: What is spent.
        most: The most that the next call may cost.

    Returns:
        One line, with what to do.
    """
    money = f" and {price.of(spent):.4f} in money" if price else ""
    return (
        f"the budget of {budget} does not hold one more call: {spent.calls} calls, "
        f"{spent.tokens} tokens{money} are spent, and the next call may take {most.tokens} tokens. "
        "What was answered is in the ledger; raise `budget` and run again to go on from there"
    )
