"""The same questions for every student, each in its own namespace."""

from collections.abc import Sequence

from kedro.pipeline import Node, Pipeline, node

from quintain.pipelines.ifeval.nodes import ask_prompts, judge_prompts, score_verdicts
from quintain.students import students

_PARAMETERS = {"params:ifeval.sampling", "params:ifeval.resampling", "params:roles"}


def create_pipeline(rounds: int = 3, without: Sequence[str] = (), **_: object) -> Pipeline:
    """Score every student on the prompts: `<student>.model@ref` in, `<student>.ifeval_scorecard` out."""
    return sum(
        (
            Pipeline(_nodes(), namespace=student, inputs={"ifeval_prompts"}, parameters=_PARAMETERS)
            for student in students(rounds, without)
        ),
        Pipeline([]),
    )


def _nodes() -> list[Node]:
    return [
        node(
            ask_prompts,
            inputs=["ifeval_prompts", "model@ref", "params:ifeval.sampling", "params:roles"],
            outputs="ifeval_responses",
            name="ask_prompts",
        ),
        node(
            judge_prompts,
            inputs=["ifeval_prompts", "ifeval_responses"],
            outputs="ifeval_verdicts",
            name="judge_prompts",
        ),
        node(
            score_verdicts,
            inputs=[
                "ifeval_prompts",
                "ifeval_responses",
                "ifeval_verdicts",
                "model@ref",
                "params:ifeval.sampling",
                "params:ifeval.resampling",
            ],
            outputs="ifeval_scorecard",
            name="score_verdicts",
        ),
    ]
