"""The same evaluation for every student, each in its own namespace."""

from kedro.pipeline import Node, Pipeline, node

from quintain.pipelines.evaluation.nodes import (
    generate_responses,
    judge_responses,
    plot_levels,
    plot_radar,
    score_judgements,
    tabulate_levels,
)
from quintain.quality import checked

STUDENTS = ("base", "webr")
_SHARED = {"pack", "world", "responses_suite", "judgements_suite"}
_PARAMETERS = {"params:evaluation.pack", "params:evaluation.sampling", "params:evaluation.resampling"}


def create_pipeline(**_: object) -> Pipeline:
    """Evaluate every student on the pack: `<student>.model@ref` in, `<student>.scorecard` out."""
    return sum((evaluate(student) for student in STUDENTS), Pipeline([]))


def evaluate(student: str) -> Pipeline:
    """Evaluate one student; all that is its own carries its name before a dot."""
    return Pipeline(_nodes(), namespace=student, inputs=_SHARED, parameters=_PARAMETERS)


def _nodes() -> list[Node]:
    return [
        node(
            generate_responses,
            inputs=["pack", "model@ref", "params:evaluation.sampling"],
            outputs="responses_candidate",
            name="generate_responses",
        ),
        *checked("responses"),
        node(
            judge_responses,
            inputs=["pack", "responses", "world", "params:evaluation.pack"],
            outputs="judgements_candidate",
            name="judge_responses",
        ),
        *checked("judgements"),
        node(
            score_judgements,
            inputs=[
                "pack",
                "responses",
                "judgements",
                "model@ref",
                "params:evaluation.pack",
                "params:evaluation.sampling",
                "params:evaluation.resampling",
            ],
            outputs="scorecard",
            name="score_judgements",
        ),
        node(tabulate_levels, inputs="scorecard", outputs="level_curve", name="tabulate_levels"),
        node(plot_radar, inputs="scorecard", outputs="radar", name="plot_radar"),
        node(plot_levels, inputs="scorecard", outputs="levels", name="plot_levels"),
    ]
