"""The funnel loses nobody."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quintain.records import Dropped
from quintain.web import funnel

STAGES = ("read", "quality", "duplicates")


def drop(stage, reason="x", where="a"):
    return Dropped(stage=stage, reason=reason, where=where)


def test_each_stage_is_entered_by_what_the_one_before_let_pass():
    # 7 came in: 2 unreadable, 1 too short, 0 doubled, 4 kept.
    dropped = [drop("read", "status"), drop("read", "truncated"), drop("quality", "few-words")]
    assert funnel(4, dropped, STAGES) == {
        "read": {"entered": 7, "passed": 5, "dropped": {"status": 1, "truncated": 1}},
        "quality": {"entered": 5, "passed": 4, "dropped": {"few-words": 1}},
        "duplicates": {"entered": 4, "passed": 4, "dropped": {}},
    }


def test_a_drop_at_an_unknown_stage_is_refused():
    with pytest.raises(ValueError, match=r"page 3 was dropped at 'qualty', which is none of read, quality"):
        funnel(1, [drop("qualty", where="page 3")], STAGES)


@given(st.integers(0, 100), st.lists(st.sampled_from(STAGES)))
def test_in_equals_out_at_every_stage(kept, stages):
    counts = list(funnel(kept, map(drop, stages), STAGES).values())
    assert counts[0]["entered"] == kept + len(stages)
    assert all(count["entered"] == count["passed"] + sum(count["dropped"].values()) for count in counts)
    assert [count["entered"] for count in counts[1:]] == [count["passed"] for count in counts[:-1]]
    assert counts[-1]["passed"] == kept
