"""From edits and the last student of the chain to a student that can be edited, and a memory of edits."""

from collections.abc import Sequence

from kedro.pipeline import Pipeline, node

from quintain.pipelines.editing.evaluation import create_evaluation
from quintain.pipelines.editing.nodes import (
    draw_edits,
    draw_free_text,
    fill_memory,
    gather_free_text,
    release_edits,
    split_edits,
    write_rows,
)
from quintain.pipelines.finetuning.nodes import fine_tune
from quintain.quality import checked
from quintain.students import EDITING_STUDENT, students

_EDITS, _ROWS, _EMBEDDER = "params:editing.edits", "params:editing.rows", "params:editing.embedder"
_FOUND = ["learned_edits_found", "edit_cases_found", "edits_candidate"]


def create_pipeline(rounds: int = 3, without: Sequence[str] = (), **_: object) -> Pipeline:
    """Align the last student before it in the chain, which is called `lte` then, and test it under its edits.

    Edits and free text are drawn from the embedded world; an environment without it has them in the dataset
    `given_edits` and in what synthesis and distillation asked.
    """
    start = students(rounds, {*without, "editing"})[-1]
    source = _given(f"round_{rounds}.cache_pool") if "world" in without else _drawn()
    # Two namespaces, so two DVC stages: what changes the trials does not repeat the alignment.
    return _apart("alignment", source + edit(EDITING_STUDENT, start)) + _apart(
        "trials", create_evaluation(EDITING_STUDENT, start)
    )


def _apart(namespace: str, nodes: Pipeline) -> Pipeline:
    return Pipeline(nodes, namespace=namespace, prefix_datasets_with_namespace=False)


def _drawn() -> Pipeline:
    return Pipeline(
        [
            node(draw_edits, ["world", _EDITS], _FOUND, name="draw_edits"),
            node(
                draw_free_text,
                ["world", _ROWS, "pack", "params:decontamination"],
                "free_text",
                name="draw_free_text",
            ),
        ]
    )


def _given(pool: str) -> Pipeline:
    return Pipeline(
        [
            node(split_edits, ["given_edits", _EDITS], [*_FOUND, "dropped_edits"], name="split_edits"),
            node(gather_free_text, [pool, "instruction_pairs"], "free_text", name="gather_free_text"),
        ]
    )


def edit(student: str, start: str) -> Pipeline:
    """Align one student and fill a memory with edits that it has not seen.

    Args:
        student: Name of the student to be.
        start: Name of the student that it starts from.

    Returns:
        The pipeline: edits that were found, `free_text` and `<start>.model@ref` in; `<student>.model@hf`,
        `edit_cases` and `edit_memory` out.
    """
    model = f"{start}.model@ref"
    return Pipeline(
        [
            *checked("edits"),
            node(
                release_edits,
                inputs=["learned_edits_found", "edit_cases_found", "edits"],
                outputs=["learned_edits", "edit_cases"],
                name="release_edits",
            ),
            node(
                write_rows,
                inputs=[
                    "learned_edits",
                    "edit_cases",
                    "free_text",
                    model,
                    _ROWS,
                    _EMBEDDER,
                    "params:editing.labels",
                    "params:roles",
                ],
                outputs=["edit_rows_candidate", "dropped_edit_rows"],
                name="write_rows",
            ),
            *checked("edit_rows"),
            node(
                fine_tune,
                inputs=["edit_rows", model, "params:editing.sft"],
                outputs=[f"{student}.model@hf", f"{student}.loss_curve", f"{student}.training"],
                name="align",
            ),
            node(fill_memory, inputs=["edit_cases", _EMBEDDER], outputs="edit_memory", name="fill_memory"),
        ]
    )
