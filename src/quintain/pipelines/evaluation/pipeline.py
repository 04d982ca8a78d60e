"""The same evaluation for every student and benchmark, each pair in a namespace of its own."""

from kedro.pipeline import Node, Pipeline, node

from quintain.lifecycle import Lifecycle
from quintain.pipelines.evaluation.judges import ask_judges, calibrate_judges
from quintain.pipelines.evaluation.nodes import (
    generate_responses,
    judge_responses,
    plot_levels,
    plot_radar,
    render_scorecard,
    score_judgements,
    tabulate_levels,
)
from quintain.pipelines.overriding import override
from quintain.quality import checked

_SAMPLING, _JUDGING, _ROLES = "params:evaluation.sampling", "params:evaluation.judging", "params:roles"
_OWN = "params:evaluation.by_benchmark"
_CALIBRATION, _RESAMPLING = "params:evaluation.calibration", "params:evaluation.resampling"


def create_pipeline(lifecycle: Lifecycle) -> Pipeline:
    """Evaluate every student on each of its benchmarks."""
    return sum(
        (
            override(evaluate(student.name, benchmark), student)
            for student in lifecycle.students
            for benchmark in student.benchmarks
        ),
        Pipeline([]),
    )


def evaluate(student: str, benchmark: str) -> Pipeline:
    """Evaluate one student on one benchmark.

    Args:
        student: Its name.
        benchmark: Name in lifecycle.yml.

    Returns:
        The nodes, from `<student>.model@ref` and `<benchmark>.items@benchmark` to `<student>.<benchmark>.scorecard` and
        what is drawn of it.
    """
    model, items = f"{student}.model@ref", f"{benchmark}.items@benchmark"
    return Pipeline(
        _nodes(model, items),
        namespace=f"{student}.{benchmark}",
        inputs={model, items, "responses_suite", "judgements_suite"},
        parameters={_SAMPLING, _JUDGING, _ROLES, _OWN, _CALIBRATION, _RESAMPLING},
    )


def _nodes(model: str, items: str) -> list[Node]:
    return [
        node(
            generate_responses,
            inputs=[items, model, _SAMPLING, _OWN, _ROLES],
            outputs="responses_candidate",
            name="generate_responses",
        ),
        *checked("responses"),
        node(judge_responses, inputs=[items, "responses"], outputs="rule_judgements", name="judge_responses"),
        node(
            calibrate_judges,
            inputs=[items, "rule_judgements", _JUDGING, _OWN, _CALIBRATION, _ROLES],
            outputs="judge_calibration",
            name="calibrate_judges",
        ),
        node(
            ask_judges,
            inputs=[items, "rule_judgements", "judge_calibration", model, _JUDGING, _OWN, _ROLES],
            outputs=["judgements_candidate", "judging"],
            name="ask_judges",
        ),
        *checked("judgements"),
        node(
            score_judgements,
            inputs=[items, "responses", "judgements", "judging", model, _SAMPLING, _OWN, _RESAMPLING],
            outputs="scorecard",
            name="score_judgements",
        ),
        node(tabulate_levels, inputs="scorecard", outputs="level_curve", name="tabulate_levels"),
        node(plot_radar, inputs="scorecard", outputs="radar", name="plot_radar"),
        node(plot_levels, inputs="scorecard", outputs="levels", name="plot_levels"),
        node(
            render_scorecard,
            inputs=[items, "judgements", "scorecard"],
            outputs="scorecard_page",
            name="render_scorecard",
        ),
    ]
