"""An exact item is judged rule by rule, and its base task beside them."""

import pytest

from quintain.packs.build import groups
from quintain.packs.judging import judge
from quintain.records import ConstraintItem


@pytest.fixture(scope="module")
def group():
    return next(group for group in groups("core", 0) if group.category == "format")


def test_the_witness_is_hard_at_every_level_and_a_mutant_loses_its_rule(group):
    items = group.items("format-1")
    assert [judge(item, group.witness).hard for item in items] == [True] * 5
    judged = judge(items[-1], group.mutants[2])
    assert judged.satisfied == (True, True, False, True, True)
    assert (judged.base_task, judged.hard, judged.by) == (True, False, "rule:exact-1.0.0")


def test_an_echo_does_not_do_the_task(group):
    item = group.items("format-1")[0]
    assert judge(item, item.instruction).base_task is False


def test_an_item_of_another_pack_is_refused():
    with pytest.raises(ValueError, match="has no rules of the exact packs"):
        judge(ConstraintItem(example_id="1", category="style", level=1, instruction="x"), "x")
