"""From edits and a student to a student that can be edited, and a memory of edits."""

from kedro.pipeline import Pipeline, node

from quintain.lifecycle import GIVEN, PACKS, WORLD, Lifecycle, Student
from quintain.lifecycle.student import SYNTHESISED
from quintain.pipelines.editing.evaluation import create_evaluation
from quintain.pipelines.editing.nodes import (
    align,
    ask_teacher,
    draft_alignment_rows,
    draw_edits,
    draw_free_text,
    fill_memory,
    gather_free_text,
    label_rows,
    release_edits,
    split_edits,
)
from quintain.pipelines.overriding import override
from quintain.quality import checked

_EDITS, _ROWS, _EMBEDDER = "params:editing.edits", "params:editing.rows", "params:editing.embedder"
_LABELS, _ROLES = "params:editing.labels", "params:roles"
_FOUND = ["learned_edits_found", "edit_cases_found", "edits_candidate"]


def create_pipeline(lifecycle: Lifecycle) -> Pipeline:
    """Align every student that is made this way and test it under its edits."""
    return sum((_edited(lifecycle, student) for student in lifecycle.by("editing")), Pipeline([]))


def _edited(lifecycle: Lifecycle, student: Student) -> Pipeline:
    """Two namespaces, so two DVC stages: a change of the trials does not repeat the alignment."""
    drawn = student.on == WORLD
    source = _drawn(lifecycle) if drawn else _taken(student.on, _asked_before(lifecycle, student))
    alignment = source + edit(student.parent)
    trials = create_evaluation(student.parent)
    made = alignment.all_outputs() | trials.all_outputs() | {"model@ref"}
    parts = {"alignment": alignment, "trials": trials}
    whole = sum((_own(student.name, part, nodes, made) for part, nodes in parts.items()), Pipeline([]))
    return override(whole, student)


def _asked_before(lifecycle: Lifecycle, student: Student) -> list[str]:
    """Datasets of free text that no edit changes: what was asked on the way to this student, or pairs of the user's."""
    ancestors = lifecycle.ancestors(student.name)
    pools = [f"{one.rounds[-1]}.cache_pool" for one in ancestors if one.rounds]
    pairs = [one.on for one in ancestors if one.by == "finetuning"]
    synthesised = [SYNTHESISED] if lifecycle.synthesis else []
    found = list(dict.fromkeys([*reversed(pools), *synthesised, *pairs]))
    return found or [(PACKS if student.on == PACKS["editing"] else GIVEN)["finetuning"]]


def _own(student: str, part: str, nodes: Pipeline, made: set[str]) -> Pipeline:
    """Put nodes into a namespace of the student's, and what they make under the student's name."""
    parameters = {name for name in nodes.inputs() if name.startswith("params:")}

    def named(names: set[str]) -> dict[str, str]:
        return {name: f"{student}.{name}" if name in made else name for name in names}

    return Pipeline(
        nodes,
        namespace=f"{student}.{part}",
        inputs=named(nodes.inputs() - parameters),
        outputs=named(nodes.all_outputs()),
        parameters=parameters,
    )


def _drawn(lifecycle: Lifecycle) -> Pipeline:
    items = [f"{benchmark}.items@benchmark" for benchmark in lifecycle.held_out]
    return Pipeline(
        [
            node(draw_edits, ["world", _EDITS], _FOUND, name="draw_edits"),
            node(
                draw_free_text,
                ["world", _ROWS, "params:decontamination", *items],
                "free_text",
                name="draw_free_text",
            ),
        ]
    )


def _taken(edits: str, asked: list[str]) -> Pipeline:
    return Pipeline(
        [
            node(split_edits, [edits, _EDITS], [*_FOUND, "dropped_edits"], name="split_edits"),
            node(gather_free_text, asked, "free_text", name="gather_free_text"),
        ]
    )


def edit(start: str) -> Pipeline:
    """Align one student and fill a memory with edits that it has not seen.

    Args:
        start: Name of the student that it starts from.

    Returns:
        The pipeline: edits that were found, `free_text` and `<start>.model@ref` in; `model@hf`, `edit_cases` and
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
                draft_alignment_rows,
                inputs=["learned_edits", "free_text", _ROWS, _EMBEDDER],
                outputs="row_drafts",
                name="draft_alignment_rows",
            ),
            # Without the start student, which may be trained meanwhile.
            node(ask_teacher, inputs=["row_drafts", _LABELS, _ROLES], outputs="teacher_labels", name="ask_teacher"),
            node(
                label_rows,
                inputs=["row_drafts", "teacher_labels", "edit_cases", model, _LABELS, _ROLES],
                outputs=["edit_rows_candidate", "dropped_edit_rows"],
                name="label_rows",
            ),
            *checked("edit_rows"),
            node(
                align,
                inputs=["edit_rows", model, "params:editing.sft"],
                outputs=["model@hf", "loss_curve", "validation_curve", "training"],
                name="align",
            ),
            node(fill_memory, inputs=["edit_cases", _EMBEDDER], outputs="edit_memory", name="fill_memory"),
        ]
    )
