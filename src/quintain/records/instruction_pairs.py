"""Instruction data: what the user asks, what the assistant responds."""

from dataclasses import dataclass, field
from typing import Literal

from quintain.records.messages import Message
from quintain.records.record import UNHASHED_WHEN_EMPTY, Record

PairKind = Literal[
    "web-as-instruction", "web-as-response", "distilled", "in-scope", "out-of-scope", "free-text", "given"
]


@dataclass(frozen=True, kw_only=True)
class InstructionPair(Record):
    """One row of instruction data: what the user asks, what the assistant responds."""

    instruction: str
    """The whole user turn, the page included where the page is the instruction."""
    response: str
    """The assistant turn."""
    kind: PairKind
    """How the pair was made."""
    page_id: str = ""
    """Id of the page it was made from, empty for other kinds."""
    request: str = ""
    """The request alone, without the page."""
    rollout: str = ""
    """The response before refinement; empty where there was none."""
    context: tuple[Message, ...] = field(default=(), metadata=UNHASHED_WHEN_EMPTY)
    """Turns before the user turn, a system turn first; empty where the chat begins with it."""
    unlearned: tuple[int, ...] = field(default=(), metadata=UNHASHED_WHEN_EMPTY)
    """Responses of `context`, counted from 0, that carry no loss where the responses of the whole chat are learned."""
