"""Judgements of two models are matched by item; other scorers, or nothing in common, are refused."""

import pytest

from quintain.benchmarks.satisfaction.common_items import in_common
from quintain.records import Judgement


def judged(item, by="rule:exact-3"):
    return Judgement(item_id=item, example_id="e", category="content", level=1, satisfied=(True,), by=by)


def test_only_items_that_both_have_scored_are_matched_in_one_order():
    ours = [judged("a"), judged("b"), judged("c", by="unscored:no judge"), judged("d")]
    theirs = [judged("d"), judged("b"), judged("c")]
    first, second, left_out = in_common(ours, theirs)
    assert [one.item_id for one in first] == [one.item_id for one in second] == ["b", "d"]
    assert left_out == 2  # a and c


def test_other_scorers_are_named():
    with pytest.raises(ValueError, match="by rule:exact-3 cannot be compared with judgements by judge:x"):
        in_common([judged("a")], [judged("a", by="judge:x")])


def test_nothing_in_common_is_refused():
    with pytest.raises(ValueError, match="no scored item in common"):
        in_common([judged("a")], [judged("b")])
