"""The family tree of a lifecycle as boxes: which box each node lies in, and which box learns from which."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from kedro.pipeline import Node, Pipeline

from quintain.lifecycle import TRAININGS, Lifecycle, Student

_MAKES = ("world", "start", *TRAININGS)
"""Pipelines that make students."""
_TRAINING, _EVALUATION, _REGISTRATION = "training", "evaluation", "registration"
_REGISTERS = "register_"
_ASIDE = ("_suite", ".items")
"""Endings of what every student reads and none learns: suites of expectations, the items of benchmarks."""


@dataclass(frozen=True)
class Boxes:
    """Boxes of a pipeline, nested by dots in their names."""

    of: Mapping[str, str]
    """Name of a node → its box."""
    joined: Mapping[str, frozenset[tuple[str, str]]]
    """Dataset → pairs of outermost boxes, the one that makes it and one that learns from it: models and data."""
    outside: frozenset[str]
    """Datasets that a box learns from and none makes: the user's own data and models."""


def boxes_of(pipelines: Mapping[str, Pipeline], lifecycle: Lifecycle) -> Boxes:
    """Sort the nodes of a lifecycle into one box per student, with what trains, evaluates and registers it inside.

    The rounds of a distillation lie in the box of the student that they lead to. What makes data lies in a box with
    the name of its pipeline.

    Args:
        pipelines: Pipelines by name.
        lifecycle: The family tree.

    Returns:
        The boxes.
    """
    nodes = [(name, node) for name in lifecycle.pipelines for node in pipelines[name].nodes]
    of = {node.name: _box(node, name, lifecycle) for name, node in nodes}
    made = {plain(name): outermost(of[node.name]) for _, node in nodes for name in node.outputs}
    joined: dict[str, set[tuple[str, str]]] = {}
    for name, reader in _learned([node for _, node in nodes], of):
        if made.get(name) != reader:
            joined.setdefault(name, set()).add((made.get(name, ""), reader))
    return Boxes(
        of,
        {name: frozenset(pairs) for name, pairs in joined.items() if name in made},
        frozenset(joined.keys() - made.keys()),
    )


def outermost(box: str) -> str:
    """The box that a box lies in at last.

    >>> outermost("lion.round_1.training")
    'lion'
    """
    return box.partition(".")[0]


def plain(dataset: str) -> str:
    """A dataset whatever the view of it.

    >>> plain("base.model@hf")
    'base.model'
    """
    return dataset.partition("@")[0]


def _box(node: Node, pipeline: str, lifecycle: Lifecycle) -> str:
    student = _student(node, lifecycle)
    if not student:
        return pipeline
    inner = student.removeprefix(f"{_declared(student, lifecycle)}_")
    place = [_declared(student, lifecycle), *([inner] if inner != student else [])]
    part = _TRAINING if pipeline in _MAKES else pipeline
    further = (node.namespace or "").split(".")[1:]
    if pipeline == _EVALUATION and len(_scored_on(student, lifecycle)) == 1:
        further = []
    return ".".join([*place, part, *further])


def _student(node: Node, lifecycle: Lifecycle) -> str:
    """The student that a node makes or measures; empty for one that makes data."""
    names = {student.name for student in lifecycle.students}
    names |= {_opening(student) for student in lifecycle.students if student.rounds}
    owner = (node.namespace or next(iter(node.outputs), "")).partition(".")[0]
    bare = owner.removeprefix(_REGISTERS)
    return owner if owner in names else bare if bare in names else ""


def _declared(student: str, lifecycle: Lifecycle) -> str:
    """The student that lifecycle.yml names: itself, or the one that it is a round of."""
    for each in lifecycle.students:
        if student in (each.name, _opening(each), *each.rounds) and each.declared:
            return each.name
    return student


def _opening(student: Student) -> str:
    """Namespace of what comes before the first round of a distillation."""
    return f"{student.name}_round_0" if student.rounds else ""


def _scored_on(student: str, lifecycle: Lifecycle) -> tuple[str, ...]:
    return next((each.benchmarks for each in lifecycle.students if each.name == student), ())


def _learned(nodes: Sequence[Node], of: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Datasets that training and making of data read, each with the outermost box that does."""
    for node in nodes:
        student, *part = of[node.name].split(".")
        if {_EVALUATION, _REGISTRATION}.isdisjoint(part):
            for name in map(plain, node.inputs):
                if not name.startswith("params:") and not name.endswith(_ASIDE):
                    yield name, student
