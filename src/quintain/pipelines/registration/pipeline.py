"""Students register one after the other, each after the one it was trained from."""

from collections.abc import Sequence

from kedro.pipeline import Pipeline, node
from kedro.pipeline.node import Node

from quintain.pipelines.registration.nodes import (
    ask_gate,
    compare_with_parent,
    register_edited_student,
    register_first_student,
    register_student,
)
from quintain.students import EDITING_STUDENT, students

_ROLES = "params:roles"


def create_pipeline(rounds: int = 3, without: Sequence[str] = (), **_: object) -> Pipeline:
    """Register every student; the gate sees them in the order of descent."""
    chain = students(rounds, without)
    parents = (None, *chain[:-1])
    return sum((register(student, parent) for student, parent in zip(chain, parents, strict=True)), Pipeline([]))


def register(student: str, parent: str | None) -> Pipeline:
    """Register one student.

    A child waits for its parent's gate, so that the champion it meets does not depend on which node ran first. The
    namespace is not the student's own: what a parent is registered with would come into the student's box in Kedro-Viz,
    beside what it is made from, and a graph in which scores lead to models has no layers.
    """
    own = f"{student}.registration"
    scored = [f"{student}.{name}" for name in ("model@ref", "scorecard", "judgements", "training")]
    gate = node(ask_gate, inputs=[own, "promotion_policy"], outputs=f"{student}.gate", name="ask_gate")
    if parent is None:
        enter = node(register_first_student, inputs=[*scored, _ROLES], outputs=own, name="register_student")
        return _apart(student, [enter, gate])
    improvement = node(
        compare_with_parent,
        inputs=[*scored[1:3], f"{parent}.scorecard", f"{parent}.judgements", "promotion_policy"],
        outputs=f"{student}.improvement",
        name="compare_with_parent",
    )
    inputs = [*scored, f"{parent}.gate", _ROLES]
    if student != EDITING_STUDENT:
        enter = node(register_student, inputs=inputs, outputs=own, name="register_student")
        return _apart(student, [enter, gate, improvement])
    edited = [
        f"{student}.improvement",
        f"{parent}.model@ref",
        "edit_memory",
        f"{student}.edit_metrics",
        "params:editing.embedder",
        "params:editing.evaluation.trials.k",
    ]
    enter = node(register_edited_student, inputs=[*inputs, *edited], outputs=own, name="register_student")
    return _apart(student, [enter, gate, improvement])


def _apart(student: str, nodes: list[Node]) -> Pipeline:
    """Put the nodes into a namespace and leave all data with the names that they have."""
    whole = Pipeline(nodes)
    data = {name for name in whole.inputs() if not name.startswith("params:")}
    settings = whole.inputs() - data
    return Pipeline(
        nodes, namespace=f"register_{student}", inputs=data, outputs=whole.all_outputs(), parameters=settings
    )
