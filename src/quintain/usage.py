"""Usage of models: calls, the tokens that went through them, and their price."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta, Struct

from quintain.records import Completion

_TOKENS_PER_PRICE = 1_000_000
MOST_TOKENS = 1_000_000_000
"""Most tokens that one call may count; a larger number is no count, and the sums of a ledger stay in 64 bits."""

Amount = Annotated[float, Meta(ge=0)]


@dataclass(frozen=True)
class Usage:
    """Calls and the tokens that went through them."""

    calls: int = 0
    """Requests, whether the model or the ledger answered them, unless said."""
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

    def or_more(self, other: "Usage") -> "Usage":
        """The larger of two usages, count by count."""
        return Usage(
            max(self.calls, other.calls),
            max(self.prompt_tokens, other.prompt_tokens),
            max(self.completion_tokens, other.completion_tokens),
        )

    @classmethod
    def of(cls, completions: Iterable[Completion]) -> "Usage":
        """Count completions."""
        return sum((Usage(1, one.prompt_tokens, one.completion_tokens) for one in completions), NOTHING)

    @property
    def tokens(self) -> int:
        """Tokens read and written."""
        return self.prompt_tokens + self.completion_tokens


NOTHING = Usage()


@dataclass(frozen=True, kw_only=True)
class RoleUsage(Usage):
    """Usage of one role."""

    role: str
    """Role that was asked."""
    model: str = ""
    """Name of the model behind it."""

    @classmethod
    def on(cls, role: str, completions: Iterable[Completion], model: str = "") -> "RoleUsage":
        """Count the completions of a role."""
        total = Usage.of(completions)
        return cls(total.calls, total.prompt_tokens, total.completion_tokens, role=role, model=model)


def by_role(usages: Iterable[RoleUsage]) -> dict[str, Usage]:
    """Sum usage up by role."""
    sums: dict[str, Usage] = {}
    for one in usages:
        sums[one.role] = sums.get(one.role, NOTHING) + one
    return sums


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


def money(usages: Mapping[str, Usage], prices: Mapping[str, Price]) -> float | None:
    """Sum the cost of all roles.

    Args:
        usages: Role → usage.
        prices: Role → price.

    Returns:
        The sum in the currency of the prices, or None when a role has no price.

    >>> money({"teacher": Usage(2, 1_000_000, 500_000)}, {"teacher": Price(input=0.15, output=0.6)})
    0.45
    """
    if not usages.keys() <= prices.keys():
        return None
    return sum(prices[role].of(usage) for role, usage in usages.items())
