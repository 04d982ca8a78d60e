"""Students register one after the other, each after the one it was trained from."""

from kedro.pipeline import Pipeline, node

from quintain.pipelines.registration.nodes import (
    ask_gate,
    compare_with_parent,
    register_first_student,
    register_student,
)
from quintain.students import students

_ROLES = "params:roles"


def create_pipeline(rounds: int = 3, **_: object) -> Pipeline:
    """Register every student; the gate sees them in the order of descent."""
    chain = students(rounds)
    parents = (None, *chain[:-1])
    return sum((register(student, parent) for student, parent in zip(chain, parents, strict=True)), Pipeline([]))


def register(student: str, parent: str | None) -> Pipeline:
    """Register one student.

    A child waits for its parent's gate, so that the champion it meets does not depend on which node ran first.
    """
    scored = ["model@ref", "scorecard", "judgements", "training"]
    enter = (
        node(register_first_student, inputs=[*scored, _ROLES], outputs="registration", name="register_student")
        if parent is None
        else node(
            register_student,
            inputs=[*scored, f"{parent}.gate", _ROLES],
            outputs="registration",
            name="register_student",
        )
    )
    gate = node(ask_gate, inputs=["registration", "promotion_policy"], outputs="gate", name="ask_gate")
    if parent is None:
        return Pipeline([enter, gate], namespace=student, inputs={"promotion_policy"}, parameters={_ROLES})
    theirs = [f"{parent}.scorecard", f"{parent}.judgements"]
    improvement = node(
        compare_with_parent,
        inputs=["scorecard", "judgements", *theirs, "promotion_policy"],
        outputs="improvement",
        name="compare_with_parent",
    )
    shared = {"promotion_policy", f"{parent}.gate", *theirs}
    return Pipeline([enter, gate, improvement], namespace=student, inputs=shared, parameters={_ROLES})
