"""Forecast of a run's cost, from its pages and settings, before any model is asked."""

import math
from collections.abc import Callable, Sequence

from quintain.methods.webr.drafts import PairDraft, plan
from quintain.methods.webr.evidence import PERSONA_WORDS
from quintain.methods.webr.params import WebrParams
from quintain.methods.webr.steps import (
    Read,
    ask_author,
    ask_refinement,
    ask_request,
    ask_response,
    read_author,
    read_refinement,
    read_request,
    read_response,
)
from quintain.records import Completion, Request, WebPage
from quintain.usage import RoleUsage

CHARACTERS_PER_TOKEN = 4
"""Of English text, in the common vocabularies of 32k to 200k tokens; other languages take more tokens."""
_FILLER_CHARACTERS = 4


def forecast_calls(
    pages: Sequence[WebPage], params: WebrParams, models: dict[str, str], *, response_tokens: int = 400
) -> list[RoleUsage]:
    """Walk the pages through all questions with answers of the expected length.

    The prompts are the real ones, so their tokens are counted, at four characters each; what models will write is
    assumed: personas and requests as long as their prompts allow, responses of `response_tokens`.

    Args:
        pages: The pages of the run.
        params: The settings of the run.
        models: Role → name of the model; `author` and `teacher`.
        response_tokens: Expected length of a response, in tokens.

    Returns:
        One entry per question, in order. No row is expected to be dropped, so calls are an upper bound.
    """
    drafts = plan(pages, params)
    forecast: list[RoleUsage] = []

    def asked(role: str, requests: Sequence[Request], tokens: Sequence[int]) -> list[Completion]:
        read = sum(math.ceil(_characters(request) / CHARACTERS_PER_TOKEN) for request in requests)
        forecast.append(RoleUsage(len(requests), read, sum(tokens), role=role, model=models[role]))
        return [
            Completion(request_id=request.id, text=_expected(length), finish_reason="stop")
            for request, length in zip(requests, tokens, strict=True)
        ]

    def step(
        role: str, requests: list[Request], tokens: list[int], read: Callable[..., Read], before: list[PairDraft]
    ) -> list[PairDraft]:
        return read(before, asked(role, requests, tokens), params).drafts

    drafts = step("author", ask_author(drafts, params), [_tokens(PERSONA_WORDS)] * len(drafts), read_author, drafts)
    drafts = step("teacher", ask_request(drafts), [_tokens(draft.words) for draft in drafts], read_request, drafts)
    drafts = step("teacher", ask_response(drafts, params), [response_tokens] * len(drafts), read_response, drafts)
    refinements = ask_refinement(drafts)
    step("teacher", refinements, [response_tokens] * len(refinements), read_refinement, drafts)
    return forecast


def _characters(request: Request) -> int:
    return sum(len(message.content) for message in request.messages)


def _tokens(words: int) -> int:
    """Tokens of so many English words, at four for three."""
    return math.ceil(words * 4 / 3)


def _expected(tokens: int) -> str:
    """Numbers, each another one: in any language, and never the same again, so that no filter has a say."""
    count = max(1, tokens * CHARACTERS_PER_TOKEN // (_FILLER_CHARACTERS + 1))
    return " ".join(f"{number % 10**_FILLER_CHARACTERS:0{_FILLER_CHARACTERS}d}" for number in range(count))
