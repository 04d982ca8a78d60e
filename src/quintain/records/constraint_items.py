"""Items of a benchmark: instructions with constraints, and responses that prove their checks."""

from dataclasses import dataclass, field

from quintain.records.messages import Message
from quintain.records.record import UNHASHED_WHEN_EMPTY, Record


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One constraint that code can check."""

    kind: str
    """Name of the check, such as `count` or `list`."""
    value: str
    """Its parameter, such as `3` or `dash`."""


@dataclass(frozen=True, kw_only=True)
class ConstraintItem(Record):
    """One instruction with `level` constraints; the items of a group share `category` and `example_id`."""

    example_id: str
    """Group: the same base instruction with one more constraint per level."""
    category: str
    """content, situation, style, format, example or mixed."""
    level: int
    """Number of constraints, 1-5."""
    instruction: str
    """What the model is asked."""
    rules: tuple[Rule, ...] = ()
    """Checkable constraints in the order they were added; empty where a judge is needed."""
    target: str = ""
    """What the base task asks for; its form belongs to the pack."""
    source: str = ""
    """Where the group comes from, such as a dataset's name."""
    path: tuple[str, ...] = ()
    """The instructions of the levels before, the bare one first: how a judge sees which constraint came when."""
    context: tuple[Message, ...] = field(default=(), metadata=UNHASHED_WHEN_EMPTY)
    """The turns before the instruction, a system turn first; empty where the instruction stands alone."""

    @property
    def cluster(self) -> str:
        """The group: it is drawn together where intervals are drawn."""
        return self.example_id

    @property
    def prompt(self) -> str:
        """The instruction, as every item of a benchmark calls it; behind the turns before it where there are any."""
        turns = [f"[{turn.role}]\n{turn.content}" for turn in self.context]
        return "\n\n".join([*turns, f"[user]\n{self.instruction}"]) if turns else self.instruction


@dataclass(frozen=True, kw_only=True)
class Proof:
    """A response that was written so that the exact verdict on each constraint is known."""

    item: ConstraintItem
    """What it responds to, with its path."""
    response: str
    """The response."""
    satisfied: tuple[bool, ...]
    """The verdicts: all True for a witness, all but one for a mutant."""
