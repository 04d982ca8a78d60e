"""Records of distillation: instructions, the responses of teacher and student, reviews of them, and the gap."""

from dataclasses import dataclass
from typing import Literal

from quintain.records.calls import FinishReason
from quintain.records.record import Record

Difficulty = Literal["seed", "hard", "easy"]
ReviewOrder = Literal["teacher-first", "student-first"]
GapLabel = Literal["hard", "easy", "unread"]


@dataclass(frozen=True, kw_only=True)
class Instruction(Record):
    """A user's request, alone: no response yet."""

    text: str
    """The instruction."""
    input: str = ""
    """Material that the instruction speaks of, empty where there is none."""
    category: str = ""
    """Family of the task, empty when unknown; a generated instruction has that of its seed."""
    difficulty: Difficulty = "seed"
    """`seed` as it came, `hard` or `easy` by the label of the seed it was generated from."""
    round: int = 0
    """Round that generated it; 0 for those that the loop starts with."""

    @property
    def prompt(self) -> str:
        """The whole user turn, input included."""
        return f"{self.text}\n\n{self.input}" if self.input.strip() else self.text


@dataclass(frozen=True, kw_only=True)
class Response(Record):
    """Text of the teacher or the student in response to an instruction."""

    instruction_id: str
    """Id of the Instruction."""
    role: Literal["teacher", "student"]
    """Who answered."""
    text: str
    """The response; empty where `finish_reason` is `error`."""
    finish_reason: FinishReason
    """How it ended; only what ended by itself is ever taught."""


@dataclass(frozen=True, kw_only=True)
class Review(Record):
    """Scores of the referee for the two responses to one instruction, in one order."""

    instruction_id: str
    """Id of the Instruction."""
    order: ReviewOrder
    """Whose response was shown first."""
    sample: int = 0
    """0 for the first opinion, 1 for the second."""
    teacher_score: float | None = None
    """1-10; None when the review could not be read."""
    student_score: float | None = None
    """1-10; None when the review could not be read."""
    fault: str = ""
    """Why it could not be read, in one word such as `out-of-range`; empty when it was."""
    text: str = ""
    """What the referee wrote."""


@dataclass(frozen=True, kw_only=True)
class Gap(Record):
    """Distance of the student behind the teacher on one instruction, over all reviews."""

    instruction_id: str
    """Id of the Instruction."""
    label: GapLabel
    """`hard` when the gap reaches the threshold, else `easy`; `unread` when no review could be read."""
    teacher_score: float | None
    """Mean over the orders; None when unread."""
    student_score: float | None
    """Mean over the orders; None when unread."""
    conflict: bool = False
    """The two orders prefer different responses."""
    response_id: str = ""
    """Id of the student's Response that was judged; while that stays the same, so does the gap."""

    @property
    def gap(self) -> float | None:
        """Teacher's score minus student's, in points of the referee's scale."""
        if self.teacher_score is None or self.student_score is None:
            return None
        return self.teacher_score - self.student_score
