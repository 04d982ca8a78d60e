import pytest

from quintain.records import Completion, Instruction, Response


@pytest.fixture
def make():
    """Instructions with the responses of teacher and student: `make(3)`."""

    def build(count, categories=("a", "b"), **fields):
        pool = [
            Instruction(text=f"Task number {i}", category=categories[i % len(categories)], **fields)
            for i in range(count)
        ]
        teacher = {one.id: answer(one, "teacher", f"good {i}") for i, one in enumerate(pool)}
        student = {one.id: answer(one, "student", f"poor {i}") for i, one in enumerate(pool)}
        return pool, teacher, student

    return build


def answer(instruction, role, text, finish_reason="stop"):
    return Response(instruction_id=instruction.id, role=role, text=text, finish_reason=finish_reason)


@pytest.fixture
def candidate():
    """What the generator wrote: `candidate("Name five rivers")`."""

    def build(text, finish_reason="stop"):
        return Completion(request_id="request", text=text, finish_reason=finish_reason)

    return build
