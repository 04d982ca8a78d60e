"""Judgements are those of a scorecard, or one sentence says why not."""

import pytest
from conftest_registry import half, items, judged, scorecard, sums

from quintain.registry.evidence import complaint_of

PACK = items(groups=2)
JUDGEMENTS = judged(PACK, half)
CARD = scorecard(PACK, JUDGEMENTS)


def test_all_items_once_in_any_order_are_the_evidence():
    assert complaint_of(CARD, JUDGEMENTS) == ""
    assert complaint_of(CARD, JUDGEMENTS[::-1]) == ""


def test_so_it_is_without_levels_and_categories():
    right = sums(lambda i: i % 4 == 0)
    assert complaint_of(right.scorecard, right.judgements) == ""
    wrong = sums(lambda i: i % 2 == 0)
    # every fourth is 25 of 100, every second 50
    assert complaint_of(right.scorecard, wrong.judgements) == (
        "the judgements give score 0.5000, the scorecard says 0.2500"
    )


@pytest.mark.parametrize(
    ("judgements", "why"),
    [
        (JUDGEMENTS[:-1], "59 judgements for the 60 items of the scorecard"),
        ([*JUDGEMENTS[:-1], JUDGEMENTS[0]], "1 of 60 judgements judge an item a second time"),
        (judged(items(groups=2, name="other"), half), "the judgements are of other items than the scorecard"),
    ],
)
def test_anything_else_is_told(judgements, why):
    assert complaint_of(CARD, judgements).startswith(why)
