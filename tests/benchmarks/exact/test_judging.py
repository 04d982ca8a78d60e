"""An exact item is judged rule by rule, its base task beside them, and the evidence points into what was judged."""

import pytest

from quintain.benchmarks.exact.judging import judge
from quintain.packs.build import groups
from quintain.records import ConstraintItem, Rule
from quintain.text.traces import strip_trace


@pytest.fixture(scope="module")
def core():
    return groups("core", 0)


@pytest.fixture(scope="module")
def group(core):
    return next(group for group in core if group.category == "format")


def test_the_witness_is_hard_at_every_level_and_a_mutant_loses_its_rule(group):
    items, top = group.items("format-1"), group.cases[-1]
    assert [judge(item, case.witness).hard for item, case in zip(items, group.cases, strict=True)] == [True] * 5
    judged = judge(items[-1], top.mutants[2])
    assert judged.satisfied == (True, True, False, True, True)
    assert (judged.base_task, judged.hard, judged.by) == (True, False, "rule:exact-3.0.0")


def test_evidence_lies_inside_the_response_for_every_witness_and_mutant(core):
    shown = 0
    for item, case in ((group.items("g")[-1], group.cases[-1]) for group in core):
        for response in (case.witness, *case.mutants):
            judged = judge(item, response)
            assert len(judged.evidence) == 5
            assert all(0 <= start < end <= len(judged.response) for each in judged.evidence for start, end in each)
            shown += sum(map(bool, judged.evidence))
    # Of 240 groups × 6 responses × 5 rules most point at something; what is absent cannot be pointed at.
    assert shown > 0.5 * 240 * 6 * 5


def test_offsets_count_from_the_response_without_its_reasoning():
    item = ConstraintItem(
        example_id="1",
        category="content",
        level=1,
        instruction="x",
        rules=(Rule(kind="exclude", value="bee"),),
        target='{"words": 1}',
    )
    judged = judge(item, strip_trace("<think>a bee?</think>\nNo bee."))
    ((start, end),) = judged.evidence[0]
    assert (judged.response, judged.response[start:end]) == ("No bee.", "bee")


def test_an_echo_does_not_do_the_task(group):
    item = group.items("format-1")[0]
    assert judge(item, item.instruction).base_task is False


def test_an_item_of_another_pack_is_refused():
    with pytest.raises(ValueError, match="has no rules of the exact packs"):
        judge(ConstraintItem(example_id="1", category="style", level=1, instruction="x"), "x")
