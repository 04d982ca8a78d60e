"""Protocols of language models, whatever stands behind them, and their sampling."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Annotated, Any, Protocol, runtime_checkable

from msgspec import Meta

from quintain.fields import Count, NotNegative, check
from quintain.records import Completion, Request


@dataclass(frozen=True, kw_only=True)
class Sampling:
    """Settings for drawing tokens.

    Raises:
        ValueError: A value is out of range.
    """

    temperature: NotNegative = 0.0
    """0 is greedy; higher is more varied."""
    top_p: Annotated[float, Meta(gt=0, le=1)] = 1.0
    """Share of the probability mass to draw from, in (0, 1]."""
    max_new_tokens: Count = 512
    """Longest completion, in tokens."""
    seed: int = 0
    """Seed of the draw; each sample of a request gets a draw of its own."""

    def __post_init__(self) -> None:
        check(self)


def sampling_of(terms: Mapping[str, Any]) -> Sampling:
    """The sampling in the terms of a scorecard, which say beside it what computed the responses.

    >>> sampling_of({"temperature": 0.0, "max_new_tokens": 80, "number_format": "float32"}).max_new_tokens
    80
    """
    return Sampling(**{field.name: terms[field.name] for field in fields(Sampling) if field.name in terms})


class LanguageModel(Protocol):
    """Completes chats in batches.

    A request that cannot be completed gives a Completion with finish_reason `error` and the reason as its text; it
    never takes the batch down.
    """

    @property
    def name(self) -> str:
        """Identity of the model, `backend:name@digest`; equal names give equal greedy completions."""
        ...

    @property
    def sampling(self) -> Sampling:
        """Settings with which this model draws its tokens."""
        ...

    def generate(self, requests: Sequence[Request]) -> list[Completion]:
        """Complete each request, in order."""
        ...


@runtime_checkable
class ClosingModel(LanguageModel, Protocol):
    """A model for which something was started that has to be ended."""

    def close(self) -> None:
        """End it; the next call starts it again."""
        ...


@runtime_checkable
class ForcedModel(LanguageModel, Protocol):
    """A model whose weights are in this process, so that it can be held to a given response."""

    def predict_forced(self, requests: Sequence[Request], targets: Sequence[str]) -> list[tuple[list[int], list[int]]]:
        """Predict each token of a given response from all right ones before it.

        Args:
            requests: What is asked.
            targets: The response to each.

        Returns:
            The likeliest tokens and the tokens of the target, of one length, per request.
        """
        ...


@dataclass(frozen=True)
class Likelihood:
    """Likelihood of a given response."""

    nats: float
    """Natural logarithm of its probability, the sum over its tokens; nan where there is a fault."""
    greedy: bool
    """Whether every token of it is the likeliest in its place: a model that draws greedily would begin with it."""
    fault: str = ""
    """Why it could not be told, such as a prompt longer than the context; empty where it could."""


@runtime_checkable
class ScoringModel(LanguageModel, Protocol):
    """A model whose weights are in this process, so that it can say how likely a given response is."""

    def score_responses(self, requests: Sequence[Request], responses: Sequence[str]) -> list[Likelihood]:
        """Tell how likely each response is.

        Args:
            requests: What is asked.
            responses: A response to each.

        Returns:
            A likelihood per response, in order.
        """
        ...


@runtime_checkable
class StreamingModel(LanguageModel, Protocol):
    """A model whose completions come one by one, each in its own time, as from an endpoint."""

    def stream(self, requests: Sequence[Request]) -> Iterator[list[tuple[int, Completion]]]:
        """Complete the requests at the same time; each batch has the completions that arrived together.

        A completion comes with the position of its request. A batch counts as kept when the next one is asked for;
        until then its calls are still in flight.
        """
        ...


@runtime_checkable
class ComputingModel(LanguageModel, Protocol):
    """A model of which it is known what computes it."""

    @property
    def computed(self) -> dict[str, str]:
        """Engine, and number format where it is known: under others the rounding, and so a completion, may differ."""
        ...
