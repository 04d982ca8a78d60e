"""Pairs: sample or take the losing responses, bridge, compare, turn into token rows."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Literal

from msgspec import Meta

from quintain.benchmarks import Benchmark
from quintain.benchmarks.decontamination import Decontamination
from quintain.datasets import ModelRef
from quintain.errors import ConfigError, RecordError
from quintain.fields import Count, Seed, check
from quintain.methods.bmc.bridge import (
    BridgeParams,
    ask_bridges,
    ask_comparisons,
    read_bridges,
    read_comparisons,
)
from quintain.models.language_model import Sampling
from quintain.models.roles import Roles, bind
from quintain.pipelines.given_data import GivenParams, screen_given
from quintain.prompts import fingerprint, request
from quintain.records import (
    SHOWN_CHARACTERS,
    Completion,
    Dropped,
    InstructionPair,
    Origin,
    PreferencePair,
    Request,
    TokenizedPair,
    content_id,
)
from quintain.training.dropped_rows import refuse_dropped
from quintain.training.preference.tokenized_pairs import TokenizationParams

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


@dataclass(frozen=True, kw_only=True)
class PairParams:
    """Selection and split of the pairs.

    Raises:
        ValueError: A value is out of range.
    """

    pairs: Literal["bridged", "original", "unbridged"] = "bridged"
    """Train on bridged pairs (BC, BMC), on the same pairs as they were (DPO, MC), or on all pairs as they are, for
    which no bridger is asked."""
    compared: bool = True
    """Ask the judge whether a bridged response is at least as good as the losing one."""
    held_out: Annotated[float, Meta(gt=0, lt=1)] = 0.1
    """Share of the prompts that is kept from training, to measure on."""
    fewest_prompts: Annotated[int, Meta(ge=2)] = 8
    """With fewer prompts that have a pair, the student keeps the weights it starts with; at least 2."""

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
    if not pairs and not _mostly(dropped, "gold"):
        raise RecordError(
            f"no losing response was found ({len(given)} given pairs, {len(instructions)} prompts; dropped: "
            f"{_reasons(dropped)}); see preference.losers"
        )
    return pairs, dropped


def _mostly(dropped: Sequence[Dropped], right: str) -> bool:
    """True when nothing to learn is good news: most of what was dropped needed no mending."""
    return bool(dropped) and 2 * sum(one.reason == right for one in dropped) > len(dropped)


def _reasons(dropped: Sequence[Dropped]) -> str:
    return ", ".join(f"{count} {why}" for why, count in Counter(one.reason for one in dropped).most_common()) or "none"


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


def bridge_losers(
    originals: list[PreferencePair], bridging: BridgeParams, params: PairParams, roles: Roles
) -> tuple[list[PreferencePair], list[Dropped]]:
    """Ask the bridger to mend each losing response, and the judge whether it helped.

    Args:
        originals: The pairs.
        bridging: How the bridger is asked and its reply read.
        params: Whether the judge is asked.
        roles: Who plays `bridger` and `judge`.

    Returns:
        The bridged pairs, and everything dropped with its reason; nothing under `unbridged`.

    Raises:
        RecordError: No bridge held, though most responses had need of one.
    """
    if params.pairs == "unbridged":
        return [], []
    bridger = bind("bridger", roles, stage=_STAGE)
    bridged, dropped = read_bridges(originals, bridger.generate(ask_bridges(originals, bridging)), bridging)
    if params.compared and bridged:
        judge = bind("judge", roles, stage=_STAGE)
        bridged, worse = read_comparisons(bridged, judge.generate(ask_comparisons(bridged)))
        dropped = [*dropped, *worse]
    bridged, repeated = _distinct(bridged)
    dropped = [*dropped, *repeated]
    if originals and not bridged and not _mostly(dropped, "good-enough"):
        raise RecordError(
            f"no losing response was bridged (dropped: {_reasons(dropped)}); see what the bridger wrote in the ledger"
        )
    return bridged, dropped


def _distinct(bridged: list[PreferencePair]) -> tuple[list[PreferencePair], list[Dropped]]:
    """One prompt may have two gold responses, and one loser mended the same way with either."""
    first: dict[str, PreferencePair] = {}
    repeated = []
    for pair in bridged:
        if first.setdefault(pair.id, pair) is not pair:
            repeated.append(Dropped(stage="comparison", reason="repeated", where=f"pair {pair.origin.parents[0]}"))
    return list(first.values()), repeated


def tokenize_pairs(
    bridged: list[PreferencePair],
    originals: list[PreferencePair],
    model: ModelRef,
    rows: TokenizationParams,
    params: PairParams,
) -> tuple[list[TokenizedPair], list[TokenizedPair], list[Dropped]]:
    """Turn pairs into token rows: those to learn from, and the same with the winners as they were before bridging.

    Only prompts whose bridge held take part on either side, so that all ways to train see the same number of pairs.

    Args:
        bridged: Pairs whose bridge held.
        originals: The pairs before bridging.
        model: The student, for its tokenizer.
        rows: Length and diff.
        params: Which of the two to learn from.

    Returns:
        The rows to learn from, the others, and what was dropped with its reason.

    Raises:
        RecordError: No pair could be turned into a row, or the student cannot read too many.
    """
    from quintain.training.preference.tokenized_pairs import UNREADABLE
    from quintain.training.preference.tokenized_pairs import tokenize_pairs as rows_of
    from quintain.training.row_rendering import encoder_of_folder

    encoder = encoder_of_folder(Path(model.path))
    unbridged = params.pairs == "unbridged"
    learned = originals if unbridged else bridged
    mended, dropped = rows_of(encoder, learned, rows, originals)
    if learned and not mended:
        raise RecordError(f"none of {len(learned)} pairs is a row (dropped: {_reasons(dropped)}); see preference.rows")
    if learned:
        unreadable = [one for one in dropped if one.reason in UNREADABLE]
        refuse_dropped(unreadable, len(learned), rows.most_dropped, "preference.rows")
    if unbridged:
        return mended, mended, dropped
    by_id = {pair.id: pair for pair in originals}
    kept = {row.pair_id for row in mended}
    before = [by_id[pair.origin.parents[0]] for pair in bridged if pair.id in kept]
    plain, _ = rows_of(encoder, before, rows)
    return (mended, plain, dropped) if params.pairs == "bridged" else (plain, mended, dropped)


def gather_dropped(*dropped: list[Dropped]) -> list[Dropped]:
    """Everything that was dropped, stage by stage."""
    return [each for some in dropped for each in some]
