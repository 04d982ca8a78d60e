"""Edits are split by subject, their faults stay out, and no row about edits names a subject that is held out."""

import pytest

from quintain.errors import ConfigError, QualityError, RecordError
from quintain.methods.lte.alignment_rows import AlignmentRowParams
from quintain.methods.lte.split import HeldOut
from quintain.models.roles import Roles
from quintain.pipelines.editing.nodes import LabelParams, ask_teacher, draft_alignment_rows
from quintain.records import EditCase, EditProbe
from tests.methods.lte.cases import case


def test_no_held_out_subject_stands_in_a_row_about_edits(ran):
    held_out = HeldOut(ran["edit_cases"])
    naming = [row for row in ran["edit_rows"] if held_out.named_in(f"{row.instruction} {row.response}")]
    assert {(row.kind, row.origin.knobs["facts"]) for row in naming} <= {("free-text", "0")}
    # The world is small, so it would not hold without the filter.
    assert "held-out-subject" in {drop.reason for drop in ran["dropped_edit_rows"]}


def given_edits(count):
    """Edits of a file, one of which is spoiled: its target is the former answer."""
    return [
        EditCase(
            id=f"mine:{number}",
            subject=f"Castle {name}",
            prompt=f"The owner of Castle {name} is",
            target_new="Ada Brook" if number else "Bo Cole",
            ground_truth=("Bo Cole",),
            probes=(
                EditProbe(aspect="rephrase", prompt=f"Who owns Castle {name}?", answers=(("Ada Brook",),)),
                EditProbe(aspect="far", prompt=f"How high is Mount {name}?", answers=(("900 m",),)),
            ),
        )
        for number, name in enumerate("Ahr Bex Cam Dol Elm Fyr Gar Hul Ill Jon".split()[:count])
    ]


def test_edits_of_a_file_are_split_by_subject_and_their_faults_left_out(run):
    ran = run(given_edits(10))
    learned, tested = ({case.id for case in ran[name]} for name in ("learned_edits", "edit_cases"))
    # 9 subjects are without fault, and round(0.2 × 9) = 2 of them are kept for the test.
    assert (len(learned), len(tested)) == (7, 2)
    assert "mine:0" not in learned | tested
    labels = {row.response for row in ran["edit_rows"] if row.kind == "in-scope"}
    assert labels == {"Ada Brook", "Bo Cole"}


def test_the_teacher_is_not_asked_where_the_start_student_labels():
    drafts = draft_alignment_rows([case(0)], [], AlignmentRowParams(), "hashed-ngrams")
    nobody = Roles(ledger="no ledger", bindings={})
    assert ask_teacher(drafts, LabelParams(by="start"), nobody) == []
    with pytest.raises(ConfigError, match="teacher"):
        ask_teacher(drafts, LabelParams(by="teacher"), nobody)


def test_a_start_student_that_never_ends_a_response_labels_nothing(run):
    with pytest.raises(QualityError, match=r"(?s)dataset edit_rows .*free-text"):
        run(given_edits(10), labels="start")


def test_too_few_edits_are_said(run):
    with pytest.raises(RecordError, match=r"1 edits of 1 subjects cannot be split; name a longer file"):
        run(given_edits(2))


def test_contradicting_edits_never_reach_training(run, monkeypatch):
    monkeypatch.setattr("quintain.pipelines.editing.nodes.without_faults", lambda cases, faults: list(cases))
    with pytest.raises(QualityError, match=r"(?s)dataset edits .*no-op"):
        run(given_edits(10))
