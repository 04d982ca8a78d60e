"""The gate promotes equals, refuses the worse, and compares only what can be compared."""

import dataclasses
import random

import pytest
from conftest_registry import SAMPLING, good, half, items, judged, scorecard, sums

from quintain.errors import ConfigError
from quintain.registry.gate import Contender, decide
from quintain.registry.measured import Measured
from quintain.registry.policy import BenchmarkPolicy, PromotionPolicy

CRITICAL = BenchmarkPolicy(margin=0.05)
POLICY = PromotionPolicy(benchmarks={"default": CRITICAL}, most_unread=0.01, replicates=500)
PACK = items()


def contender(passes, pack=PACK, weights="a", model="student", **card):
    digest = weights * 64
    judgements = judged(pack, passes)
    measured = Measured(scorecard(pack, judgements, model=model, digest=digest, **card), judgements)
    return Contender(model, digest, {"pack": measured})


def with_sums(side, passes, n=200):
    also = sums(passes, n, side.student, side.digest)
    return dataclasses.replace(side, measured={**side.measured, "sums": also})


def policy_of(**benchmarks):
    return dataclasses.replace(POLICY, benchmarks={"default": CRITICAL, **benchmarks})


def changed(side, name="pack", judgements=None, **card):
    """The same with other judgements, or other fields of its scorecard."""
    measured = side.measured[name]
    other = Measured(dataclasses.replace(measured.scorecard, **card), judgements or measured.judgements)
    return dataclasses.replace(side, measured={**side.measured, name: other})


def remeasured(side, judgements):
    """The same with other judgements, and the scorecard that they give."""
    card = scorecard(PACK, judgements, model=side.student, digest=side.digest)
    return dataclasses.replace(side, measured={"pack": Measured(card, judgements)})


def failed(decision):
    return [verdict.condition for verdict in decision.verdicts if not verdict.passed]


def nearly(category, group, level):
    """As many as `half`, with two groups of each category swapped: equals that differ."""
    return (group + level) % 2 == (1 if group < 2 else 0)


def test_a_first_champion_needs_no_comparison():
    decision = decide(contender(half), None, POLICY)
    assert (decision.outcome, decision.comparisons) == ("promoted", {})


FIRST = "macro HSR of a first champion"


def test_a_first_champion_that_fails_everything_takes_no_title():
    decision = decide(contender(lambda *_: False), None, POLICY)
    assert (decision.outcome, failed(decision)) == ("inconclusive", [FIRST])
    assert "it fails all 600 items, as a broken model does" in "\n".join(decision.lines())


def test_a_first_champion_has_to_be_better_than_a_reply_that_is_the_same_to_everything():
    def against(null, passes=half):
        decision = decide(changed(contender(passes), null_headline=null), None, POLICY)
        return decision.outcome, "\n".join(decision.lines())

    # half passes 300 of 600
    assert against(0.3) == ("promoted", against(0.3)[1])
    assert "50.0 points" in against(0.3)[1]
    outcome, told = against(0.6)
    assert outcome == "refused"
    assert "must be above 60.0, what a reply that is the same to everything scores" in told
    # Each group of half holds two or three levels of five: 50 points to within 2.
    assert against(0.5)[0] == "inconclusive"


@pytest.mark.parametrize(
    ("groups", "said"),
    # Beyond the first of each of six categories: 0, 6 and 12 groups, where 9 are asked.
    [(1, "only 6 groups of items"), (2, "only 12 groups of items in 6 categories, too few"), (3, "")],
)
def test_a_first_champion_on_a_handful_of_groups_is_not_known_to_be_one(groups, said):
    decision = decide(contender(lambda *_: True, items(groups=groups)), None, POLICY)
    assert decision.outcome == ("inconclusive" if said else "promoted")
    assert said in "\n".join(decision.lines())


def test_a_first_champion_that_is_right_by_chance_takes_no_title():
    # Four groups of 120 with one level each: as likely as not to be luck, once in sixteen.
    lucky = contender(lambda category, group, level: (category, level) == ("style", 1) and group < 4)
    decision = decide(lucky, None, POLICY)
    assert (decision.outcome, failed(decision)) == ("inconclusive", [FIRST])
    assert "in 4 of 120 groups of items, which may be chance; it takes 5" in "\n".join(decision.lines())


def test_an_equal_candidate_passes():
    # Groups 0 and 1 hold 2 and 3 levels of five, or 3 and 2 when swapped: no difference over the levels.
    decision = decide(contender(nearly, weights="b"), contender(half), POLICY)
    assert decision.outcome == "promoted"
    assert decision.comparisons["pack"].difference == pytest.approx(0)


def test_a_better_candidate_passes_and_says_by_how_much():
    # half passes 50 of 100 items a category; good adds the odd levels of every fourth group:
    # groups 0, 4, 8, 12, 16 × levels 1, 3, 5 = 15 items more, 15 points
    decision = decide(contender(good, weights="b"), contender(half), POLICY)
    assert decision.outcome == "promoted"
    assert decision.comparisons["pack"].difference == pytest.approx(0.15)
    assert "macro HSR: +15.0 points" in "\n".join(decision.lines())


def test_a_student_that_must_improve_gets_no_title_for_being_equal():
    strict = dataclasses.replace(POLICY, must_improve=["bmc"])
    equal = decide(contender(nearly, weights="b", model="bmc"), contender(half), strict)
    assert failed(equal) == ["macro HSR"]
    assert "must be above +0.0" in "\n".join(equal.lines())
    assert decide(contender(nearly, weights="b", model="lion"), contender(half), strict).outcome == "promoted"
    assert decide(contender(good, weights="b", model="bmc"), contender(half), strict).outcome == "promoted"


def test_a_clearly_worse_candidate_is_refused():
    decision = decide(contender(half, weights="b"), contender(good), POLICY)
    assert decision.outcome == "refused"
    assert "macro HSR" in failed(decision)


@pytest.mark.parametrize(
    ("lost", "outcome"),
    # Equals would lose all five groups in which they differ once in 32, and there are seven guards; eight, once in 256.
    [(5, "inconclusive"), (8, "refused")],
)
def test_one_ruined_category_blocks_whatever_the_mean_says(lost, outcome):
    def uneven(category, group, level):
        return group >= lost if category == "situation" else True

    def before(category, group, level):
        return True if category == "situation" else good(category, group, level)

    decision = decide(contender(uneven, weights="b"), contender(before), POLICY)
    assert decision.comparisons["pack"].difference > 0
    assert failed(decision) == ["no category worse"]
    assert decision.outcome == outcome


def test_a_small_pack_is_inconclusive_and_says_how_much_is_missing():
    pack = items(groups=3)

    def coin(seed):
        return lambda category, group, level: random.Random(f"{seed}{category}{group}{level}").random() < 0.5

    # Two students of equal strength, 90 items: the interval reaches far to both sides of -5 points.
    decision = decide(contender(coin(5), pack, "b"), contender(coin(105), pack), POLICY)
    assert decision.outcome == "inconclusive"
    # Whole groups: 5 levels × 6 categories.
    assert decision.items_wanted["pack"] > 400
    assert decision.items_wanted["pack"] % 30 == 0
    assert "further items would settle it" in decision.lines()[-1]


def test_levels_that_win_and_lose_together_want_more_items():
    def by_group(seed):
        return lambda category, group, level: random.Random(f"{seed}{category}{group}").random() < 0.5

    def by_item(seed):
        return lambda category, group, level: random.Random(f"{seed}{category}{group}{level}").random() < 0.5

    spread = [
        decide(contender(kind(1), weights="b"), contender(kind(2)), POLICY).comparisons["pack"].standard_error
        for kind in (by_item, by_group)
    ]
    # Five levels that agree are worth one: the spread is about √5 = 2.2 times as wide, the items 5 times.
    assert 1.7 < spread[1] / spread[0] < 2.8


def test_csl_and_the_categories_share_one_chance_of_a_false_alarm():
    def first_levels_lost(category, group, level):
        return good(category, group, level) and level > 1

    decision = decide(
        contender(first_levels_lost, weights="b"), contender(good), policy_of(pack=BenchmarkPolicy(margin=0.5))
    )
    # Every run of levels ends before it begins: CSL 0, which is seen although HSR may fall by 50 points.
    assert "CSL" in failed(decision)
    assert decision.comparisons["pack"].csl_p_worse <= min(decision.comparisons["pack"].p_worse.values())
    equal = decide(contender(good, weights="b"), contender(good), POLICY).comparisons["pack"]
    assert set(equal.p_worse.values()) == {equal.csl_p_worse} == {1.0}


def test_verdicts_of_other_scorers_block_with_the_reason():
    side = contender(half)
    judged_by = [dataclasses.replace(one, id="", by="rule:x") for one in side.measured["pack"].judgements]
    decision = decide(remeasured(side, judged_by), side, POLICY)
    assert (decision.outcome, failed(decision)) == ("refused", ["comparable"])


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
    assert decision.outcome == "refused"
    assert condition in failed(decision)
    assert decision.comparisons == {}


def test_unread_verdicts_floors_and_a_dirty_tree_block():
    side = contender(half)
    judgements = side.measured["pack"].judgements
    unread = [dataclasses.replace(one, id="", satisfied=(None,) * one.level) for one in judgements[:30]]
    # 30 of 600 is 5 %
    assert failed(decide(remeasured(side, [*unread, *judgements[30:]]), None, POLICY)) == ["verdicts read"]
    floors = policy_of(pack=BenchmarkPolicy(margin=0.05, floors={"hsr_mean": 0.6}))
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


def test_a_floor_of_a_measure_that_the_benchmark_does_not_have_is_named():
    wrong = policy_of(pack=BenchmarkPolicy(margin=0.05, floors={"bleu": 0.6}))
    with pytest.raises(ConfigError, match="floors of pack know hsr_mean, ssr_mean, csl, .*, not bleu"):
        decide(contender(half), None, wrong)


@pytest.mark.parametrize("passes", [half, lambda *_: False, lambda *_: True], ids=["the same items", "none", "all"])
def test_what_tells_nothing_apart_is_inconclusive_and_never_a_pass(passes):
    decision = decide(contender(passes, weights="b"), contender(passes), POLICY)
    assert (decision.outcome, failed(decision)) == ("inconclusive", ["macro HSR"])
    assert "600 items, which tells nothing of a difference" in "\n".join(decision.lines())
    assert decision.items_wanted == {}


@pytest.mark.parametrize("passed", [True, False])
def test_two_that_pass_or_fail_everything_are_said_to(passed):
    decision = decide(contender(lambda *_: passed, weights="b"), contender(lambda *_: passed), POLICY)
    assert f"both {'pass' if passed else 'fail'} all 600 items" in "\n".join(decision.lines())


@pytest.mark.parametrize(("groups", "outcome"), [(1, "inconclusive"), (4, "inconclusive"), (5, "promoted")])
def test_too_few_groups_that_differ_tell_nothing(groups, outcome):
    """One level of some groups is won: at most 5 of 600 items, far within the margin."""

    def with_those(won):
        return lambda *place: won if place[0] == "style" and place[1] < groups and place[2] == 1 else half(*place)

    # 2 ** -4 = 6 % and 2 ** -5 = 3 %: five wins of five are chance less often than one in twenty
    decision = decide(contender(with_those(won=True), weights="b"), contender(with_those(won=False)), POLICY)
    assert decision.outcome == outcome
    assert decision.comparisons["pack"].discordant_groups == groups
    if groups < 5:
        assert f"differ in {groups} of 120 groups" in "\n".join(decision.lines())


def test_groups_that_give_the_same_for_both_tell_nothing_either():
    # Each group holds two levels, the candidate's are others: every draw gives a difference of exactly 0.
    low, high = (lambda _, __, level, held=held: level in held for held in ((1, 2), (3, 4)))
    decision = decide(contender(high, weights="b"), contender(low), policy_of(pack=BenchmarkPolicy(margin=0.05)))
    assert "macro HSR" in failed(decision)
    assert "every group of items gives the same for both" in "\n".join(decision.lines())


def test_a_margin_says_nothing_of_a_champion_that_lies_within_it():
    def rare(groups):
        return lambda category, group, level: group in groups and level == 1

    # One group of twenty at one level of five: 1 point, less than the margin of 5. Failing everything is within it.
    champion = contender(rare({0}))
    nothing = decide(contender(lambda *_: False, weights="b"), champion, POLICY)
    assert nothing.outcome != "promoted"
    other = decide(contender(rare({1}), weights="b"), champion, POLICY)
    assert (other.outcome, failed(other)) == ("inconclusive", ["macro HSR"])
    assert "must be above +0.0" in "\n".join(other.lines())
    better = decide(contender(rare(set(range(12))), weights="b"), champion, POLICY)
    assert better.outcome == "promoted"


def test_a_candidate_that_fails_everything_takes_no_title_whatever_the_margin():
    wide = policy_of(pack=BenchmarkPolicy(margin=0.45))
    decision = decide(contender(lambda *_: False, weights="b"), contender(half), wide)
    assert decision.outcome != "promoted"
    assert "macro HSR" in failed(decision)


def test_a_floor_of_zero_is_inconclusive_for_a_measure_at_zero():
    floors = policy_of(pack=BenchmarkPolicy(margin=0.05, floors={"csl": 0.0}))
    decision = decide(contender(lambda *_: False), None, floors)
    assert (decision.outcome, failed(decision)) == ("inconclusive", ["floor of csl", FIRST])
    assert "set a floor above 0" in "\n".join(decision.lines())
    assert decide(contender(half), None, floors).outcome == "promoted"
    # half holds level 1 in every second group, and never level 2 of those: CSL 0.5


def test_items_that_only_one_was_scored_on_are_not_left_out_in_silence():
    side = contender(good, weights="b")
    judgements = side.measured["pack"].judgements
    silent = [
        dataclasses.replace(one, id="", by="unscored:error", satisfied=(None,) * one.level) for one in judgements[:30]
    ]
    decision = decide(remeasured(side, [*silent, *judgements[30:]]), contender(half), POLICY)
    assert decision.outcome == "refused"
    assert "30 of 600 items were scored for one of the two only, the limit is 1.0%" in "\n".join(decision.lines())
    few = decide(remeasured(side, [*silent[:6], *judgements[6:]]), contender(half), POLICY)
    assert few.outcome == "promoted"


def test_the_champions_own_weights_need_no_difference():
    decision = decide(contender(half), contender(half), POLICY)
    assert decision.outcome == "promoted"
    assert "macro HSR: the champion's own weights" in "\n".join(decision.lines())


def test_a_handful_of_groups_is_no_evidence():
    def one_more(category, group, level):
        return half(category, group, level) or level == 1

    pack = items(groups=1)  # six groups; level 1 of each is won, 20 points, the same in every draw
    decision = decide(contender(one_more, pack, "b"), contender(half, pack), POLICY)
    assert (decision.outcome, failed(decision)) == ("inconclusive", ["macro HSR"])
    assert "only 6 groups of items in 6 categories, too few for an interval; it takes 15" in "\n".join(decision.lines())


@pytest.mark.parametrize(("groups", "outcome"), [(1, "inconclusive"), (2, "inconclusive"), (20, "refused")])
def test_a_handful_of_groups_refuses_nobody(groups, outcome):
    def one_less(category, group, level):
        return good(category, group, level) and category != "style"

    pack = items(groups=groups)  # all of style is lost: 1 in 2 and 1 in 4 by chance where one or two groups are
    decision = decide(contender(one_less, pack, "b"), contender(good, pack), POLICY)
    assert decision.outcome == outcome
    assert "no category worse" in failed(decision)
    assert ("in so few groups that it may be chance" in "\n".join(decision.lines())) == (outcome == "inconclusive")


def test_a_category_of_a_single_group_leaves_the_interval_open():
    pack = [item for item in items() if item.category != "style" or item.example_id == "style-0"]
    decision = decide(contender(nearly, pack, "b"), contender(half, pack), POLICY)
    assert (decision.outcome, failed(decision)) == ("inconclusive", ["macro HSR"])
    assert "a single group of items in style, which tells nothing" in "\n".join(decision.lines())


def test_judgements_that_are_not_all_items_once_are_refused_with_the_command():
    side = contender(half)
    judgements = side.measured["pack"].judgements
    cut, twice = judgements[:-1], [*judgements[:-1], judgements[0]]
    others = judged(PACK, good)
    for wrong, why in (
        (cut, "599 judgements for the 600 items"),
        (twice, "1 of 600 judgements judge an item a second time"),
        # half holds 50 of 100, good 65
        (others, "the judgements give HSR mean 0.6500, the scorecard says 0.5000"),
        (judged(items(name="other"), half), "are of other items"),
    ):
        decision = decide(changed(side, judgements=wrong), contender(good, weights="b"), POLICY)
        assert (decision.outcome, decision.comparisons) == ("refused", {})
        told = "\n".join(decision.lines())
        assert why in told
        assert "kedro run --pipelines evaluation --namespaces student.pack" in told
    champions = decide(contender(good, weights="b"), changed(side, judgements=cut), POLICY)
    assert "(the champion's)" in "\n".join(champions.lines())
    assert champions.outcome == "refused"


def test_a_scorecard_of_other_weights_blocks_and_names_both():
    decision = decide(changed(contender(half), model_digest="f" * 64), None, POLICY)
    assert decision.outcome == "refused"
    assert "is of weights ffffffffffff, the student has aaaaaaaaaaaa" in "\n".join(decision.lines())


def even(i):
    return i % 2 == 0


def even_but(n):
    """As many as `even`, on other items: numbers below n are swapped in pairs."""
    return lambda i: (i % 2 == 1) if i < n else even(i)


def test_every_critical_benchmark_blocks_and_an_advisory_one_is_reported():
    champion = with_sums(contender(half), even)
    worse = with_sums(contender(nearly, weights="b"), lambda i: i % 4 == 0)  # 25 of 100 points lost
    refused = decide(worse, champion, POLICY)
    assert (refused.outcome, failed(refused)) == ("refused", ["score"])
    assert "FAIL  sums, score: -25.0 points" in "\n".join(refused.lines())
    advised = decide(worse, champion, policy_of(sums=BenchmarkPolicy(margin=0.05, tier="advisory")))
    assert (advised.outcome, failed(advised)) == ("promoted", ["score"])
    assert "note  sums, score: -25.0 points" in "\n".join(advised.lines())


def test_what_stays_open_on_a_supporting_benchmark_is_reported_and_a_loss_on_it_refuses():
    supporting = policy_of(sums=BenchmarkPolicy(margin=0.001, tier="supporting"))
    champion = with_sums(contender(half), even)
    # Equal on the sums, 10 of 200 items swapped: an interval of some 3 points on both sides of 0.1 point.
    equal = with_sums(contender(nearly, weights="b"), even_but(10))
    decision = decide(equal, champion, supporting)
    assert (decision.outcome, failed(decision)) == ("promoted", ["score"])
    assert decision.items_wanted["sums"] > 0
    assert "note  sums, score: +0.0 points" in "\n".join(decision.lines())
    worse = with_sums(contender(nearly, weights="b"), lambda i: i % 4 == 0)
    lost = decide(worse, champion, supporting)
    assert (lost.outcome, failed(lost)) == ("refused", ["score"])
    assert "FAIL  sums, score: -25.0 points" in "\n".join(lost.lines())


def test_a_benchmark_may_be_compared_by_another_measure():
    # Whoever fails an item of level n fails one of its n constraints: of the SSR half passes the HSR's part and more.
    by_share = policy_of(pack=BenchmarkPolicy(margin=0.05, measure="ssr_mean"))
    decision = decide(contender(good, weights="b"), contender(half), by_share)
    assert decision.outcome == "promoted"
    assert "macro SSR: " in "\n".join(decision.lines())
    assert decision.comparisons["pack"].overall.second.hsr_mean == pytest.approx(
        contender(half).measured["pack"].scorecard.measures["ssr_mean"].value
    )
    with pytest.raises(ConfigError, match=r"benchmarks\.pack\.measure: .*not by csl"):
        decide(
            contender(good, weights="b"), contender(half), policy_of(pack=BenchmarkPolicy(margin=0.1, measure="csl"))
        )


def test_margins_are_a_benchmarks_own_and_a_promised_gain_is_owed_on_the_headline():
    champion = with_sums(contender(half), even)
    # better by 15 points on the pack, equal on the sums: 10 of 200 items swapped
    better = with_sums(contender(good, weights="b", model="bmc"), even_but(10))
    must = dataclasses.replace(POLICY, must_improve=["bmc"])
    assert decide(better, champion, must).outcome == "promoted"
    narrow = dataclasses.replace(must, benchmarks={"default": CRITICAL, "sums": BenchmarkPolicy(margin=0.001)})
    decision = decide(better, champion, narrow)
    assert (decision.outcome, failed(decision)) == ("inconclusive", ["score"])
    # The standard error is √10 / 200 = 1.6 points, the limit 0.1 away: some 1,500 times as many items.
    assert 200_000 < decision.items_wanted["sums"] < 500_000
    assert "further items of sums would settle it" in decision.lines()[-1]


def test_guards_of_all_benchmarks_are_one_holm_family():
    def a_little_worse(category, group, level):
        return half(category, group, level) and not (category == "style" and group < 10)

    alone = decide(contender(a_little_worse, weights="b"), contender(half), policy_of(pack=BenchmarkPolicy(margin=0.5)))
    family = {name: p for name, p in alone.comparisons["pack"].guards.items() if p < 1}
    (style,) = [p for name, p in family.items() if name == "style"]
    # Seven guards with one benchmark, fourteen with two of six categories and CSL each.
    shown = "\n".join(alone.lines())
    assert f"style -25.0 points (p {7 * style:.3f})" in shown
    twin = {"pack": contender(a_little_worse, weights="b").measured["pack"]}
    again = contender(nearly, weights="b", name="again").measured["pack"]
    before = contender(half, name="again").measured["pack"]
    two = decide(
        Contender("student", "b" * 64, {**twin, "again": again}),
        Contender("student", "a" * 64, {"pack": contender(half).measured["pack"], "again": before}),
        policy_of(pack=BenchmarkPolicy(margin=0.5)),
    )
    assert f"style -25.0 points (p {14 * style:.3f})" in "\n".join(two.lines())


def test_a_benchmark_that_one_of_the_two_lacks():
    both, one = with_sums(contender(half), even), contender(nearly, weights="b")
    left_out = decide(one, both, POLICY)
    assert (left_out.outcome, failed(left_out)) == ("refused", ["measured"])
    newer = decide(with_sums(one, even_but(10)), contender(half), POLICY)
    assert (newer.outcome, failed(newer)) == ("inconclusive", ["measured"])
    # The champion measured on one benchmark more takes its own title.
    assert decide(both, contender(half), POLICY).outcome == "promoted"
