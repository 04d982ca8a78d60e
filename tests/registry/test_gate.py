"""The gate promotes equals, refuses the worse, and compares only what can be compared."""

import dataclasses
import random

import pytest
from conftest_registry import SAMPLING, good, half, items, judged, scorecard

from quintain.registry.gate import Contender, PromotionPolicy, decide

POLICY = PromotionPolicy(margin=0.05, most_unread=0.01, replicates=500)
PACK = items()


def contender(passes, pack=PACK, **card):
    judgements = judged(pack, passes)
    return Contender(scorecard(pack, judgements, **card), judgements)


def failed(decision):
    return [verdict.condition for verdict in decision.verdicts if not verdict.passed]


def test_a_first_champion_needs_no_comparison():
    decision = decide(contender(half), None, POLICY)
    assert (decision.outcome, decision.comparison) == ("promoted", None)


def test_an_equal_candidate_passes():
    decision = decide(contender(half), contender(half), POLICY)
    assert decision.outcome == "promoted"
    assert decision.comparison.difference == 0


def test_a_better_candidate_passes_and_says_by_how_much():
    # half passes 50 of 100 items a category; good adds the odd levels of every fourth group:
    # groups 0, 4, 8, 12, 16 × levels 1, 3, 5 = 15 items more, 15 points
    decision = decide(contender(good), contender(half), POLICY)
    assert decision.outcome == "promoted"
    assert decision.comparison.difference == pytest.approx(0.15)
    assert "macro HSR: +15.0 points" in "\n".join(decision.lines())


def test_a_student_that_must_improve_gets_no_title_for_being_equal():
    strict = dataclasses.replace(POLICY, must_improve=["bmc"])
    equal = decide(contender(half, model="bmc"), contender(half), strict)
    assert failed(equal) == ["macro HSR"]
    assert "must be above +0.0" in "\n".join(equal.lines())
    assert decide(contender(half, model="lion"), contender(half), strict).outcome == "promoted"
    assert decide(contender(good, model="bmc"), contender(half), strict).outcome == "promoted"


def test_a_clearly_worse_candidate_is_blocked():
    decision = decide(contender(half), contender(good), POLICY)
    assert decision.outcome == "blocked"
    assert "macro HSR" in failed(decision)


def test_one_ruined_category_blocks_whatever_the_mean_says():
    def uneven(category, group, level):
        return group % 4 != 3 if category == "situation" else True

    def before(category, group, level):
        return True if category == "situation" else good(category, group, level)

    decision = decide(contender(uneven), contender(before), POLICY)
    assert decision.comparison.difference > 0
    assert failed(decision) == ["no category worse"]
    assert decision.outcome == "blocked"


def test_a_small_pack_is_inconclusive_and_says_how_much_is_missing():
    pack = items(groups=3)

    def coin(seed):
        return lambda category, group, level: random.Random(f"{seed}{category}{group}{level}").random() < 0.5

    # Two students of equal strength, 90 items: the interval reaches far to both sides of -5 points.
    decision = decide(contender(coin(5), pack), contender(coin(105), pack), POLICY)
    assert decision.outcome == "inconclusive"
    # Whole groups: 5 levels × 6 categories.
    assert decision.items_wanted > 400
    assert decision.items_wanted % 30 == 0
    assert "further items would settle it" in decision.lines()[-1]


def test_levels_that_win_and_lose_together_want_more_items():
    def by_group(seed):
        return lambda category, group, level: random.Random(f"{seed}{category}{group}").random() < 0.5

    def by_item(seed):
        return lambda category, group, level: random.Random(f"{seed}{category}{group}{level}").random() < 0.5

    spread = [
        decide(contender(kind(1)), contender(kind(2)), POLICY).comparison.standard_error for kind in (by_item, by_group)
    ]
    # Five levels that agree are worth one: the spread is about √5 = 2.2 times as wide, the items 5 times.
    assert 1.7 < spread[1] / spread[0] < 2.8


def test_csl_and_the_categories_share_one_chance_of_a_false_alarm():
    def first_levels_lost(category, group, level):
        return good(category, group, level) and level > 1

    decision = decide(contender(first_levels_lost), contender(good), dataclasses.replace(POLICY, margin=0.5))
    # Every run of levels ends before it begins: CSL 0, which is seen although HSR may fall by 50 points.
    assert "CSL" in failed(decision)
    assert decision.comparison.csl_p_worse <= min(decision.comparison.p_worse.values())
    equal = decide(contender(good), contender(good), POLICY).comparison
    assert set(equal.p_worse.values()) == {equal.csl_p_worse} == {1.0}


def test_verdicts_of_other_scorers_block_with_the_reason():
    side = contender(half)
    judged_by = [dataclasses.replace(one, by="judge:x") for one in side.judgements]
    decision = decide(dataclasses.replace(side, judgements=judged_by), side, POLICY)
    assert (decision.outcome, failed(decision)) == ("blocked", ["comparable"])


@pytest.mark.parametrize(
    ("other", "condition"),
    [
        (contender(half, items(name="other")), "same pack"),
        (contender(half, rules="corrected"), "same rules"),
        (contender(half, sampling={**SAMPLING, "temperature": 1.0}), "same sampling"),
    ],
)
def test_what_was_measured_otherwise_is_not_compared(other, condition):
    decision = decide(contender(half), other, POLICY)
    assert decision.outcome == "blocked"
    assert condition in failed(decision)
    assert decision.comparison is None


def test_unread_verdicts_floors_and_a_dirty_tree_block():
    side = contender(half)
    unread = dataclasses.replace(side, scorecard={**side.scorecard, "n_unread": 30})  # 30 of 600 is 5 %
    assert failed(decide(unread, None, POLICY)) == ["verdicts read"]
    floors = dataclasses.replace(POLICY, floors={"hsr_mean": 0.6})
    assert failed(decide(side, None, floors)) == ["floor of hsr_mean"]
    clean = dataclasses.replace(POLICY, clean_tree=True)
    assert failed(decide(dataclasses.replace(side, git_dirty=True), None, clean)) == ["clean tree"]


def test_floors_of_edit_metrics_hold_for_those_who_carry_a_memory():
    side = contender(half)
    policy = dataclasses.replace(POLICY, floors={"edit.success": 0.9, "edit.locality": 1.0})
    assert failed(decide(side, None, policy)) == []
    edited = dataclasses.replace(side, edits={"edit.success": 0.89, "edit.locality": 1.0})
    assert failed(decide(edited, None, policy)) == ["floor of edit.success"]
    # a memory that was not measured on it does not slip through
    unmeasured = dataclasses.replace(side, edits={"edit.success": 0.95})
    assert failed(decide(unmeasured, None, policy)) == ["floor of edit.locality"]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"margin": 1.5}, "margin and most_unread are shares"),
        ({"confidence": 95}, "confidence must be in"),
        ({"floors": {"bleu": 1}}, "floors know hsr_mean, ssr_mean, csl, edit.success, .*, not bleu"),
    ],
)
def test_a_policy_out_of_range_is_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        PromotionPolicy(**{"margin": 0.05, "most_unread": 0.01, **wrong})
