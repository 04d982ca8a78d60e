"""Draw training items and edits of the exact packs."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Literal

from msgspec import Meta

from quintain.fields import Count, Seed, check
from quintain.methods.lte.knowedit import read_cases
from quintain.packs.build import CATEGORIES, VERSION
from quintain.packs.edits import MOST_EDITS, draw_edits
from quintain.packs.training import training_rows
from quintain.records import EditCase, Instruction, InstructionPair, Origin


@dataclass(frozen=True, kw_only=True)
class ExerciseParams:
    """Training items: which, how many, and what for. No two of all of them share an instruction.

    Raises:
        ValueError: A value is out of range.
    """

    pack: Literal["starter", "core", "extended"]
    """Pack whose kind they are of; they share no topic, value or wording with any pack."""
    pairs: Count
    """Instructions with responses, for fine-tuning."""
    seeds: Count
    """Instructions from which distillation starts."""
    prompts: Count
    """Instructions with responses to which a student's own responses are held, for preference training."""
    seed: Seed = 0
    """Seed of the draws."""

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True, kw_only=True)
class PackEditParams:
    """Edits of invented people, companies, places and devices, each of a subject of its own.

    Raises:
        ValueError: A value is out of range.
    """

    size: Annotated[int, Meta(ge=1, le=MOST_EDITS)]
    """Edits, of which `editing.edits` keeps some for the test."""
    seed: Seed = 0
    """Seed of the draws."""

    def __post_init__(self) -> None:
        check(self)


def draw_exercises(params: ExerciseParams) -> tuple[list[InstructionPair], list[Instruction], list[InstructionPair]]:
    """Draw training items for three purposes, the six categories in turn, every response proved by the checks.

    Args:
        params: Kind, numbers and seed.

    Returns:
        Pairs to learn, instructions to start a distillation from, and pairs to hold a student's responses to.
    """
    drawn = _drawn(params)
    pairs = [_pair(*one) for one in itertools.islice(drawn, params.pairs)]
    seeds = [_instruction(*one) for one in itertools.islice(drawn, params.seeds)]
    return pairs, seeds, [_pair(*one) for one in itertools.islice(drawn, params.prompts)]


def draw_pack_edits(params: PackEditParams) -> list[EditCase]:
    """Draw edits with probes of every kind, each with its exact answers."""
    return read_cases(f"packs-{params.seed}", draw_edits(params.seed, params.size))


def _drawn(params: ExerciseParams) -> Iterator[tuple[str, str, Origin, str]]:
    """Instruction, response, origin and category."""
    rows = training_rows(params.pack, params.seed, params.pairs + params.seeds + params.prompts)
    for (instruction, response), category in zip(rows, itertools.cycle(CATEGORIES), strict=False):
        knobs = {"pack": params.pack, "category": category}
        yield instruction, response, Origin(model=f"oracle:packs@{VERSION}", seed=params.seed, knobs=knobs), category


def _pair(instruction: str, response: str, origin: Origin, _: str) -> InstructionPair:
    return InstructionPair(instruction=instruction, response=response, kind="distilled", origin=origin)


def _instruction(instruction: str, _: str, origin: Origin, category: str) -> Instruction:
    return Instruction(text=instruction, category=category, origin=origin)
