"""Instruction pairs as token rows, with the loss on the response only."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypedDict

from quintain.models.response_tokens import ResponseEncoder
from quintain.records import SHOWN_CHARACTERS, Dropped, InstructionPair, Message
from quintain.training.row_rendering import render_row

IGNORED = -100
"""Label of a position without loss, as torch's cross entropy has it."""

_ANCHORED = ("out-of-scope", "free-text")


class TokenRow(TypedDict):
    """One row of a training set."""

    input_ids: list[int]
    labels: list[int]
    anchored: bool
    """Whether the student shall stay what it was here: free text, and questions that no edit is about."""


@dataclass
class TokenRows:
    """Rows of a training set, and what became of the pairs that are none."""

    rows: list[TokenRow] = field(default_factory=list)
    """The rows, in the order of the pairs."""
    dropped: list[Dropped] = field(default_factory=list)
    """The pairs that teach nothing, with the reason."""
    with_reasoning: int = 0
    """Rows whose response has reasoning before it."""

    def dropped_by_reason(self) -> dict[str, int]:
        """Number of dropped pairs by reason; `too-long` and `empty-response` are there even at 0."""
        return {"too-long": 0, "empty-response": 0, **Counter(one.reason for one in self.dropped)}


def as_rows(
    encoder: ResponseEncoder, pairs: Sequence[InstructionPair], max_length: int, *, keep_reasoning: bool = False
) -> TokenRows:
    """Render pairs as the student is asked, with the loss on what it has to write.

    Args:
        encoder: Encoder of the student.
        pairs: What to learn.
        max_length: Longest row, in tokens; a longer one is dropped, never cut, since a response without its end
            teaches not to stop.
        keep_reasoning: Learn the reasoning before a response too.

    Returns:
        The rows, and the dropped pairs.
    """
    made = TokenRows()
    for pair in pairs:
        row = render_row(
            encoder, chat_of(pair.context, pair.instruction, pair.response), max_length, keep_reasoning=keep_reasoning
        )
        if row.reason:
            text = f"{pair.instruction}\n---\n{pair.response}"[:SHOWN_CHARACTERS]
            made.dropped.append(Dropped(stage="tokens", reason=row.reason, where=f"pair {pair.id}", text=text))
            continue
        made.with_reasoning += bool(row.reasoning)
        labels = [IGNORED] * len(row.prompt_ids) + list(row.learned_ids)
        ids = [*row.prompt_ids, *row.learned_ids]
        made.rows.append({"input_ids": ids, "labels": labels, "anchored": pair.kind in _ANCHORED})
    return made


def chat_of(context: Sequence[Message], asked: str, response: str) -> list[dict[str, str]]:
    """The turns of a chat, the response last."""
    earlier = [{"role": turn.role, "content": turn.content} for turn in context]
    return [*earlier, {"role": "user", "content": asked}, {"role": "assistant", "content": response}]
