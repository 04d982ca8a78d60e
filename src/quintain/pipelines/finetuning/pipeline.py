"""From a start model and pairs to a student."""

from kedro.pipeline import Pipeline, node

from quintain.pipelines.finetuning.nodes import fine_tune


def create_pipeline(**_: object) -> Pipeline:
    """Fine-tune `base` on the synthesised pairs; the student is called `webr`."""
    return Pipeline(
        [
            node(
                fine_tune,
                inputs=["instruction_pairs", "base.model@ref", "params:finetuning.sft"],
                outputs=["model@hf", "loss_curve", "training"],
                name="fine_tune",
            )
        ],
        namespace="webr",
        inputs={"instruction_pairs", "base.model@ref"},
        parameters={"params:finetuning.sft"},
    )
