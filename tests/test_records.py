"""Records have identity by content and survive a round trip."""

import dataclasses

import pytest

from quintain.records import ConstraintItem, Judgement, Origin, Rule, WebPage, content_id


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


def test_equal_content_has_equal_identity_whatever_its_origin():
    one = WebPage(url="https://a", text="text", origin=Origin(seed=1))
    other = WebPage(url="https://a", text="text", origin=Origin(seed=2))
    assert one.id == other.id


def test_any_field_of_the_content_changes_the_identity():
    page = WebPage(url="https://a", text="text")
    assert dataclasses.replace(page, id="", text="other").id != page.id


def test_records_of_two_types_with_equal_fields_differ():
    assert content_id("WebPage", {"text": "t"}) != content_id("Dropped", {"text": "t"})


def test_nested_rules_are_part_of_the_identity():
    one = ConstraintItem(
        example_id="1", category="format", level=1, instruction="x", rules=(Rule(kind="count", value="1"),)
    )
    other = ConstraintItem(
        example_id="1", category="format", level=1, instruction="x", rules=(Rule(kind="count", value="2"),)
    )
    assert one.id != other.id


def test_identity_of_a_lone_surrogate_is_defined():
    assert len(WebPage(url="u", text="\ud800").id) == 16


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
