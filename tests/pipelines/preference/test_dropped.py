"""Drops of several stages: counted by reason, and told apart into good news and bad."""

from quintain.pipelines.preference.dropped import gather_dropped, mostly, reasons_of
from quintain.records import Dropped


def drops(*reasons):
    return [Dropped(stage="bridging", reason=why, where=f"pair {number}") for number, why in enumerate(reasons)]


def test_nothing_to_mend_is_good_news_when_more_than_half_needed_none():
    assert mostly(drops("right", "right", "unmended"), "right")
    assert not mostly(drops("right", "unmended"), "right")
    assert not mostly([], "right")


def test_reasons_stand_by_frequency():
    assert reasons_of(drops("unmended", "length", "unmended")) == "2 unmended, 1 length"
    assert reasons_of([]) == "none"


def test_stages_are_gathered_in_their_order():
    first, second = drops("length"), drops("right", "unmended")
    assert gather_dropped(first, [], second) == [*first, *second]
