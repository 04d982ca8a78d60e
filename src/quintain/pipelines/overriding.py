"""Parameters of one student in place of those of all."""

from kedro.pipeline import Pipeline

from quintain.lifecycle import Student
from quintain.lifecycle.overrides import GROUP, touched

_PREFIX = "params:"


def override(pipeline: Pipeline, student: Student) -> Pipeline:
    """Let the nodes of a student read its own parameters where it overrides something of a group.

    Args:
        pipeline: Nodes that make or measure the student.
        student: The student; a round of distillation reads what its declared student does.

    Returns:
        The same nodes; `params:preference.training` became `params:students.<name>.preference.training`.
    """
    owner = student.round_of or student.name
    own = {
        name: f"{_PREFIX}{GROUP}.{owner}.{group}"
        for name in sorted(pipeline.inputs())
        if name.startswith(_PREFIX) and touched(group := name.removeprefix(_PREFIX), student.overrides)
    }
    return Pipeline(pipeline, parameters=own) if own else pipeline
