"""Students register one after the other, each after the one it was trained from."""

from collections.abc import Sequence

from kedro.pipeline import Pipeline, node

from quintain.pipelines.registration.nodes import (
    ask_gate,
    compare_with_parent,
    register_edited_student,
    register_first_student,
    register_student,
)
from quintain.students import EDITING_STUDENT, students

_SCORED = ["model@ref", "scorecard", "judgements", "training"]

_ROLES = "params:roles"


def create_pipeline(rounds: int = 3, without: Sequence[str] = (), **_: object) -> Pipeline:
    """Register every student; the gate sees them in the order of descent."""
    chain = students(rounds, without)
    parents = (None, *chain[:-1])
    return sum((register(student, parent) for student, parent in zip(chain, parents, strict=True)), Pipeline([]))


def register(student: str, parent: str | None) -> Pipeline:
    """Register one student.

    A child waits for its parent's gate, so that the champion it meets does not depend on which node ran first.
    """
    gate = node(ask_gate, inputs=["registration", "promotion_policy"], outputs="gate", name="ask_gate")
    if parent is None:
        inputs = [*_SCORED, _ROLES]
        enter = node(register_first_student, inputs=inputs, outputs="registration", name="register_student")
        return Pipeline([enter, gate], namespace=student, inputs={"promotion_policy"}, parameters={_ROLES})
    theirs = [f"{parent}.scorecard", f"{parent}.judgements"]
    improvement = node(
        compare_with_parent,
        inputs=["scorecard", "judgements", *theirs, "promotion_policy"],
        outputs="improvement",
        name="compare_with_parent",
    )
    shared = {"promotion_policy", f"{parent}.gate", *theirs}
    if student != EDITING_STUDENT:
        inputs = [*_SCORED, f"{parent}.gate", _ROLES]
        enter = node(register_student, inputs=inputs, outputs="registration", name="register_student")
        return Pipeline([enter, gate, improvement], namespace=student, inputs=shared, parameters={_ROLES})
    original, memory = f"{parent}.model@ref", "edit_memory"
    settings = ["params:editing.embedder", "params:editing.evaluation.trials.k"]
    inputs = [*_SCORED, f"{parent}.gate", _ROLES, "improvement", original, memory, "edit_metrics", *settings]
    enter = node(register_edited_student, inputs=inputs, outputs="registration", name="register_student")
    return Pipeline(
        [enter, gate, improvement],
        namespace=student,
        inputs={*shared, original, memory},
        parameters={_ROLES, *settings},
    )
