"""Losing responses: what the student says instead of the gold response, or pairs as they are given."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from quintain.benchmarks import Benchmark
from quintain.benchmarks.decontamination import Decontamination
from quintain.datasets import ModelRef
from quintain.errors import ConfigError, RecordError
from quintain.fields import Count, Seed, check
from quintain.models.language_model import Sampling
from quintain.models.roles import Roles, bind
from quintain.pipelines.given_data import GivenParams, screen_given
from quintain.pipelines.preference.dropped import mostly, reasons_of
from quintain.prompts import fingerprint, request
from quintain.records import (
    SHOWN_CHARACTERS,
    Completion,
    Dropped,
    InstructionPair,
    Origin,
    PreferencePair,
    Request,
    content_id,
)

Source = Literal["student", "given", "both"]
_STAGE = "preference"
_PROMPT = "student/instruction"


@dataclass(frozen=True, kw_only=True)
class LoserParams:
    """Source of the losing responses.

    Raises:
        ValueError: A value is out of range.
    """

    source: Source = "student"
    """`student` samples them, `given` takes pairs that are there already, `both` does both."""
    prompts: Count
    """Most prompts to sample for, and most given pairs to take; which ones is drawn by their ids."""
    samples: Count = 1
    """Responses per prompt."""
    seed: Seed = 0
    """Seed of the draws."""

    def __post_init__(self) -> None:
        check(self)


def gather_given(*sources: list[PreferencePair]) -> list[PreferencePair]:
    """All pairs that earlier stages left behind, each once."""
    return list({pair.id: pair for pairs in sources for pair in pairs}.values())


def take_given(
    given: list[PreferencePair],
    params: LoserParams,
    screening: GivenParams,
    decontamination: Decontamination,
    *benchmarks: Benchmark,
) -> tuple[list[PreferencePair], list[Dropped]]:
    """Take pairs as they are given, each once, most of them `preference.losers.prompts`; nothing is sampled.

    Args:
        given: Pairs of the user's own.
        params: Most pairs, and the seed that draws them.
        screening: When a pair is a copy of another.
        decontamination: When a pair holds an item of a benchmark.
        *benchmarks: Benchmarks that students of this lifecycle are scored on.

    Returns:
        The pairs, and what was dropped: `held-out`, `near-duplicate`.

    Raises:
        RecordError: There is no pair, or none is left.
    """
    if not given:
        raise RecordError("given_preferences holds no pair; name your own in globals.yml (`preferences`)")
    kept, dropped = screen_given(gather_given(given), screening, decontamination, benchmarks)
    return _drawn(kept, params), dropped


def find_losers(
    instructions: list[InstructionPair],
    given: list[PreferencePair],
    model: ModelRef,
    params: LoserParams,
    sampling: Sampling,
    roles: Roles,
) -> tuple[list[PreferencePair], list[Dropped]]:
    """Pair the gold response of each prompt with what the student says instead, or take pairs as they are given.

    What it said stands in the ledger, so a killed run goes on where it stood.

    Args:
        instructions: Prompts with their gold responses.
        given: Pairs from elsewhere.
        model: The student.
        params: Source and numbers.
        sampling: How the student draws.
        roles: How the student is opened, and where the ledger is.

    Returns:
        The pairs, and the responses that are no losers with their reason: `error`, `unfinished`, `empty`, `gold` (the
        gold response itself) or `repeated`.

    Raises:
        ConfigError: Several samples would all be the same.
        RecordError: There is no pair, though the student was not right: most of its responses are no gold either.
    """
    if params.samples > 1 and sampling.temperature == 0:
        raise ConfigError(
            f"{params.samples} samples at temperature 0 are all the same; raise preference.sampling.temperature, "
            "or set preference.losers.samples to 1"
        )
    pairs: list[PreferencePair] = []
    dropped: list[Dropped] = []
    if params.source in ("given", "both"):
        pairs += _drawn(given, params)
    if params.source in ("student", "both"):
        sampled, dropped = _sample(_drawn(instructions, params), model, params.samples, sampling, roles)
        pairs += sampled
    pairs = list({pair.id: pair for pair in pairs}.values())
    if not pairs and not mostly(dropped, "gold"):
        raise RecordError(
            f"no losing response was found ({len(given)} given pairs, {len(instructions)} prompts; dropped: "
            f"{reasons_of(dropped)}); see preference.losers"
        )
    return pairs, dropped


def _drawn(records: Sequence[Any], params: LoserParams) -> list[Any]:
    return sorted(records, key=lambda record: content_id("losers", params.seed, record.id))[: params.prompts]


def _sample(
    instructions: Sequence[InstructionPair], model: ModelRef, samples: int, sampling: Sampling, roles: Roles
) -> tuple[list[PreferencePair], list[Dropped]]:
    asked = [(gold, sample) for gold in instructions for sample in range(samples)]
    requests = [_asked(gold, sample) for gold, sample in asked]
    with bind("student", roles, stage=_STAGE, folder=model.path, sampling=sampling) as student:
        said = student.generate(requests)
    pairs: list[PreferencePair] = []
    dropped: list[Dropped] = []
    seen: set[tuple[str, str]] = set()
    for (gold, _), completion in zip(asked, said, strict=True):
        text = completion.response.strip()
        if reason := _no_loser(gold, completion, text, seen):
            where = f"prompt {gold.id}, request {completion.request_id}"
            dropped.append(Dropped(stage="losers", reason=reason, where=where, text=text[:SHOWN_CHARACTERS]))
            continue
        seen.add((gold.id, text))
        origin = Origin(
            parents=(gold.id, completion.request_id),
            prompt=fingerprint(_PROMPT),
            model=completion.origin.model,
            seed=completion.origin.seed,
        )
        pairs.append(
            PreferencePair(
                prompt=gold.instruction, chosen=gold.response, rejected=text, context=gold.context, origin=origin
            )
        )
    return pairs, dropped


def _asked(gold: InstructionPair, sample: int) -> Request:
    """The prompt of a pair as the student is asked it, the turns before it included."""
    asked = request(_PROMPT, {"instruction": gold.instruction}, sample=sample)
    return replace(asked, id="", messages=(*gold.context, *asked.messages)) if gold.context else asked


def _no_loser(gold: InstructionPair, completion: Completion, text: str, seen: set[tuple[str, str]]) -> str:
    if completion.finish_reason != "stop":
        return "error" if completion.finish_reason == "error" else "unfinished"
    if not text:
        return "empty"
    if text == gold.response.strip():
        return "gold"
    return "repeated" if (gold.id, text) in seen else ""
