"""A judgement says whether an item holds."""

import pytest

from quintain.records import Judgement


def judgement(satisfied, base_task=None):
    return Judgement(
        item_id="i",
        example_id="g",
        category="format",
        level=len(satisfied),
        satisfied=satisfied,
        base_task=base_task,
        by="rule:x",
    )


@pytest.mark.parametrize(
    ("satisfied", "base_task", "hard"),
    [
        ((True, True), None, True),
        ((True, True), True, True),
        ((True, True), False, False),
        ((True, False), None, False),
        ((True, None), None, None),
        ((False, None), None, False),  # one known failure decides, whatever was unread
        ((True,), None, True),
        ((), None, None),
    ],
)
def test_an_item_holds_when_every_constraint_and_the_base_task_hold(satisfied, base_task, hard):
    assert judgement(satisfied, base_task).hard is hard
