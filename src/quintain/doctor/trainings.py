"""Trainings of a run: from which start, on which rows, with which settings."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from quintain.configuration.groups import group_types
from quintain.doctor.plan import PARAMETERS, Plan
from quintain.lifecycle import GIVEN, Student
from quintain.lifecycle.overrides import GROUP
from quintain.training.trainer_settings import LoraArguments, TrainerParams

_MODEL = ".model@hf"


@dataclass(frozen=True, kw_only=True)
class Training:
    """A training that the run will do."""

    student: Student
    """The student that it makes."""
    start: Student
    """The ancestor that nobody of this project trained, or that the embedded world trains."""
    data: str
    """Dataset of its rows."""
    group: str
    """Dotted name of its settings, as its node reads them."""
    params: TrainerParams
    """Its settings; an adapter that an ancestor begins is in them."""

    @property
    def name(self) -> str:
        """The student, and what makes it."""
        return f"{self.student.name} ({self.student.by} on {self.data})"

    @property
    def shared_group(self) -> str:
        """The settings without the student that has them of its own."""
        return _shared(self.group)

    def sibling(self, group: str) -> str:
        """Another group of the same pipeline, as the node of this student reads it."""
        own = self.group.removesuffix(self.shared_group)
        return f"{own}{group}"


def trainings(plan: Plan) -> list[Training]:
    """The trainings of a run, in the order of descent."""
    order = [student.name for student in plan.lifecycle.students]
    found = sorted(_found(plan), key=lambda each: order.index(each.student.name))
    adapted: dict[str, LoraArguments] = {}
    made = []
    for each in found:
        # A later training goes on with the adapter that an earlier one began.
        begun = each.params.lora or adapted.get(each.student.parent, LoraArguments())
        params = replace(each.params, lora=begun)
        adapted[each.student.name] = params.lora
        made.append(replace(each, params=params))
    return made


def _found(plan: Plan) -> Iterator[Training]:
    types = group_types()
    for node in plan.pipeline.nodes:
        model = next((name for name in node.outputs if name.endswith(_MODEL)), "")
        groups = [name.removeprefix(PARAMETERS) for name in node.inputs if name.startswith(PARAMETERS)]
        group = next((each for each in groups if _is_training(types.get(_shared(each)))), "")
        if not model or not group:
            continue
        student = plan.lifecycle.student(model.removesuffix(_MODEL))
        yield Training(
            student=student,
            start=plan.lifecycle.ancestors(student.name)[-1],
            data=node.inputs[0],
            group=group,
            params=plan.typed(group, types[_shared(group)]),
        )


def _is_training(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, TrainerParams)


def _shared(group: str) -> str:
    return group.split(".", 2)[2] if group.startswith(f"{GROUP}.") else group


def takes_given(training: Training) -> bool:
    """True where a training learns from the user's own data as it is."""
    return training.student.on == GIVEN[training.student.by]
