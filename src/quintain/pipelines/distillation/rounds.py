"""Shared pieces of a round's steps: calls spent, and whether the loop still goes on.

An empty train pool means that the loop has ended: everything after it passes on what it got, and asks nobody.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from quintain.benchmarks.benchmark import Benchmark
from quintain.benchmarks.decontamination import Decontamination, find_held_out
from quintain.records import SHOWN_CHARACTERS, Completion, Dropped, Instruction, Response

Report = dict[str, Any]
STAGE = "distillation"


@dataclass(frozen=True)
class Spent:
    """Calls and tokens of one role in one round, answered by the model or the ledger."""

    role: str
    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0

    @classmethod
    def on(cls, role: str, completions: Sequence[Completion]) -> "Spent":
        """Count completions."""
        return cls(
            role,
            len(completions),
            sum(completion.prompt_tokens for completion in completions),
            sum(completion.completion_tokens for completion in completions),
        )


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
