"""Instruction pairs as token rows, with the loss on the response only, or on all responses of a chat."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypedDict

from quintain.models.response_tokens import ResponseEncoder
from quintain.progress import told
from quintain.records import SHOWN_CHARACTERS, Dropped, InstructionPair, Message
from quintain.training.row_rendering import Learn, RenderedRow, render_responses

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
    """Responses that have reasoning before them."""

    def dropped_by_reason(self) -> dict[str, int]:
        """Number of dropped pairs by reason; `too-long` and `empty-response` are there even at 0."""
        return {"too-long": 0, "empty-response": 0, **Counter(one.reason for one in self.dropped)}


def as_rows(
    encoder: ResponseEncoder,
    pairs: Sequence[InstructionPair],
    max_length: int,
    *,
    keep_reasoning: bool = False,
    learn: Learn = "last",
) -> TokenRows:
    """Render pairs as the student is asked, with the loss on what it has to write.

    The responses of a chat share one row as long as the template repeats in each prompt what was learned before it;
    where it does not, such as one that drops earlier reasoning, a response has a row of its own.

    Args:
        encoder: Encoder of the student.
        pairs: What to learn.
        max_length: Longest row, in tokens; a longer one is dropped, never cut, since a response without its end
            teaches not to stop.
        keep_reasoning: Learn the reasoning before a response too.
        learn: The last response of a chat, or all of them.

    Returns:
        The rows, and the dropped pairs.
    """
    made = TokenRows()
    for pair in told(pairs, "rows to tokens, rows"):
        chat = chat_of(pair.context, pair.instruction, pair.response)
        responses = render_responses(
            encoder,
            chat,
            max_length,
            learn=learn,
            unlearned=pair.unlearned,
            keep_reasoning=keep_reasoning,
        )
        if reason := responses[-1].reason:
            text = f"{pair.instruction}\n---\n{pair.response}"[:SHOWN_CHARACTERS]
            made.dropped.append(Dropped(stage="tokens", reason=reason, where=f"pair {pair.id}", text=text))
            continue
        rows = _joined(responses, anchored=pair.kind in _ANCHORED)
        made.with_reasoning += sum(bool(response.reasoning) for response in responses)
        made.rows += rows
    return made


def _joined(responses: Sequence[RenderedRow], *, anchored: bool) -> list[TokenRow]:
    """Rows of a chat: a response goes on with the row of the one before where its prompt begins with that row."""
    rows: list[TokenRow] = []
    for response in responses:
        prompt = list(response.prompt_ids)
        before = rows[-1] if rows and prompt[: len(rows[-1]["input_ids"])] == rows[-1]["input_ids"] else None
        known = [] if before is None else before["labels"]
        row: TokenRow = {
            "input_ids": [*prompt, *response.learned_ids],
            "labels": [*known, *[IGNORED] * (len(prompt) - len(known)), *response.learned_ids],
            "anchored": anchored,
        }
        if before is None:
            rows.append(row)
        else:
            rows[-1] = row
    return rows


def chat_of(context: Sequence[Message], asked: str, response: str) -> list[dict[str, str]]:
    """The turns of a chat, the response last."""
    earlier = [{"role": turn.role, "content": turn.content} for turn in context]
    return [*earlier, {"role": "user", "content": asked}, {"role": "assistant", "content": response}]
