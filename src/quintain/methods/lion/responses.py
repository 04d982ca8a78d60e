"""Responses of teacher and student to the instructions of a pool."""

from collections.abc import Sequence

from quintain import prompts
from quintain.records import Completion, Instruction, Origin, Request, Response

_PROMPT = "student/instruction"


def ask_responses(instructions: Sequence[Instruction]) -> list[Request]:
    """Ask each instruction as a user would, input included."""
    return [prompts.request(_PROMPT, {"instruction": instruction.prompt}) for instruction in instructions]


def read_responses(instructions: Sequence[Instruction], completions: Sequence[Completion], role: str) -> list[Response]:
    """Take completions as responses; what a model could not answer has no text and finish_reason `error`.

    Args:
        instructions: What was asked.
        completions: What was answered, in the same order.
        role: `teacher` or `student`.

    Returns:
        One response per instruction.
    """
    return [
        Response(
            instruction_id=instruction.id,
            role="teacher" if role == "teacher" else "student",
            text="" if completion.finish_reason == "error" else completion.response,
            finish_reason=completion.finish_reason,
            origin=Origin(
                parents=(completion.request_id, instruction.id),
                prompt=prompts.fingerprint(_PROMPT),
                model=completion.origin.model,
                seed=completion.origin.seed,
                knobs={"error": completion.text[:500]} if completion.finish_reason == "error" else {},
            ),
        )
        for instruction, completion in zip(instructions, completions, strict=True)
    ]
