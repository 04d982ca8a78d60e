import dataclasses
import json

import pytest

from quintain.benchmarks.satisfaction.scorecard import Pack, Scorecard, make_scorecard, pack_digest
from quintain.records import Rule
from quintain.statistics.resampling import Resampling

PACK = Pack(name="test", digest="d", language="en", rules="corrected")


@pytest.fixture
def card(make_item, judge):
    """Score two content groups, one style group of which nobody scored anything."""

    def make(rules="corrected", **fields):
        items = [
            make_item(category, group, level)
            for category, group in (("content", "1"), ("content", "2"), ("style", "1"))
            for level in range(1, 6)
        ]
        judgements = []
        for item in items:
            unscored = item.category == "style"
            satisfied = (None,) * item.level if unscored else (item.example_id == "1",) * item.level
            made = judge(item.category, item.example_id, item.level, satisfied, response="said")
            judgements.append(
                dataclasses.replace(
                    made, id="", item_id=item.id, by="unscored:no-judge" if unscored else f"rule:{rules}"
                )
            )
        return make_scorecard(
            items,
            judgements,
            **{
                "model": "m",
                "model_digest": "abc",
                "pack": dataclasses.replace(PACK, rules=rules),
                "sampling": {"temperature": 0.0},
                "resampling": Resampling(replicates=100),
                **fields,
            },
        )

    return make


def test_a_scorecard_survives_json(card):
    for rules in ("corrected", "upstream-parity"):
        made = card(rules)
        assert Scorecard.from_dict(json.loads(json.dumps(made.as_dict()))) == made


def test_rates_are_shares_with_intervals_around_them(card):
    content = card().categories["content"]
    assert content.hsr == (0.5,) * 5
    assert (content.csl, content.n_groups, content.n_scored) == (2.5, 2, 10)
    assert content.intervals.hsr_mean == (0.0, 1.0)  # two groups: both draws of the same one occur


def test_the_mean_over_all_items_alike_has_its_interval_too(card):
    micro = card().micro
    assert (micro.hsr_mean, micro.n_scored) == (0.5, 10)
    assert micro.intervals.hsr_mean == (0.0, 1.0)
    assert micro.intervals.csl == (0.0, 5.0)


def test_what_nobody_scored_is_counted_by_reason_and_never_zero(card):
    made = card()
    assert (made.n_items, made.n_scored, made.n_not_scored) == (15, 10, 5)
    assert made.not_scored == {"no-judge": 5}
    assert made.categories["style"].hsr == (None,) * 5
    assert made.categories["style"].intervals.csl == (None, None)
    assert made.macro.hsr_mean == made.micro.hsr_mean == 0.5
    assert made.macro_categories == ("content",)


def test_only_upstream_parity_carries_the_authors_percentages(card):
    assert card("corrected").upstream is None
    assert card("upstream-parity").upstream.hsr["content"] == (50.0,) * 5


def test_unread_verdicts_give_an_upper_bound(make_item, judge):
    items = [make_item("style", str(group), 1) for group in (1, 2)]
    judgements = [
        dataclasses.replace(judge("style", "1", 1, True), id="", item_id=items[0].id),
        dataclasses.replace(judge("style", "2", 1, (None,)), id="", item_id=items[1].id),
    ]
    made = make_scorecard(items, judgements, model="m", model_digest="", pack=PACK, sampling={})
    assert (made.macro.hsr[0], made.macro.upper.hsr[0]) == (0.5, 1.0)
    assert (made.n_unread, made.judge) == (1, "someone")


def test_the_base_task_and_empty_responses_are_counted(make_item, judge):
    items = [make_item("style", str(group), 1) for group in range(4)]
    said = ["fine", "", "<think>hm", " \n"]
    judgements = [
        dataclasses.replace(
            judge("style", item.example_id, 1, True), id="", item_id=item.id, response=text, base_task=text == "fine"
        )
        for item, text in zip(items, said, strict=True)
    ]
    made = make_scorecard(items, judgements, model="m", model_digest="", pack=PACK, sampling={}, n_truncated=1)
    assert (made.base_task, made.n_empty, made.n_truncated) == (0.25, 3, 1)
    low, high = made.base_task_interval
    # one group of four did it: draws hold it never, or up to three times of four at the upper end
    assert (low, high) == (0.0, 0.75)
    assert made.macro.hsr[0] == 0.25


def test_items_that_nothing_can_satisfy_are_listed_with_their_reason(make_item, judge):
    rules = (Rule(kind="followbench-en", value="WIKIEVENTS"),)
    item = make_item("content", "20", 1, rules=rules)
    judgement = dataclasses.replace(
        judge("content", "20", 1, (None,)), id="", item_id=item.id, by="unscored:impossible"
    )
    made = make_scorecard([item], [judgement], model="m", model_digest="", pack=PACK, sampling={})
    assert made.impossible == {"content/20/1": "asks for deaths, the target lists injuries [7]"}


def test_a_pack_has_one_digest_whatever_its_order(make_item):
    items = [make_item("style", str(group), 1) for group in range(3)]
    assert pack_digest(items) == pack_digest(items[::-1]) != pack_digest(items[:2])


def test_judgements_of_other_items_are_refused(make_item, judge):
    items = [make_item("style", "1", 1)]
    with pytest.raises(ValueError, match="1 items but 1 judgements, 1 items without one and 1 judgements of other"):
        make_scorecard(items, [judge("style", "1", 1, True)], model="m", model_digest="", pack=PACK, sampling={})


def test_a_document_that_is_no_scorecard_is_refused(card):
    with pytest.raises(ValueError, match="this is no scorecard: 'pack'"):
        Scorecard.from_dict({"model": "m"})
    with pytest.raises(ValueError, match=r"this is no scorecard: .*'stars'"):
        Scorecard.from_dict({**card().as_dict(), "stars": 5})
