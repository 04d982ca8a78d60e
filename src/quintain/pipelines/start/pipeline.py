"""From a model folder or a model of the hub to a student."""

from kedro.pipeline import Pipeline, node

from quintain.lifecycle import Lifecycle
from quintain.pipelines.start.nodes import adopt_model


def create_pipeline(lifecycle: Lifecycle) -> Pipeline:
    """Adopt every foreign model that a student starts from."""
    return sum((adopt(student.name, student.start) for student in lifecycle.students if student.foreign), Pipeline([]))


def adopt(student: str, start: str) -> Pipeline:
    """Adopt one model.

    Args:
        student: Name of the student to be.
        start: Group of globals.yml that names the model.

    Returns:
        The pipeline: `<start>.source` in, `<student>.model@adopted` out.
    """
    return Pipeline(
        [
            node(
                adopt_model,
                inputs=f"{start}.source",
                outputs=["model@adopted", "training"],
                name="adopt_model",
            )
        ],
        namespace=student,
        inputs={f"{start}.source"},
    )
