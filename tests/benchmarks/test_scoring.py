"""Scorecards of constraint benchmarks, from judgements by hand."""

import dataclasses
import json

import pytest

from quintain.benchmarks.constraints import GivenItems
from quintain.benchmarks.followbench.followbench import FollowBench
from quintain.benchmarks.scorecard import Scorecard
from quintain.benchmarks.scoring import make_scorecard
from quintain.records import Rule
from quintain.statistics.resampling import Resampling


def followbench(items, rules):
    benchmark = FollowBench(source="nowhere", rules=rules)
    benchmark.items = items
    return benchmark


@pytest.fixture
def card(make_item, judge):
    """Score two content groups, one style group of which nobody scored anything."""

    def make(rules="corrected"):
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
            followbench(items, rules),
            judgements,
            model="m",
            model_digest="abc",
            sampling={"temperature": 0.0},
            resampling=Resampling(replicates=100),
        )

    return make


def test_a_scorecard_survives_json(card):
    for rules in ("corrected", "upstream-parity"):
        made = card(rules)
        assert Scorecard.from_dict(json.loads(json.dumps(made.as_dict()))) == made


def test_the_headline_is_the_mean_hsr_and_everything_of_the_old_cards_is_there(card):
    assert list(card().measures) == ["hsr_mean", "ssr_mean", "csl", "micro_hsr_mean", "micro_ssr_mean", "micro_csl"]
    assert card().headline == "hsr_mean"


def test_rates_are_shares_with_intervals_around_them(card):
    made = card()
    assert [made.estimate("hsr", category="content", level=level).value for level in range(1, 6)] == [0.5] * 5
    assert made.estimate("csl", category="content").value == 2.5
    mean = made.estimate("hsr_mean", category="content")
    assert (mean.low, mean.high, mean.n) == (0.0, 1.0, 10)  # two groups: both draws of the same one occur


def test_the_mean_over_all_items_alike_has_its_interval_too(card):
    micro = card().measures["micro_hsr_mean"]
    assert (micro.value, micro.low, micro.high, micro.n) == (0.5, 0.0, 1.0, 10)
    assert (card().measures["micro_csl"].low, card().measures["micro_csl"].high) == (0.0, 5.0)


def test_what_nobody_scored_is_counted_by_reason_and_never_zero(card):
    made = card()
    assert (made.n_items, made.n_scored, made.not_scored) == (15, 10, {"no-judge": 5})
    assert [made.estimate("hsr", category="style", level=level).value for level in range(1, 6)] == [None] * 5
    assert made.estimate("csl", category="style").low is None
    assert made.measures["hsr_mean"].value == made.measures["micro_hsr_mean"].value == 0.5
    assert [made.estimate("hsr", level=level).value for level in made.levels] == [0.5] * 5


def test_only_upstream_parity_carries_the_authors_percentages(card):
    assert card("corrected").published == {}
    assert card("upstream-parity").published["hsr"]["content"] == [50.0] * 5


def test_unread_verdicts_give_an_upper_bound(make_item, judge):
    items = [make_item("style", str(group), 1) for group in (1, 2)]
    judgements = [
        dataclasses.replace(judge("style", "1", 1, True), id="", item_id=items[0].id),
        dataclasses.replace(judge("style", "2", 1, (None,)), id="", item_id=items[1].id),
    ]
    made = make_scorecard(GivenItems(items), judgements, model="m")
    found = made.measures["hsr_mean"]
    assert (found.value, found.upper, found.unread, found.n) == (0.5, 1.0, 1, 2)
    assert (made.n_unread, made.judge) == (1, "someone")


def test_an_unread_verdict_beside_an_undone_task_changes_nothing(make_item, judge):
    item = make_item("style", "1", 1)
    undone = dataclasses.replace(judge("style", "1", 1, (None,)), id="", item_id=item.id, base_task=False)
    made = make_scorecard(GivenItems([item]), [undone], model="m")
    assert (made.measures["hsr_mean"].value, made.measures["hsr_mean"].upper, made.n_unread) == (0.0, None, 0)


def test_the_base_task_and_empty_responses_are_counted(make_item, judge):
    items = [make_item("style", str(group), 1) for group in range(4)]
    said = ["fine", "", "<think>hm", " \n"]
    judgements = [
        dataclasses.replace(
            judge("style", item.example_id, 1, True), id="", item_id=item.id, response=text, base_task=text == "fine"
        )
        for item, text in zip(items, said, strict=True)
    ]
    made = make_scorecard(GivenItems(items), judgements, model="m", n_truncated=1)
    done = made.measures["base_task"]
    assert (done.value, done.n, made.n_empty, made.n_truncated) == (0.25, 4, 3, 1)
    # one group of four did it: draws hold it never, or up to three times of four at the upper end
    assert (done.low, done.high) == (0.0, 0.75)
    assert made.measures["hsr_mean"].value == 0.25


def test_items_that_nothing_can_satisfy_are_listed_with_their_reason(make_item):
    item = make_item("content", "20", 1, rules=(Rule(kind="followbench-en", value="WIKIEVENTS"),))
    benchmark = followbench([item], "corrected")
    made = make_scorecard(benchmark, [benchmark.judge(item, "Two people died.")], model="m")
    assert made.impossible == {"content/20/1": "asks for deaths, the target lists injuries [7]"}
    assert made.not_scored == {"impossible": 1}


def test_judgements_of_other_items_are_refused(make_item, judge):
    items = [make_item("style", "1", 1)]
    with pytest.raises(ValueError, match="1 items but 1 judgements, 1 items without one and 1 judgements of other"):
        make_scorecard(GivenItems(items), [judge("style", "1", 1, True)], model="m")
