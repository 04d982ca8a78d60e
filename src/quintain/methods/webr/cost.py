"""Cost of requests to models: calls, tokens, and money where prices are known."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypedDict

Price = Mapping[str, float]
"""Of a million tokens, in any one currency: `input` read, `output` written."""


@dataclass(frozen=True)
class Calls:
    """Calls and tokens of one question to one role."""

    role: str
    """Role that was asked."""
    model: str
    """Name of the model behind it."""
    calls: int
    """Requests, whether the model or the ledger answered them."""
    prompt_tokens: int
    """Tokens read."""
    completion_tokens: int
    """Tokens written."""


class Spent(TypedDict):
    """Cost of a role over all its questions."""

    calls: int
    """Requests."""
    prompt_tokens: int
    """Tokens read."""
    completion_tokens: int
    """Tokens written."""


def spent_by_role(calls: Iterable[Calls]) -> dict[str, Spent]:
    """Sum calls and tokens up by role."""
    spent: dict[str, Spent] = {}
    for one in calls:
        role = spent.setdefault(one.role, Spent(calls=0, prompt_tokens=0, completion_tokens=0))
        role["calls"] += one.calls
        role["prompt_tokens"] += one.prompt_tokens
        role["completion_tokens"] += one.completion_tokens
    return spent


def money(spent: Mapping[str, Spent], prices: Mapping[str, Price]) -> float | None:
    """Cost of all roles together.

    Args:
        spent: Role → calls and tokens.
        prices: Role → price.

    Returns:
        The sum in the currency of the prices, or None when a role has no price.

    >>> money({"teacher": {"calls": 2, "prompt_tokens": 1_000_000, "completion_tokens": 500_000}},
    ...       {"teacher": {"input": 0.15, "output": 0.6}})
    0.45
    """
    if not spent.keys() <= prices.keys():
        return None
    return sum(
        (prices[role]["input"] * tokens["prompt_tokens"] + prices[role]["output"] * tokens["completion_tokens"]) / 1e6
        for role, tokens in spent.items()
    )


def cost_per_row(spent: Mapping[str, Spent], rows: int, prices: Mapping[str, Price]) -> dict[str, float | None]:
    """Cost of one kept row, with its share of what was dropped on the way.

    Args:
        spent: Role → calls and tokens.
        rows: Rows kept.
        prices: Role → price; money is unknown when one is missing.

    Returns:
        `calls`, `prompt_tokens`, `completion_tokens` and `money` per row; all None without rows.
    """
    total = money(spent, prices)
    sums = {
        name: sum(role[name] for role in spent.values()) for name in ("calls", "prompt_tokens", "completion_tokens")
    }
    per_row: dict[str, float | None] = {name: round(count / rows, 2) if rows else None for name, count in sums.items()}
    return per_row | {"money": round(total / rows, 8) if rows and total is not None else None}
