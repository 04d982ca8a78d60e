"""A judged comparison in Markdown: win rates, what length does to them, and how far the judge may be believed."""

from collections.abc import Mapping
from typing import Any

from quintain.benchmarks.judged.preferences import Trial
from quintain.benchmarks.judged.win_rate import Estimated, WinRate
from quintain.reporting.table import markdown_table

_MOST_CATEGORIES = 12


def judged_report(first: str, second: str, judge: str, found: WinRate, trial: Trial, spent: Mapping[str, Any]) -> str:
    """Write a comparison.

    Args:
        first: Name of the first model.
        second: Name of the second.
        judge: Name of the judge.
        found: How often the first one won.
        trial: How the judge did on its trial.
        spent: `calls`, `prompt_tokens`, `completion_tokens` of the judge, and `money` where it has a price.

    Returns:
        Markdown: one sentence, the rates, the coefficients, categories, and what it rests on.
    """
    rows = [
        ("win rate, as judged", *_percent(found.as_judged)),
        ("win rate at equal length", *_percent(found.at_equal_length)),
        ("log-odds at equal length", *_number(found.intercept)),
        ("log-odds for being longer", *_number(found.length)),
    ]
    parts = [
        sentence(first, second, found),
        markdown_table((f"{first} against {second}", "value", "95 % interval"), rows),
    ]
    if 1 < len(found.by_category) <= _MOST_CATEGORIES:
        categories = [(name, *_percent(each)) for name, each in found.by_category.items()]
        parts.append(markdown_table(("category", "win rate", "95 % interval"), categories))
    money = f", {spent['money']:,.2f} in its price's currency" if spent.get("money") is not None else ""
    parts.append(
        f"{found.n_items:,} instructions in {found.n_clusters:,} clusters, {found.ties:,} ties, {found.n_unread:,} "
        f"without a readable review. Responses of {first} are {found.longer_chars:+,.0f} characters longer in the "
        f"mean. Judge {judge}: each response shown first once; it changed its mind with the order on "
        f"{found.conflicts:,} instructions, and put the right response ahead in {trial.correct} of {trial.controls} "
        f"controls. {spent['calls']:,} calls, {spent['prompt_tokens']:,} tokens read, "
        f"{spent['completion_tokens']:,} written{money}."
    )
    return "\n\n".join(parts)


def sentence(first: str, second: str, found: WinRate) -> str:
    """Say who is preferred at equal length, or that nobody can tell."""
    rate = found.at_equal_length
    numbers = f"{100 * rate.value:.1f} % of the comparisons at equal length, 95 % interval {_between(rate)}"
    if rate.low > 0.5:
        return f"{first} is preferred to {second}: it wins {numbers}."
    if rate.high < 0.5:
        return f"{second} is preferred to {first}, which wins {numbers}."
    return f"No preference between {first} and {second} beyond chance: the first wins {numbers}."


def _percent(each: Estimated) -> tuple[str, str]:
    return f"{100 * each.value:.1f}", _between(each)


def _between(each: Estimated) -> str:
    return f"{100 * each.low:.1f} to {100 * each.high:.1f}"


def _number(each: Estimated) -> tuple[str, str]:
    return f"{each.value:+.2f}", f"{each.low:+.2f} to {each.high:+.2f}"
