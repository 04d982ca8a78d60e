"""Every round in numbers, and the page over all."""

import re

import pytest

from quintain.errors import ModelError
from quintain.methods.lion import LionParams, Outcome
from quintain.methods.lion.stopping import Interval
from quintain.pipelines.distillation.discrimination import RefereeTrial
from quintain.pipelines.distillation.reports import close_loop, close_round, collect_rounds, report_round
from quintain.records import Gap, Instruction, Response, Review
from quintain.usage import RoleUsage
from tests.pipelines.distillation.loop import run


def test_the_page_shows_every_round_and_needs_no_network(catalog):
    run(catalog)
    page = catalog.load("lion.rounds_page")
    assert "round_2" in page
    assert "orders disagree" in page
    assert not re.search(r"(?:src|href)=\"(?:https?:)?//", page)


OLD, NEW = Instruction(text="Name the mayor.", category="content"), Instruction(text="Name the river.", round=1)


def said(role, text):
    return [Response(instruction_id=OLD.id, role=role, text=text, finish_reason="stop")]


def report(outcome, **kept):
    """The report of a first round: one instruction was judged, one is new, 3 + 4 + 3 calls were made."""
    gap = Gap(instruction_id=OLD.id, label="hard", teacher_score=9, student_score=6)
    return report_round(
        [OLD, NEW],
        said("teacher", "Ada Brook is the mayor."),
        said("student", "Bo."),
        [Review(instruction_id=OLD.id, order="teacher-first", teacher_score=9, student_score=6)],
        [gap],
        [],
        RefereeTrial(RoleUsage(4, 40, 8, role="referee"), controls=2, correct=1, kept=[gap] if kept else []),
        outcome,
        RoleUsage(3, 30, 6, role="teacher"),
        RoleUsage(3, 30, 6, role="generator"),
        {"round": 0},
        LionParams(),
    )


def test_a_round_is_reported_with_what_it_judged_gave_and_cost():
    found = report(Outcome(status="went-on", improvement=Interval(mean=0.5, low=0.1, high=0.9, n=8)))
    assert (found["round"], found["pool"], found["generation"]["accepted"]) == (1, 2, 1)
    assert found["controls"] == {"asked": 2, "correct": 1}
    # 9 - 6 points
    assert (found["gaps"]["judged"], found["gaps"]["kept"], found["gaps"]["mean_gap"]) == (1, 0, 3.0)
    assert found["spent"]["referee"] == {"calls": 4, "prompt_tokens": 40, "completion_tokens": 8}
    # the gap fell by 0.5 points for 10 calls
    assert found["gain_per_1000_calls"] == 50.0


def test_a_gap_of_an_earlier_round_that_stands_says_nothing_of_this_rounds_referee():
    fresh, standing = report(Outcome(status="went-on")), report(Outcome(status="went-on"), kept=True)
    assert (fresh["gaps"]["kept"], standing["gaps"]["kept"]) == (0, 1)
    assert (fresh["referee"]["conflict_rate"], standing["referee"]["conflict_rate"]) == (0.0, None)


def test_the_gain_of_a_round_without_a_former_one_is_unknown():
    assert report(Outcome(status="went-on"))["gain_per_1000_calls"] is None


def test_a_failed_round_keeps_its_student_back_and_another_lets_it_go_on():
    failed = report(Outcome(status="failed", reason="unread", detail="9 of 9 have no readable review"))
    with pytest.raises(ModelError, match="round 1 has failed, its student goes nowhere: 9 of 9 have no"):
        close_round(failed, {"steps": 2})
    went_on = report(Outcome(status="went-on"))
    assert close_round(went_on, {"steps": 2}) == {"steps": 2, "round": 1, "status": "went-on"}
    assert close_loop({"steps": 2}, went_on) == {"steps": 2, "rounds": 1, "status": "went-on"}


def test_rounds_stand_under_their_numbers():
    assert collect_rounds({"round": 1}, {"round": 2}) == {"round_1": {"round": 1}, "round_2": {"round": 2}}
