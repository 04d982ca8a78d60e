"""Shared pieces of a round's steps: lookups, held-out items, and the end of the loop.

An empty train pool means that the loop has ended: everything after it passes on what it got, and asks nobody.
"""

from collections.abc import Sequence
from typing import Any

from quintain.benchmarks.benchmark import Benchmark
from quintain.benchmarks.decontamination import Decontamination, find_held_out
from quintain.records import SHOWN_CHARACTERS, Dropped, Instruction, Response

Report = dict[str, Any]
STAGE = "distillation"


def goes_on(pool: Sequence[Instruction], before: Report) -> bool:
    """True when the round before left something to learn."""
    return any(one.round == before["round"] for one in pool)


def by_id(pool: Sequence[Instruction]) -> dict[str, Instruction]:
    """Instructions by their id."""
    return {one.id: one for one in pool}


def by_instruction(responses: Sequence[Response]) -> dict[str, Response]:
    """Responses by the id of their instruction."""
    return {response.instruction_id: response for response in responses}


def drop_held_out(
    instructions: Sequence[Instruction], benchmarks: Sequence[Benchmark], params: Decontamination
) -> tuple[list[Instruction], list[Dropped]]:
    """Tell instructions from those that hold an item of an evaluation pack."""
    kept: list[Instruction] = []
    dropped: list[Dropped] = []
    leaks = find_held_out(([one.prompt] for one in instructions), benchmarks, params)
    for one, leak in zip(instructions, leaks, strict=True):
        if leak is None:
            kept.append(one)
        else:
            where = f"instruction {one.id}: {leak.item}"
            dropped.append(
                Dropped(stage="contamination", reason="contaminated", where=where, text=one.prompt[:SHOWN_CHARACTERS])
            )
    return kept, dropped
