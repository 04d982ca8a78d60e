"""From a start model and pairs to a student."""

from kedro.pipeline import Pipeline, node

from quintain.lifecycle import Lifecycle
from quintain.pipelines.finetuning.nodes import fine_tune
from quintain.pipelines.overriding import override


def create_pipeline(lifecycle: Lifecycle) -> Pipeline:
    """Fine-tune every student that is made this way."""
    return sum(
        (
            override(finetune(student.name, start=student.parent, pairs=student.on), student)
            for student in lifecycle.by("finetuning")
        ),
        Pipeline([]),
    )


def finetune(student: str, start: str, pairs: str) -> Pipeline:
    """Fine-tune one student.

    Args:
        student: Name of the student to be; all that is its own carries it before a dot.
        start: Name of the student that it starts from.
        pairs: Dataset of the instruction pairs.

    Returns:
        The pipeline: `<start>.model@ref` in, `<student>.model@hf` out.
    """
    return Pipeline(
        [
            node(
                fine_tune,
                inputs=[pairs, f"{start}.model@ref", "params:finetuning.sft"],
                outputs=["model@hf", "loss_curve", "validation_curve", "training"],
                name="fine_tune",
            )
        ],
        namespace=student,
        inputs={pairs, f"{start}.model@ref"},
        parameters={"params:finetuning.sft"},
    )
