"""Find edits, write parallel rows, fill the memory; the rows are learned as any others are.

Kedro reads the annotations of nodes at run time to build typed parameters, so types of slow imports are `Any` here.
"""

from dataclasses import dataclass
from typing import Any, Literal

from quintain.almanac.edits import EditParams
from quintain.almanac.edits import draw_edits as draw_almanac_edits
from quintain.almanac.users import user_instructions
from quintain.almanac.world import world_from_json
from quintain.benchmarks.benchmark import Benchmark
from quintain.benchmarks.decontamination import Decontamination, find_held_out
from quintain.datasets import ModelRef
from quintain.errors import RecordError
from quintain.fields import Count, check
from quintain.methods.lte import Edit
from quintain.methods.lte.alignment_rows import (
    AlignmentRowParams,
    RowDraft,
    ask_responses,
    draft_rows,
    read_responses,
)
from quintain.methods.lte.edits import edit_of
from quintain.methods.lte.embedding import Embedder
from quintain.methods.lte.faults import as_rows, find_faults, without_faults
from quintain.methods.lte.split import HeldOut, split_by_subject
from quintain.models.language_model import Sampling
from quintain.models.roles import Roles, bind
from quintain.pipelines.finetuning.nodes import fine_tune
from quintain.records import Completion, Dropped, EditCase, Instruction, InstructionPair
from quintain.serving.embedders import open_embedder
from quintain.training.sft import SftParams

World = dict[str, Any]
Cases = list[EditCase]
_STAGE = "editing"


@dataclass(frozen=True, kw_only=True)
class LabelParams:
    """Source of responses to questions without a label.

    Raises:
        ValueError: There is no such model.
    """

    by: Literal["start", "teacher"] = "start"
    """The start student itself, which keeps what it says without an edit as it is; or the role `teacher`."""
    max_new_tokens: Count = 64
    """Longest response of the start student; one that does not end is dropped."""

    def __post_init__(self) -> None:
        check(self)


def draw_edits(world: World, params: EditParams) -> tuple[Cases, Cases, Any]:
    """Draw edits of the almanac: those to learn from, those to measure on, and a table of both for the suite."""
    learned, tested = draw_almanac_edits(world_from_json(world), params)
    return learned, tested, _table(learned, tested)


def draw_free_text(
    world: World, params: AlignmentRowParams, decontamination: Decontamination, *benchmarks: Benchmark
) -> list[str]:
    """Draw what users of the almanac ask for, the rare as well, which the student must still do as it is told."""
    # Another seed than that of the rows: the draws have nothing to do with each other.
    drawn = user_instructions(world_from_json(world), params.free_text, tail=0.5, skew=0.25, seed=params.seed + 5)
    texts = [instruction.text for instruction in drawn]
    leaks = find_held_out(([text] for text in texts), benchmarks, decontamination)
    return [text for text, leak in zip(texts, leaks, strict=True) if leak is None]


def gather_free_text(*asked: list[Instruction] | list[InstructionPair]) -> list[str]:
    """Gather what earlier stages asked, or the user's own pairs ask, each once; stages keep benchmarks' items out."""
    texts = [one.prompt if isinstance(one, Instruction) else one.instruction for some in asked for one in some]
    return list(dict.fromkeys(texts))


def split_edits(given: Cases, params: EditParams) -> tuple[Cases, Cases, Any, list[Dropped]]:
    """Split the edits of a file by subject, without their known faults.

    Args:
        given: The edits.
        params: Most edits of either side, and the share of subjects that are kept for the test.

    Returns:
        Edits to learn from, edits to measure on, a table of both for the suite, and the faults.

    Raises:
        RecordError: There are edits of fewer than two subjects.
    """
    faults = find_faults(given)
    try:
        learned, tested = split_by_subject(without_faults(given, faults), params.test_share, params.seed)
    except ValueError as error:
        raise RecordError(f"{error}; name a longer file of edits in globals.yml") from None
    learned, tested = learned[: params.train], tested[: params.test]
    dropped = [Dropped(stage="edits", reason=one.kind, where=one.case_id, text=one.detail) for one in faults]
    return learned, tested, _table(learned, tested), dropped


def _table(learned: Cases, tested: Cases) -> Any:
    """Both sides as rows for the suite; edits to learn from may contradict each other, since each is learned alone."""
    import pandas as pd

    alone = [fault for fault in find_faults(learned) if fault.kind not in ("conflict", "duplicate")]
    return pd.DataFrame(as_rows([*learned, *tested], [*alone, *find_faults(tested)]))


def release_edits(learned: Cases, tested: Cases, edits: Any) -> tuple[Cases, Cases]:
    """Let edits go on that the suite has seen."""
    seen = set(edits["id"])
    return [case for case in learned if case.id in seen], [case for case in tested if case.id in seen]


def draft_alignment_rows(
    learned: Cases, free_text: list[str], params: AlignmentRowParams, embedder: str
) -> list[RowDraft]:
    """Draft every question with and without an edit in the prompt, and free text that no edit changes."""
    return draft_rows(learned, free_text, params, open_embedder(embedder))


def ask_teacher(drafts: list[RowDraft], labels: LabelParams, roles: Roles) -> list[Completion]:
    """Ask the teacher for the labels that are missing; nobody where the start student gives them.

    What it said stands in the ledger, so a killed run goes on where it stood.
    """
    if labels.by != "teacher" or not (requests := ask_responses(drafts)):
        return []
    with bind("teacher", roles, stage=_STAGE) as teacher:
        return teacher.generate(requests)


def label_rows(
    drafts: list[RowDraft],
    from_teacher: list[Completion],
    tested: Cases,
    start: ModelRef,
    labels: LabelParams,
    roles: Roles,
) -> tuple[list[InstructionPair], list[Dropped]]:
    """Complete the rows with the teacher's labels, or with those of the start student, which stand in the ledger too.

    Args:
        drafts: Rows that may lack a label.
        from_teacher: What the teacher said, where it was asked.
        tested: Held-out edits, whose subjects stand in no row about edits.
        start: The student to align.
        labels: Who responds where there is no label.
        roles: The model of the student, and where the ledger is.

    Returns:
        The rows, and what was dropped with its reason.

    Raises:
        RecordError: No row was left.
    """
    said = from_teacher
    if labels.by == "start" and (requests := ask_responses(drafts)):
        sampling = Sampling(max_new_tokens=labels.max_new_tokens)
        with bind("student", roles, stage=_STAGE, folder=start.path, sampling=sampling) as model:
            said = model.generate(requests)
    rows, unanswered = read_responses(drafts, said)
    rows, named = HeldOut(tested).keep_out(rows)
    dropped = [*unanswered, *named]
    if not rows:
        raise RecordError(f"none of {len(drafts)} rows was left ({len(dropped)} dropped); see dropped_edit_rows")
    return rows, dropped


def fill_memory(tested: Cases, embedder: str) -> tuple[list[Edit], Embedder]:
    """Put the held-out edits into a memory."""
    return [edit_of(case) for case in tested], open_embedder(embedder)


def align(
    rows: list[InstructionPair], start: ModelRef, params: SftParams
) -> tuple[tuple[Any, Any], Any, Any, dict[str, Any]]:
    """Fine-tune the start model on the rows, as on any pairs."""
    return fine_tune(rows, start, params, setting="editing.sft")
