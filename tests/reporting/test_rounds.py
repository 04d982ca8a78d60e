"""The page of a distillation: every number of every round, curves inside, no network."""

import re

import pytest

from quintain.methods.lion import gap_numbers, generation_numbers, review_numbers
from quintain.records import Dropped, Gap, Instruction, Response
from quintain.reporting.rounds import draw_rounds, rounds_page

NOTHING = {"calls": 0, "prompt_tokens": 0, "completion_tokens": 0}


def report(number, status="went-on", gaps=(2.0, 0.0), family="verse <b>"):
    pool = [Instruction(text=str(i), category=family) for i in range(len(gaps))]
    said = {one.id: Response(instruction_id=one.id, role="teacher", text="x", finish_reason="stop") for one in pool}
    found = [
        Gap(instruction_id=one.id, label="hard" if gap >= 1 else "easy", teacher_score=10, student_score=10 - gap)
        for one, gap in zip(pool, gaps, strict=True)
    ]
    return {
        "round": number,
        "outcome": {"status": status, "reason": "", "detail": "", "improvement": None, "calls": 0},
        "pool": len(pool),
        "controls": {"asked": 4, "correct": 4},
        "gaps": {"kept": 0, **gap_numbers(found, {one.id: one for one in pool}, said, said, seed=0)},
        "referee": review_numbers([], found),
        "generation": generation_numbers([], [Dropped(stage="text", reason="echo", where="x")] * 7),
        "spent": dict.fromkeys(("teacher", "referee", "generator"), NOTHING),
        "gain_per_1000_calls": None,
    }


@pytest.fixture
def rounds():
    return {"round_1": report(1), "round_2": report(2, "passed", gaps=())}


def test_the_page_holds_the_numbers_of_every_round(rounds):
    page = rounds_page(rounds)
    row = re.search(r"dropped: echo</th>\s*<td>(\d+)</td>\s*<td>(\d+)</td>", page)
    assert row.groups() == ("7", "7")
    assert "50.0 %" in page  # one of two is hard
    assert page.count("<svg") == 1


def test_names_from_strangers_stay_text(rounds):
    assert "<b>" not in re.sub(r"<b>round_\d</b>", "", rounds_page(rounds))


def test_the_page_asks_for_nothing_from_a_network(rounds):
    page = rounds_page(rounds)
    assert "default-src 'none'" in page
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//|@import|url\((?!#)""", page)


def test_equal_numbers_give_equal_bytes(rounds):
    assert rounds_page(rounds) == rounds_page(rounds)


def test_a_round_that_passed_leaves_a_hole_in_the_curves(rounds):
    figure = draw_rounds(list(rounds.values()))
    assert [axes.get_title() for axes in figure.axes] == [
        "Hard rate",
        "Gap to the teacher",
        "Doubtful reviews",
        "New instructions",
    ]
    values = figure.axes[0].lines[0].get_ydata()
    assert values[0] == 0.5
    assert values[1] != values[1]


def test_no_round_is_an_error():
    with pytest.raises(ValueError, match="there is no round to report"):
        rounds_page({})
