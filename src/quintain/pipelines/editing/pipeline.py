"""From edits and the last student of the chain to a student that can be edited, and a memory of edits."""

from collections.abc import Sequence

from kedro.pipeline import Pipeline, node

from quintain.pipelines.editing.evaluation import create_evaluation
from quintain.pipelines.editing.nodes import align, draw_edits, fill_memory, release_edits, split_edits, write_rows
from quintain.quality import checked
from quintain.students import EDITING_STUDENT, students

_EMBEDDER = "params:editing.embedder"


def create_pipeline(rounds: int = 3, without: Sequence[str] = (), **_: object) -> Pipeline:
    """Align the last student before it in the chain, which is called `lte` then, and test it under its edits.

    Edits are drawn from the embedded world, or come from the dataset `given_edits` in an environment without it.
    """
    start = students(rounds, {*without, "editing"})[-1]
    found = ["learned_edits_found", "edit_cases_found", "edits_candidate"]
    source = (
        node(split_edits, ["given_edits", "params:editing.edits"], [*found, "dropped_edits"], name="split_edits")
        if "world" in without
        else node(draw_edits, ["world", "params:editing.edits"], found, name="draw_edits")
    )
    aligned = edit(EDITING_STUDENT, start, instructions=f"round_{rounds}.cache_pool")
    return Pipeline([source]) + aligned + create_evaluation(EDITING_STUDENT, start)


def edit(student: str, start: str, instructions: str) -> Pipeline:
    """Align one student and fill a memory with edits that it has not seen.

    Args:
        student: Name of the student to be.
        start: Name of the student that it starts from.
        instructions: Dataset of instructions that it must keep following.

    Returns:
        The pipeline: edits that were found and `<start>.model@ref` in; `<student>.model@hf`, `edit_cases` and
        `edit_memory` out.
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
                    instructions,
                    "instruction_pairs",
                    model,
                    "params:editing.rows",
                    _EMBEDDER,
                    "params:editing.labels",
                    "params:roles",
                    "world",
                ],
                outputs=["edit_rows_candidate", "dropped_edit_rows"],
                name="write_rows",
            ),
            *checked("edit_rows"),
            node(
                align,
                inputs=["edit_rows", model, "params:editing.sft"],
                outputs=[f"{student}.model@hf", f"{student}.loss_curve", f"{student}.training"],
                name="align",
            ),
            node(fill_memory, inputs=["edit_cases", _EMBEDDER], outputs="edit_memory", name="fill_memory"),
        ]
    )
