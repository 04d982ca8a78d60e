"""Students register one after the other, each after the one it was trained from."""

from collections.abc import Sequence

from kedro.pipeline import Pipeline, node
from kedro.pipeline.node import Node

from quintain.lifecycle import Lifecycle, Student
from quintain.pipelines.overriding import override
from quintain.pipelines.registration.nodes import (
    ITEMS,
    JUDGEMENTS,
    PAGE,
    SCORECARD,
    ask_gate,
    carry_memory,
    compare_with_parent,
    register_student,
)
from quintain.pipelines.registration.retention import PARENT, report_retention
from quintain.pipelines.registration.title_match import meet_champion

_POLICY = "promotion_policy"


def create_pipeline(lifecycle: Lifecycle) -> Pipeline:
    """Register every student that is scored; the gate sees them in the order of descent."""
    scored = [student for student in lifecycle.students if student.benchmarks]
    names = [student.name for student in scored]
    pipelines = []
    for student, before in zip(scored, ["", *names], strict=False):
        # A student that nobody scores is no version; what descends from it descends from the next one up that is.
        parent = next((each.name for each in lifecycle.ancestors(student.name) if each.name in names), "")
        original = student.parent if student.by == "editing" else ""
        own = register(
            student.name,
            parent,
            student.benchmarks,
            after=before,
            original=original,
            shared=_shared(lifecycle, student, parent),
            judged=tuple(name for name in student.benchmarks if name in lifecycle.judged),
        )
        pipelines.append(override(own, student))
    return sum(pipelines, Pipeline([]))


def _shared(lifecycle: Lifecycle, student: Student, parent: str) -> tuple[str, ...]:
    """Benchmarks that a student and the one it descends from are both scored on, in the student's order."""
    theirs = {each.name: each.benchmarks for each in lifecycle.students}.get(parent, ())
    return tuple(name for name in student.benchmarks if name in theirs)


def register(
    student: str,
    parent: str,
    benchmarks: Sequence[str],
    *,
    after: str = "",
    original: str = "",
    shared: Sequence[str] = (),
    judged: Sequence[str] = (),
) -> Pipeline:
    """Register one student.

    The namespace is not the student's own: what a parent is registered with would come into the student's box in
    Kedro-Viz, beside what it is made from, and a graph in which scores lead to models has no layers.

    Args:
        student: Its name.
        parent: Registered student that it descends from; empty where there is none.
        benchmarks: What it is scored on, the headline first.
        after: Student whose gate comes before this one's; empty for the first.
        original: Student whose model answers where no edit does; empty for a student without a memory.
        shared: Benchmarks that the parent is scored on as well.
        judged: Benchmarks in which judges prefer one of two responses: there it meets the champion.

    Returns:
        The nodes: `<student>.registration` and `<student>.gate` out.
    """
    inputs = {
        "model": f"{student}.model@ref",
        "training": f"{student}.training",
        "roles": "params:roles",
        **{
            f"{name}.{part}": f"{student}.{name}.{part}"
            for name in benchmarks
            for part in (SCORECARD, JUDGEMENTS, PAGE)
        },
        **{f"{name}.{ITEMS}": f"{name}.items@benchmark" for name in benchmarks},
    }
    nodes = []
    if parent:
        inputs["parent"] = f"{parent}.registration"
    if comparable := benchmarks[0] in shared:
        nodes.append(_comparison(student, parent, benchmarks[0]))
    if shared:
        inputs["retention"] = f"{student}.retention"
        nodes.append(_retention(student, parent, shared))
    if after:
        inputs["after"] = f"{after}.gate"
    if judged:
        inputs["match"] = f"{student}.title_match"
        nodes.append(_title_match(student, judged, f"{after}.gate" if after else ""))
    if original:
        inputs["carried"] = f"{student}.carried_memory"
        nodes.append(_carrying(student, original, f"{student}.improvement" if comparable else ""))
    own = f"{student}.registration"
    nodes += [
        node(register_student, inputs=inputs, outputs=own, name="register_student"),
        node(ask_gate, inputs=[own, _POLICY], outputs=f"{student}.gate", name="ask_gate"),
    ]
    return _apart(student, nodes)


def _comparison(student: str, parent: str, benchmark: str) -> Node:
    return node(
        compare_with_parent,
        inputs=[
            *(f"{each}.{benchmark}.{part}" for each in (student, parent) for part in (SCORECARD, JUDGEMENTS)),
            _POLICY,
        ],
        outputs=f"{student}.improvement",
        name="compare_with_parent",
    )


def _retention(student: str, parent: str, benchmarks: Sequence[str]) -> Node:
    inputs = {"policy": _POLICY}
    for name in benchmarks:
        inputs |= {f"{name}.{part}": f"{student}.{name}.{part}" for part in (SCORECARD, JUDGEMENTS)}
        inputs |= {f"{name}.{PARENT}{part}": f"{parent}.{name}.{part}" for part in (SCORECARD, JUDGEMENTS)}
        inputs[f"{name}.{ITEMS}"] = f"{name}.items@benchmark"
    return node(
        report_retention,
        inputs=inputs,
        outputs=[f"{student}.retention", f"{student}.retention_report"],
        name="report_retention",
    )


def _title_match(student: str, judged: Sequence[str], gate_before: str) -> Node:
    inputs = {
        "holder": "title_holder",
        "model": f"{student}.model@ref",
        "roles": "params:roles",
        "policy": _POLICY,
        # Who holds the title is known when the gate has decided on the student before.
        **({"after": gate_before} if gate_before else {}),
    }
    for name in judged:
        inputs |= {f"{name}.{part}": f"{student}.{name}.{part}" for part in (SCORECARD, JUDGEMENTS)}
        inputs[f"{name}.{ITEMS}"] = f"{name}.items@benchmark"
    return node(meet_champion, inputs=inputs, outputs=f"{student}.title_match", name="meet_champion")


def _carrying(student: str, original: str, improvement: str) -> Node:
    inputs = {
        "memory": f"{student}.edit_memory",
        "metrics": f"{student}.edit_metrics",
        "original": f"{original}.model@ref",
        "embedder": "params:editing.embedder",
        "k": "params:editing.evaluation.trials.k",
    }
    if improvement:
        inputs["improvement"] = improvement
    return node(carry_memory, inputs=inputs, outputs=f"{student}.carried_memory", name="carry_memory")


def _apart(student: str, nodes: list[Node]) -> Pipeline:
    """Put the nodes into a namespace and leave all data with the names that they have."""
    whole = Pipeline(nodes)
    data = {name for name in whole.inputs() if not name.startswith("params:")}
    settings = whole.inputs() - data
    return Pipeline(
        nodes, namespace=f"register_{student}", inputs=data, outputs=whole.all_outputs(), parameters=settings
    )
