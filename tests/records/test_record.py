"""Records have identity by content and survive a round trip."""

import dataclasses

from quintain.records import ConstraintItem, Origin, Rule, WebPage, content_id


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
