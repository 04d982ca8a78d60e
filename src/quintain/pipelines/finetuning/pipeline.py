"""From a start model and pairs to a student."""

from kedro.pipeline import Pipeline, node

from quintain.pipelines.finetuning.nodes import fine_tune


def create_pipeline(**_: object) -> Pipeline:
    """Fine-tune `base` on the synthesised pairs; the student is called `webr`."""
    return finetune("webr", start="base", pairs="instruction_pairs")


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
                outputs=["model@hf", "loss_curve", "training"],
                name="fine_tune",
            )
        ],
        namespace=student,
        inputs={pairs, f"{start}.model@ref"},
        parameters={"params:finetuning.sft"},
    )
