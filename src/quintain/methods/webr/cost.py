"""Cost of a kept row, with its share of what was dropped on the way."""

from collections.abc import Mapping

from quintain.usage import NOTHING, Price, Usage, money


def cost_per_row(usages: Mapping[str, Usage], rows: int, prices: Mapping[str, Price]) -> dict[str, float | None]:
    """Divide the usage of all roles by the rows that were kept.

    Args:
        usages: Role → calls and tokens.
        rows: Rows kept.
        prices: Role → price; money is unknown when one is missing.

    Returns:
        `calls`, `prompt_tokens`, `completion_tokens` and `money` per row; all None without rows.
    """
    cost = money(usages, prices)
    total = sum(usages.values(), NOTHING)
    counts = {
        "calls": total.calls,
        "prompt_tokens": total.prompt_tokens,
        "completion_tokens": total.completion_tokens,
    }
    per_row: dict[str, float | None] = {
        name: round(count / rows, 2) if rows else None for name, count in counts.items()
    }
    return per_row | {"money": round(cost / rows, 8) if rows and cost is not None else None}
