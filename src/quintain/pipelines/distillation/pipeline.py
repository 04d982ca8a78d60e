"""Rounds of one shape, each in a namespace of its own, and the last student.

Of a student `lion`, `lion_round_0` opens the pools; `lion_round_1` starts from the student that `lion` is made from,
every further round from the one before; `lion` learns what the last round generated.
"""

from kedro.pipeline import Node, Pipeline, node

from quintain.lifecycle import Lifecycle, Student
from quintain.pipelines.distillation.discrimination import (
    answer_cache_pool,
    label_gaps,
    pair_preferences,
    review_responses,
)
from quintain.pipelines.distillation.generation import generate_instructions
from quintain.pipelines.distillation.imitation import answer_train_pool, imitate, open_pools, pair_train_pool
from quintain.pipelines.distillation.reports import close_loop, close_round, collect_rounds, report_round, write_page
from quintain.pipelines.overriding import override
from quintain.quality import checked

_SUITES = {f"{name}_suite" for name in ("cache_pool", "distilled_pairs", "reviews", "gaps")}
_METHOD, _ROLES = "params:distillation.method", "params:roles"
_DECONTAMINATION = "params:decontamination"
_IMITATION, _STUDENT = "params:distillation.imitation", "params:distillation.student"


def create_pipeline(lifecycle: Lifecycle) -> Pipeline:
    """Distil every student that is made this way, in as many rounds as it has."""
    items = [f"{benchmark}.items@benchmark" for benchmark in lifecycle.held_out]
    return sum(
        (
            override(distil(student, _start(lifecycle, student), items), student)
            for student in lifecycle.by("distillation")
        ),
        Pipeline([]),
    )


def _start(lifecycle: Lifecycle, student: Student) -> str:
    """The student that the first round starts from."""
    return lifecycle.student(student.rounds[0]).parent


def distil(student: Student, start: str, items: list[str]) -> Pipeline:
    """Distil one student.

    Args:
        student: The student to be, with its rounds and the dataset of instructions that the loop starts with.
        start: Name of the student that the first round starts from.
        items: Datasets of the benchmarks whose items must not be learned.

    Returns:
        The pipeline: seed instructions and `<start>.model@ref` in, a student for each round and the last one out.
    """
    opened = f"{student.name}_round_0"
    pools = [opened, *student.rounds]
    starts = [start, *student.rounds]
    parts = [
        _round(name, before, parent, items) for name, before, parent in zip(student.rounds, pools, starts, strict=False)
    ]
    return sum([*parts, _last(student.name, pools[-1], starts[-1], student.rounds)], _open(opened, student.on, items))


def _open(name: str, seeds: str, items: list[str]) -> Pipeline:
    outputs = ["cache_pool_candidate", "dropped_candidates", "teacher_responses", "student_responses", "gaps"]
    return Pipeline(
        [
            node(
                open_pools,
                inputs=[seeds, _DECONTAMINATION, *items],
                outputs=[*outputs, "round_report"],
                name="open_pools",
            ),
            *checked("cache_pool"),
        ],
        namespace=name,
        inputs={seeds, *items, "cache_pool_suite"},
        parameters={_DECONTAMINATION},
    )


def _round(name: str, before: str, start: str, items: list[str]) -> Pipeline:
    return Pipeline(
        [*_imitation(), *_discrimination(), *_generation(items)],
        namespace=name,
        inputs={
            **{one: one for one in items},
            "start": f"{start}.model@ref",
            "pool_before": f"{before}.cache_pool",
            "teacher_responses_before": f"{before}.teacher_responses",
            "gaps_before": f"{before}.gaps",
            "report_before": f"{before}.round_report",
            **{suite: suite for suite in _SUITES},
        },
        parameters={_METHOD, _ROLES, _IMITATION, _STUDENT, _DECONTAMINATION},
    )


def _last(name: str, before: str, start: str, rounds: tuple[str, ...]) -> Pipeline:
    reports = [f"{one}.round_report" for one in rounds]
    return Pipeline(
        [
            *_imitation(),
            node(close_loop, inputs=["imitation", "report_before"], outputs="training", name="close_loop"),
            node(collect_rounds, inputs=reports, outputs="rounds", name="collect_rounds"),
            node(write_page, inputs="rounds", outputs="rounds_page", name="write_page"),
        ],
        namespace=name,
        inputs={
            "start": f"{start}.model@ref",
            "pool_before": f"{before}.cache_pool",
            "teacher_responses_before": f"{before}.teacher_responses",
            "report_before": f"{before}.round_report",
            "distilled_pairs_suite": "distilled_pairs_suite",
            **{report: report for report in reports},
        },
        parameters={_METHOD, _ROLES, _IMITATION},
    )


def _imitation() -> list[Node]:
    return [
        node(
            answer_train_pool,
            inputs=["pool_before", "teacher_responses_before", _ROLES],
            outputs=["teacher_responses", "teacher_spent"],
            name="answer_train_pool",
        ),
        node(
            pair_train_pool,
            inputs=["pool_before", "teacher_responses", "report_before", _METHOD],
            outputs="distilled_pairs_candidate",
            name="pair_train_pool",
        ),
        *checked("distilled_pairs"),
        node(
            imitate,
            inputs=["distilled_pairs", "start", _IMITATION],
            outputs=["model@hf", "loss_curve", "validation_curve", "imitation"],
            name="imitate",
        ),
    ]


def _discrimination() -> list[Node]:
    return [
        node(
            answer_cache_pool,
            inputs=["pool_before", "model@ref", "report_before", _STUDENT, _ROLES],
            outputs="student_responses",
            name="answer_cache_pool",
        ),
        node(
            review_responses,
            inputs=[
                "pool_before",
                "teacher_responses",
                "student_responses",
                "gaps_before",
                "report_before",
                _METHOD,
                _ROLES,
            ],
            outputs=["reviews_candidate", "trial"],
            name="review_responses",
        ),
        *checked("reviews"),
        node(
            label_gaps,
            inputs=["reviews", "student_responses", "trial", _METHOD],
            outputs="gaps_candidate",
            name="label_gaps",
        ),
        *checked("gaps"),
        node(
            pair_preferences,
            inputs=["pool_before", "teacher_responses", "student_responses", "gaps"],
            outputs="preference_pairs",
            name="pair_preferences",
        ),
    ]


def _generation(items: list[str]) -> list[Node]:
    return [
        node(
            generate_instructions,
            inputs=[
                "pool_before",
                "gaps",
                "gaps_before",
                "trial",
                "teacher_spent",
                "report_before",
                _METHOD,
                _ROLES,
                _DECONTAMINATION,
                *items,
            ],
            outputs=["cache_pool_candidate", "dropped_candidates", "outcome", "generator_spent"],
            name="generate_instructions",
        ),
        *checked("cache_pool"),
        node(
            report_round,
            inputs=[
                "cache_pool",
                "teacher_responses",
                "student_responses",
                "reviews",
                "gaps",
                "dropped_candidates",
                "trial",
                "outcome",
                "teacher_spent",
                "generator_spent",
                "report_before",
                _METHOD,
            ],
            outputs="round_report",
            name="report_round",
        ),
        node(close_round, inputs=["round_report", "imitation"], outputs="training", name="close_round"),
    ]
