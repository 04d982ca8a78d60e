"""Forecast of calls before anything is asked: tokens, money, hours."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from quintain.models.language_model import Sampling
from quintain.models.ledger import Account, call_key
from quintain.models.reported_usage import likely_tokens
from quintain.records import Request
from quintain.usage import Price, Usage

_SECONDS_PER_HOUR = 3600


@dataclass(frozen=True, kw_only=True)
class Pace:
    """Speed at which an endpoint answers and may be asked."""

    concurrency: int = 32
    """Calls in flight."""
    seconds_per_call: float = 10.0
    """Mean time to a reply."""
    requests_per_minute: int | None = None
    """Most requests per minute."""
    tokens_per_minute: int | None = None
    """Most tokens per minute, read and written."""

    def __post_init__(self) -> None:
        if self.concurrency < 1 or self.seconds_per_call < 0:
            raise ValueError(
                f"concurrency must be at least 1 and seconds_per_call not negative, "
                f"got {self.concurrency} and {self.seconds_per_call}"
            )


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """Calls still to be made, with their tokens, money and hours."""

    calls: int
    """Calls that the ledger does not know."""
    cached: int
    """Calls that the ledger answers."""
    prompt_tokens: int
    """Tokens to read."""
    completion_tokens: int
    """Tokens to write."""
    money: float | None
    """In the currency of the price; None without one."""
    hours: float
    """Of the slowest of the limits."""


def forecast(usage: Usage, pace: Pace, price: Price | None = None, cached: int = 0) -> Forecast:
    """Foretell what calls take.

    Args:
        usage: Calls to be made, with the tokens of all of them.
        pace: How fast they go.
        price: Price of a million tokens.
        cached: Calls beside these that the ledger answers.

    Returns:
        The forecast.

    >>> forecast(Usage(600, 600_000, 120_000), Pace(requests_per_minute=100), Price(input=1, output=2)).money
    0.84
    """
    minutes = [
        usage.calls * pace.seconds_per_call / pace.concurrency / 60,
        usage.calls / pace.requests_per_minute if pace.requests_per_minute else 0.0,
        usage.tokens / pace.tokens_per_minute if pace.tokens_per_minute else 0.0,
    ]
    return Forecast(
        calls=usage.calls,
        cached=cached,
        prompt_tokens=usage.prompt_tokens,
        completion_tokens=usage.completion_tokens,
        money=price.of(usage) if price else None,
        hours=max(minutes) * 60 / _SECONDS_PER_HOUR,
    )


def expected_usage(calls: int, prompt_tokens: float, completion_tokens: float) -> Usage:
    """Usage of calls by their mean lengths, in tokens."""
    return Usage(calls, round(calls * prompt_tokens), round(calls * completion_tokens))


def usage_of(
    requests: Sequence[Request],
    completion_tokens: float,
    model: str,
    sampling: Sampling,
    known: Collection[str] = (),
) -> Usage:
    """Usage of the requests that are still to be asked.

    Args:
        requests: What will be asked; equal ones are asked once.
        completion_tokens: Mean length of a completion.
        model: Name of the model.
        sampling: How it will draw.
        known: Keys of calls that the ledger holds, as `Ledger.answered` returns them.

    Returns:
        Calls and their tokens, four bytes of a prompt for one.
    """
    todo = {call_key(model, sampling, request): request for request in requests}
    chats = [request.messages for key, request in todo.items() if key not in known]
    prompts = [sum(len(turn.content.encode("utf-8", "replace")) for turn in chat) for chat in chats]
    return Usage(len(chats), sum(map(likely_tokens, prompts)), round(len(chats) * completion_tokens))


def mean_lengths(accounts: Iterable[Account], role: str, stage: str) -> tuple[float, float] | None:
    """Mean tokens read and written per call of a role in a stage so far; None where nothing was answered yet."""
    ours = [account for account in accounts if (account.role, account.stage) == (role, stage)]
    calls = sum(account.calls for account in ours)
    if not calls:
        return None
    return sum(a.prompt_tokens for a in ours) / calls, sum(a.completion_tokens for a in ours) / calls
