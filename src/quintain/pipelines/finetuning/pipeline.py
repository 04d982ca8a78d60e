"""From a start model and pairs to a student."""

from kedro.pipeline import Pipeline, node

from quintain.lifecycle import Lifecycle
from quintain.lifecycle.student import is_own
from quintain.pipelines.finetuning.given import fine_tune_on_given
from quintain.pipelines.finetuning.nodes import fine_tune
from quintain.pipelines.overriding import override


def create_pipeline(lifecycle: Lifecycle) -> Pipeline:
    """Fine-tune every student that is made this way; data that no pipeline has made is screened first."""
    items = [f"{benchmark}.items@benchmark" for benchmark in lifecycle.held_out]
    return sum(
        (
            override(_made(student.name, student.parent, student.on, items), student)
            for student in lifecycle.by("finetuning")
        ),
        Pipeline([]),
    )


def _made(student: str, start: str, pairs: str, items: list[str]) -> Pipeline:
    return finetune_on_given(student, start, pairs, items) if is_own(pairs) else finetune(student, start, pairs)


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


def finetune_on_given(student: str, start: str, pairs: str, items: list[str]) -> Pipeline:
    """Fine-tune one student on data of the user's own.

    Args:
        student: Name of the student to be.
        start: Name of the student that it starts from.
        pairs: Dataset of the instruction pairs.
        items: Datasets of the benchmarks whose items must not be learned.

    Returns:
        The pipeline: `<start>.model@ref` in, `<student>.model@hf` and `<student>.dropped_given` out.
    """
    sft, given, decontamination = "params:finetuning.sft", "params:given", "params:decontamination"
    model = f"{start}.model@ref"
    return Pipeline(
        [
            node(
                fine_tune_on_given,
                inputs=[pairs, model, sft, given, decontamination, *items],
                outputs=["model@hf", "loss_curve", "validation_curve", "training", "dropped_given"],
                name="fine_tune",
            )
        ],
        namespace=student,
        inputs={pairs, model, *items},
        parameters={sft, given, decontamination},
    )
