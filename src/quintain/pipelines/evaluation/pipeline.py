"""The same evaluation for every student, each in its own namespace."""

from kedro.pipeline import Node, Pipeline, node

from quintain.lifecycle import Lifecycle
from quintain.pipelines.evaluation.judges import ask_judges, calibrate_judges
from quintain.pipelines.evaluation.nodes import (
    generate_responses,
    judge_by_rules,
    plot_levels,
    plot_radar,
    render_scorecard,
    score_judgements,
    tabulate_levels,
)
from quintain.quality import checked

_SHARED = {"pack", "world", "responses_suite", "judgements_suite"}
_PACK, _JUDGING, _ROLES = "params:evaluation.pack", "params:evaluation.judging", "params:roles"
_PARAMETERS = {
    _PACK,
    _JUDGING,
    _ROLES,
    "params:evaluation.sampling",
    "params:evaluation.calibration",
    "params:evaluation.resampling",
}


def create_pipeline(lifecycle: Lifecycle) -> Pipeline:
    """Evaluate every student on the pack: `<student>.model@ref` in, `<student>.scorecard` out."""
    return sum((evaluate(student.name) for student in lifecycle.students), Pipeline([]))


def evaluate(student: str) -> Pipeline:
    """Evaluate one student; all that is its own carries its name before a dot."""
    return Pipeline(_nodes(), namespace=student, inputs=_SHARED, parameters=_PARAMETERS)


def _nodes() -> list[Node]:
    return [
        node(
            generate_responses,
            inputs=["pack", "model@ref", "params:evaluation.sampling", _ROLES],
            outputs="responses_candidate",
            name="generate_responses",
        ),
        *checked("responses"),
        node(
            judge_by_rules,
            inputs=["pack", "responses", "world", _PACK],
            outputs="rule_judgements",
            name="judge_by_rules",
        ),
        node(
            calibrate_judges,
            inputs=["pack", "rule_judgements", "world", _PACK, _JUDGING, "params:evaluation.calibration", _ROLES],
            outputs="judge_calibration",
            name="calibrate_judges",
        ),
        node(
            ask_judges,
            inputs=["pack", "rule_judgements", "judge_calibration", "model@ref", _PACK, _JUDGING, _ROLES],
            outputs=["judgements_candidate", "judging"],
            name="ask_judges",
        ),
        *checked("judgements"),
        node(
            score_judgements,
            inputs=[
                "pack",
                "responses",
                "judgements",
                "judging",
                "model@ref",
                _PACK,
                "params:evaluation.sampling",
                "params:evaluation.resampling",
            ],
            outputs="scorecard",
            name="score_judgements",
        ),
        node(tabulate_levels, inputs="scorecard", outputs="level_curve", name="tabulate_levels"),
        node(plot_radar, inputs="scorecard", outputs="radar", name="plot_radar"),
        node(plot_levels, inputs="scorecard", outputs="levels", name="plot_levels"),
        node(
            render_scorecard,
            inputs=["pack", "judgements", "scorecard"],
            outputs="scorecard_page",
            name="render_scorecard",
        ),
    ]
