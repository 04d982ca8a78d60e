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
from quintain.pipelines.evaluation.under_edits import generate_under_edits
from quintain.pipelines.overriding import override
from quintain.quality import checked

_SAMPLING, _JUDGING, _ROLES = "params:evaluation.sampling", "params:evaluation.judging", "params:roles"
_RETRIEVAL = ("params:editing.embedder", "params:editing.evaluation.trials.k")
_OWN = "params:evaluation.by_benchmark"
_CALIBRATION, _RESAMPLING = "params:evaluation.calibration", "params:evaluation.resampling"


def create_pipeline(lifecycle: Lifecycle) -> Pipeline:
    """Evaluate every student on each of its benchmarks."""
    return sum(
        (
            override(evaluate(student.name, benchmark, under_edits=student.by == "editing"), student)
            for student in lifecycle.students
            for benchmark in student.benchmarks
        ),
        Pipeline([]),
    )


def evaluate(student: str, benchmark: str, *, under_edits: bool = False) -> Pipeline:
    """Evaluate one student on one benchmark.

    Args:
        student: Its name.
        benchmark: Name in lifecycle.yml.
        under_edits: Whether it has an edit memory, which it is asked under.

    Returns:
        The nodes, from `<student>.model@ref` and `<benchmark>.items@benchmark` to `<student>.<benchmark>.scorecard` and
        what is drawn of it.
    """
    model, items = f"{student}.model@ref", f"{benchmark}.items@benchmark"
    edits = [f"{student}.edit_memory"] if under_edits else []
    return Pipeline(
        [_asking(model, items, edits), *_nodes(model, items)],
        namespace=f"{student}.{benchmark}",
        inputs={model, items, *edits, "responses_suite", "judgements_suite"},
        parameters={_SAMPLING, _JUDGING, _ROLES, _OWN, _CALIBRATION, _RESAMPLING, *(_RETRIEVAL if edits else ())},
    )


def _asking(model: str, items: str, edits: list[str]) -> Node:
    # Two functions, so that only the stage of a student with a memory runs the memory's code.
    how = [_SAMPLING, _OWN, _ROLES]
    if not edits:
        return node(
            generate_responses,
            inputs=[items, model, *how],
            outputs="responses_candidate",
            name="generate_responses",
        )
    return node(
        generate_under_edits,
        inputs=[items, model, *edits, *_RETRIEVAL, *how],
        outputs="responses_candidate",
        name="generate_under_edits",
    )


def _nodes(model: str, items: str) -> list[Node]:
    return [
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
