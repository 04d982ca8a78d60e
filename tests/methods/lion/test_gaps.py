"""From reviews to gaps: both orders weigh the same, and a failed judgement never makes an item easy."""

import pytest

from quintain.methods.lion import LionParams, label_gaps, to_ask_again
from quintain.records import Instruction, Response, Review

ROBUST, PAPER = LionParams(), LionParams(mode="paper")


def reviews_of(name, *pairs):
    """Reviews in both orders; a pair is (teacher, student), None is unread."""
    orders = ("teacher-first", "student-first") * 2
    return [
        Review(
            instruction_id=name, order=order, sample=i // 2, fault="" if pair else "no-scores",
            **(dict(zip(("teacher_score", "student_score"), pair, strict=True)) if pair else {}),
        )
        for i, (order, pair) in enumerate(zip(orders, pairs, strict=False))
    ]  # fmt: skip


SIX = {
    "four": [(9, 5), (9, 5)],
    "none": [(7, 7), (7, 7)],
    "one failed": [(9, 5), None],
    "both failed": [None, None],
    "one": [(8, 7), (8, 7)],
    "half": [(8, 7.5), (8, 7.5)],
}


def labelled(params):
    student = {name: Response(instruction_id=name, role="student", text=name, finish_reason="stop") for name in SIX}
    reviews = [review for name, pairs in SIX.items() for review in reviews_of(name, *pairs)]
    return label_gaps(reviews, student, params)


def test_paper_mode_averages_the_mark_of_a_failure_as_the_authors_do():
    # one failed: (9 - 1)/2 = 4 and (5 - 1)/2 = 2, gap 2; both failed: -1 and -1, gap 0, easy.
    gaps = labelled(PAPER)
    assert [(gap.instruction_id, gap.label, gap.gap) for gap in gaps] == [
        ("four", "hard", 4), ("one failed", "hard", 2), ("one", "hard", 1), ("half", "easy", 0.5),
        ("none", "easy", 0), ("both failed", "easy", 0),
    ]  # fmt: skip


def test_robust_mode_takes_the_surviving_order_and_leaves_the_rest_unread():
    gaps = {gap.instruction_id: (gap.label, gap.gap) for gap in labelled(ROBUST)}
    assert gaps["one failed"] == ("hard", 4)
    assert gaps["both failed"] == ("unread", None)
    assert (gaps["one"], gaps["half"]) == (("hard", 1), ("easy", 0.5))
    assert labelled(ROBUST)[-1].instruction_id == "both failed"


def test_a_preference_for_the_first_place_cancels_out():
    # true gap 1, two points for the first place: +3 and -1
    student = {"x": Response(instruction_id="x", role="student", text="", finish_reason="stop")}
    (gap,) = label_gaps(reviews_of("x", (9, 6), (7, 8)), student, ROBUST)
    assert (gap.gap, gap.label, gap.conflict) == (1, "hard", True)


def test_second_opinions_do_not_tip_the_balance_between_the_orders():
    # teacher-first 9-5 once; student-first unread, then 7-7: means 4 and 0
    student = {"x": Response(instruction_id="x", role="student", text="", finish_reason="stop")}
    (gap,) = label_gaps(reviews_of("x", (9, 5), None, (9, 5), (7, 7)), student, ROBUST)
    assert gap.gap == 2


@pytest.mark.parametrize(
    ("pairs", "again"),
    [
        ([(9, 5), (9, 5)], False),
        ([(9, 5), None], True),
        ([(9, 5), (5, 9)], True),
        ([(9, 5), (7, 7)], False),  # a tie contradicts nothing
    ],
)
def test_unread_and_contradicting_reviews_are_asked_again(pairs, again):
    assert to_ask_again(reviews_of("x", *pairs)) == (["x"] if again else [])


def test_an_instruction_carries_its_input_to_the_model():
    assert Instruction(text="Sum up.", input="A page.").prompt == "Sum up.\n\nA page."
    assert Instruction(text="Sum up.", input=" ").prompt == "Sum up."
