"""The generator: new instructions from hard and easy seeds, and what is wrong with some of them."""

import random
import string
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from quintain import prompts
from quintain.methods.lion.novelty import NoveltyFilter
from quintain.methods.lion.params import LionParams
from quintain.prompts.marks import escape_marks
from quintain.records import SHOWN_CHARACTERS, Completion, Difficulty, Dropped, Gap, Instruction, Origin, Request

STAGES = ("text", "novelty")
"""Where a candidate can be dropped, in order."""

_PROMPTS: dict[Difficulty, str] = {"hard": "lion/generate_hard", "easy": "lion/generate_easy"}
_LEAST_WORDS = 4
_CONFLICT_WEIGHT = 0.5


class Draw(NamedTuple):
    """One question to the generator."""

    seed: Instruction
    difficulty: Difficulty
    sample: int
    """How often this seed was asked before in this round."""


class Wave(NamedTuple):
    """Accepted and dropped instructions of one wave of requests to the generator."""

    accepted: list[Instruction]
    dropped: list[Dropped]


def quotas(gaps: Sequence[Gap], params: LionParams) -> dict[Difficulty, int]:
    """Numbers of instructions to accept from hard and easy seeds; a side without seeds leaves its part to the other.

    Args:
        gaps: The labelled gaps of the round.
        params: Number per round and share of hard ones.

    Returns:
        Counts by difficulty, 0 for both when nothing is labelled.
    """
    labels = Counter(gap.label for gap in gaps)
    hard = round(params.per_round * params.hard_share)
    wanted: dict[Difficulty, int] = {"hard": hard, "easy": params.per_round - hard}
    if not labels["hard"] and not labels["easy"]:
        return {"hard": 0, "easy": 0}
    if not labels["hard"]:
        return {"hard": 0, "easy": params.per_round if wanted["easy"] else 0}
    if not labels["easy"]:
        return {"hard": params.per_round if wanted["hard"] else 0, "easy": 0}
    return wanted


def draw_seeds(
    gaps: Sequence[Gap],
    pool: Mapping[str, Instruction],
    wanted: Mapping[Difficulty, int],
    drawn: Counter[tuple[str, Difficulty]],
    rng: random.Random,
    params: LionParams,
) -> list[Draw]:
    """Draw seeds for the next wave, with replacement.

    An instruction on which the referee contradicted itself counts half. Under the balanced curriculum every family has
    the same chance, however many of its instructions are hard.

    Args:
        gaps: The labelled gaps.
        pool: The cache pool by id.
        wanted: Draws by difficulty.
        drawn: How often each seed was drawn before; counted on here.
        rng: Source of the draws.
        params: Curriculum.

    Returns:
        The draws, hard ones first.
    """
    draws = []
    for difficulty, count in wanted.items():
        seeds = [gap for gap in gaps if gap.label == difficulty and gap.instruction_id in pool]
        if not seeds or not count:
            continue
        families = Counter(pool[gap.instruction_id].category for gap in seeds)
        weights = [
            (_CONFLICT_WEIGHT if gap.conflict else 1.0)
            / (families[pool[gap.instruction_id].category] if params.curriculum == "balanced" else 1)
            for gap in seeds
        ]
        for gap in rng.choices(seeds, weights, k=count):
            key = (gap.instruction_id, difficulty)
            draws.append(Draw(pool[gap.instruction_id], difficulty, drawn[key]))
            drawn[key] += 1
    return draws


def ask_generator(draws: Sequence[Draw]) -> list[Request]:
    """Ask for one new instruction per seed: the same type of task from a hard one, a rarer one from an easy one."""
    return [
        prompts.request(_PROMPTS[draw.difficulty], {"seed": draw.seed.prompt}, sample=draw.sample) for draw in draws
    ]


def read_candidates(
    draws: Sequence[Draw],
    completions: Sequence[Completion],
    gate: NoveltyFilter,
    room: Mapping[Difficulty, int],
    round_number: int,
    params: LionParams,
) -> Wave:
    """Accept what is a usable text and new; hard and easy candidates pass one gate.

    Args:
        draws: What was asked.
        completions: What the generator wrote, in the same order.
        gate: Knows the whole cache pool and everything accepted so far; accepted texts join it.
        room: How many more are wanted, by difficulty; what comes after that is not looked at.
        round_number: Round that generates.
        params: Mode and seed.

    Returns:
        Accepted instructions, and the others with a reason.
    """
    left = dict(room)
    accepted: list[Instruction] = []
    dropped: list[Dropped] = []
    for draw, completion in zip(draws, completions, strict=True):
        if not left.get(draw.difficulty, 0):
            continue
        text = completion.response if params.strict else completion.response.strip()
        stage, reason = "text", fault(completion, draw.seed, params)
        knobs: dict[str, str] = {}
        if not reason:
            admission = gate.admit(text)
            stage, reason = "novelty", "" if admission.accepted else "too-similar"
            knobs = {"similarity": f"{admission.score:.4f}", "nearest": (admission.nearest or "")[:SHOWN_CHARACTERS]}
        origin = Origin(
            parents=(completion.request_id, draw.seed.id),
            prompt=prompts.fingerprint(_PROMPTS[draw.difficulty]),
            model=completion.origin.model,
            seed=params.seed,
            knobs=knobs,
        )
        if reason:
            where = f"round {round_number}, {draw.difficulty} seed {draw.seed.id}, request {completion.request_id}"
            shown = completion.text[:SHOWN_CHARACTERS]
            dropped.append(Dropped(stage=stage, reason=reason, where=where, text=shown, origin=origin))
        else:
            left[draw.difficulty] -= 1
            accepted.append(
                Instruction(
                    text=text,
                    category=draw.seed.category,
                    difficulty=draw.difficulty,
                    round=round_number,
                    origin=origin,
                )
            )
    return Wave(accepted, dropped)


def fault(completion: Completion, seed: Instruction, params: LionParams) -> str:
    """Name what keeps a text from being an instruction.

    Args:
        completion: What the generator wrote.
        seed: What it was shown.
        params: In paper mode texts that hold "instruction", or begin with ASCII punctuation or a letter outside ASCII,
            are dropped, and the seed itself is left to the novelty gate.

    Returns:
        `model-error`, `empty`, `truncated`, `few-words`, `punctuation`, `echo`, `template`, `script`, or '' for a good
        one.

    Source: the authors' src/generate_hard_instruction.py.
    """
    text = completion.response
    if completion.finish_reason == "error":
        return "model-error"
    if not text.strip():
        return "empty"
    if params.strict and "instruction" in text.lower():
        return "template"
    if completion.finish_reason == "length":
        return "truncated"
    if params.strict:
        if len(text.split()) < _LEAST_WORDS:
            return "few-words"
        if text[0] in string.punctuation:
            return "punctuation"
        return "" if text[0].isascii() else "script"
    if "<given>" in text or escape_marks(text, ("given",)) != text:
        return "template"
    if " ".join(text.split()).casefold() == " ".join(seed.prompt.split()).casefold():
        return "echo"
    # Scripts without spaces make one word of a sentence.
    if text.isascii() and len(text.split()) < _LEAST_WORDS:
        return "few-words"
    return ""
