import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quintain.benchmarks.satisfaction.comparison import CSL, compare, terms
from quintain.benchmarks.scorecard import BenchmarkIdentity, Scorecard
from quintain.records import Judgement
from quintain.statistics.hypotheses import holm, mcnemar, two_sided_p
from quintain.statistics.power import items_needed, power_to_see
from quintain.statistics.resampling import Resampling

_FAST = Resampling(replicates=200)


def _judged(category, group, level, passes):
    return Judgement(
        item_id=f"{category}/{group}/{level}",
        example_id=str(group),
        category=category,
        level=level,
        satisfied=(bool(passes),) * level,
        by="rule:test",
    )


def _model(passes, categories=("content",), n_groups=40):
    return [
        _judged(category, group, level, passes(category, group, level))
        for category in categories
        for group in range(n_groups)
        for level in range(1, 6)
    ]


def _chance(pass_rate, seed, categories=("content", "style"), n_groups=12):
    draw = random.Random(seed)
    return _model(lambda *_: draw.random() < pass_rate, categories, n_groups)


def test_a_model_differs_from_itself_by_exactly_nothing():
    judgements = _chance(0.7, seed=1)
    comparison = compare(judgements, judgements, _FAST)
    assert (comparison.difference, comparison.low, comparison.high, comparison.lower_bound) == (0, 0, 0, 0)
    assert (comparison.csl_difference, comparison.csl_p_worse, comparison.discordant) == (0, 1, 0)
    assert comparison.p_worse == {"content": 1.0, "style": 1.0}
    assert comparison.detectable == 0.0


def test_swapping_the_models_turns_the_difference_round():
    better, worse = _chance(0.9, seed=1), _chance(0.6, seed=2)
    forth, back = compare(better, worse, _FAST), compare(worse, better, _FAST)
    assert forth.difference == pytest.approx(-back.difference)
    assert (forth.low, forth.high) == pytest.approx((-back.high, -back.low))
    assert forth.lower_bound > forth.low > 0
    assert back.p_worse["content"] < 0.05 < forth.p_worse["content"]


def test_the_guards_are_the_p_values_before_holm():
    found = compare(_chance(0.6, seed=2), _chance(0.62, seed=1), _FAST)
    adjusted = holm(found.guards)
    assert adjusted == found.p_worse | {CSL: found.csl_p_worse}
    assert adjusted != found.guards


def test_the_difference_is_the_macro_mean_of_the_categories(judge):
    def passes(category, **by_group):
        return [judge(category, group, 1, held, by="rule:test") for group, held in by_group.items()]

    candidate = [*passes("content", a=True, b=True), *passes("style", a=True, b=False, c=False, d=False)]
    champion = [*passes("content", a=True, b=False), *passes("style", a=False, b=False, c=False, d=False)]
    comparison = compare(candidate, champion, _FAST)
    # content 1 - 1/2, style 1/4 - 0; mean 3/8; they differ on 2 of 6 items
    assert comparison.categories == {"content": 0.5, "style": 0.25}
    assert comparison.difference == 0.375
    assert comparison.discordant == pytest.approx(2 / 6)
    assert comparison.n_items == 6


def test_items_that_only_one_model_was_scored_on_are_left_out_and_counted(judge):
    both = _chance(0.5, seed=1, categories=("content",), n_groups=2)
    extra = [judge("style", "1", 1, True, by="rule:test")]
    comparison = compare([*both, *extra], both, _FAST)
    assert (comparison.difference, comparison.n_items, comparison.n_left_out) == (0, 10, 1)


def test_judgements_by_different_scorers_are_not_compared(judge):
    with pytest.raises(ValueError, match="by judge:a cannot be compared with judgements by judge:b"):
        compare([judge("style", "1", 1, True, by="judge:a")], [judge("style", "1", 1, True, by="judge:b")])


def test_two_packs_with_no_item_in_common_are_not_compared(judge):
    with pytest.raises(ValueError, match="no scored item in common"):
        compare([judge("style", "1", 1, True)], [judge("style", "2", 1, True)])


def test_every_measure_has_its_difference_and_an_interval_around_it():
    # first: levels 1-3 of every group; second: level 1 of every group and level 2 of every other one
    first = _model(lambda _, group, level: level <= 3)
    second = _model(lambda _, group, level: level == 1 or (level == 2 and group % 2))
    overall = compare(first, second, _FAST).overall
    # HSR by level: 1-1, 1-1/2, 1-0, 0-0, 0-0; all constraints of an item alike, so SSR = HSR; CSL 3 - (1 + 1/2)
    assert overall.difference.hsr == overall.difference.ssr == (0, 0.5, 1, 0, 0)
    assert overall.difference.hsr_mean == pytest.approx(0.3)
    assert overall.difference.csl == pytest.approx(1.5)
    assert (overall.first.csl, overall.second.csl) == (3, 1.5)
    low, high = overall.intervals.hsr[1]
    assert low < 0.5 < high
    # Level 3 differs in every group: no draw can say otherwise.
    assert overall.intervals.hsr[2] == (1, 1)
    low, high = overall.intervals.csl
    assert low < 1.5 < high


def test_mcnemar_counts_the_items_that_only_one_model_passes():
    # Group 0: only the first passes levels 1-5; group 1: only the second passes level 1; all else alike.
    first = _model(lambda _, group, level: group != 1 or level != 1)
    second = _model(lambda _, group, level: group != 0)
    paired = compare(first, second, _FAST).overall
    assert (paired.only_first, paired.only_second, paired.n_items) == (5, 1, 200)
    # 2 (1 + 6) / 2^6
    assert paired.p_mcnemar == mcnemar(5, 1) == 14 / 64
    assert paired.discordant == 6 / 200


def test_p_values_of_categories_are_adjusted_and_those_of_all_items_are_not():
    # In content only the first passes 6 items, in style nothing differs.
    def passes(category, group, level):
        return not (category == "content" and group < 6 and level == 1)

    first = _model(lambda *_: True, ("content", "style"), n_groups=20)
    comparison = compare(first, _model(passes, ("content", "style"), n_groups=20), _FAST)
    raw = 2 / 2**6
    assert comparison.overall.p_mcnemar == raw
    # the smaller of two p-values is doubled
    assert comparison.by_category["content"].p_mcnemar == 2 * raw
    assert comparison.by_category["style"].p_mcnemar == 1
    assert comparison.by_category["content"].p_bootstrap < 0.05 < comparison.by_category["style"].p_bootstrap


def test_draws_from_few_groups_are_widened_to_what_groups_vary_by():
    # Of two groups the first alone wins, all of its items: draws of two give 0, 1/2, 1 with chances 1/4, 1/2, 1/4, a
    # spread of sqrt(1/8); by the groups themselves the mean of two has sqrt(1/2) / sqrt(2) = 1/2.
    comparison = compare(
        _model(lambda _, group, level: group == 0, n_groups=2), _model(lambda *_: False, n_groups=2), Resampling()
    )
    assert comparison.standard_error == pytest.approx(0.5, rel=0.03)
    assert (comparison.n_groups, comparison.spare_groups, comparison.single_groups) == (2, 1, ())


@pytest.mark.parametrize("lost", [1, 3])
def test_a_category_is_not_worse_beyond_what_losing_all_groups_by_chance_would_be(lost):
    # Every draw of one group, or of three that are all lost, lies below zero; equals lose them all once in 2^lost.
    first = _model(lambda *_: False, n_groups=lost)
    comparison = compare(first, _model(lambda *_: True, n_groups=lost), _FAST)
    assert comparison.guards == {"content": 0.5**lost, CSL: 0.5**lost}
    assert comparison.single_groups == (("content",) if lost == 1 else ())


def test_levels_that_win_and_lose_together_are_worth_as_many_items_as_there_are_groups():
    rng = np.random.default_rng(0)
    wins = rng.random(200) < 0.5
    together = compare(
        _model(lambda _, group, level: wins[group], n_groups=200),
        _model(lambda _, group, level: not wins[group], n_groups=200),
        Resampling(replicates=2000),
    ).overall
    # 1,000 items, but five that always agree tell what one tells: about 200
    assert together.worth == pytest.approx(200, rel=0.1)
    alone = rng.random((200, 5)) < 0.5
    apart = compare(
        _model(lambda _, group, level: alone[group, level - 1], n_groups=200),
        _model(lambda _, group, level: not alone[group, level - 1], n_groups=200),
        Resampling(replicates=2000),
    ).overall
    assert 850 < apart.worth <= 1000
    assert apart.detectable < together.detectable


def test_power_and_items_needed_belong_to_the_observed_discordant_share():
    rng = np.random.default_rng(1)
    first, second = rng.random((2, 120, 5)) < [[[0.7]], [[0.65]]]
    paired = compare(
        _model(lambda _, group, level: first[group, level - 1], n_groups=120),
        _model(lambda _, group, level: second[group, level - 1], n_groups=120),
        Resampling(replicates=2000),
    ).overall
    assert paired.power == pytest.approx(power_to_see(0.05, paired.worth, paired.discordant))
    # as many further items as these are worth less than they count
    assert paired.items_needed == pytest.approx(items_needed(0.05, paired.discordant) * 600 / paired.worth, abs=1)
    assert (paired.power > 0.8) == (paired.items_needed < 600)


def test_models_that_differ_on_too_few_items_have_no_power_to_speak_of():
    # 1 item of 200 differs: 5 points apart is impossible, not improbable
    first = _model(lambda *_: True)
    second = _model(lambda _, group, level: (group, level) != (0, 1))
    paired = compare(first, second, _FAST).overall
    assert (paired.power, paired.items_needed) == (None, None)
    assert paired.detectable <= paired.discordant == 1 / 200


def test_the_interval_of_a_difference_covers_the_truth_about_as_often_as_it_says():
    # A group has one difficulty for both models and all levels; the first model is 10 points better at each.
    rng = np.random.default_rng(0)
    covered, trials = 0, 200
    for trial in range(trials):
        ability = rng.beta(3, 3, size=40) * 0.8
        first, second = (rng.random((40, 5)) < (ability + gain)[:, None] for gain in (0.1, 0.0))
        paired = compare(
            _model(lambda _, group, level, won=first: won[group, level - 1]),
            _model(lambda _, group, level, won=second: won[group, level - 1]),
            Resampling(replicates=200, seed=trial),
        ).overall
        low, high = paired.intervals.hsr_mean
        covered += low <= 0.1 <= high
    # 190 expected of 200; percentile intervals of 40 groups and 200 draws run a little short
    assert 178 <= covered <= 199


def test_equal_models_are_called_different_about_as_rarely_as_the_p_value_says():
    rng = np.random.default_rng(5)
    small, trials = 0, 200
    for trial in range(trials):
        ability = rng.beta(2, 2, size=40)
        first, second = (rng.random((40, 5)) < ability[:, None] for _ in range(2))
        small += (
            compare(
                _model(lambda _, group, level, won=first: won[group, level - 1]),
                _model(lambda _, group, level, won=second: won[group, level - 1]),
                Resampling(replicates=200, seed=trial),
            ).overall.p_bootstrap
            < 0.05
        )
    # 10 expected of 200
    assert 2 <= small <= 22


def test_two_sided_p_doubles_the_smaller_side_and_is_never_zero():
    # below or at zero: 1 of 9; 2 (1 + 1) / (1 + 9)
    assert two_sided_p(np.array([-1.0, 1, 1, 1, 1, 1, 1, 1, 1])) == 0.4
    assert two_sided_p(np.ones(99)) == 2 / 100
    assert two_sided_p(np.zeros(9)) == 1
    assert two_sided_p(np.array([np.nan, 1.0])) == 1


@settings(deadline=None)
@given(effect=st.floats(0.01, 0.2), more=st.floats(1.0, 4.0))
def test_the_items_needed_give_the_power_asked_for(effect, more):
    discordant = min(1.0, effect * more)
    n_items = items_needed(effect, discordant)
    assert power_to_see(effect, n_items, discordant) >= 0.8 - 1e-9
    assert power_to_see(effect, n_items - 1, discordant) < 0.8


def test_the_terms_of_a_comparison_are_pack_rules_judge_and_sampling():
    card = Scorecard(
        model="m",
        benchmark=BenchmarkIdentity(name="core", digest="d", rules="exact"),
        sampling={"seed": 0},
        measures={},
        n_items=1,
        n_scored=1,
    )
    assert terms(card) == {"pack": "d", "rules": "exact", "judge": "rules alone", "sampling": {"seed": 0}}


# --- benchmarks of another kind ---------------------------------------------------------------------------------------


def _scored(scores, clusters=None):
    return [
        Judgement(
            item_id=str(n),
            example_id=clusters[n] if clusters else str(n),
            category="",
            level=1,
            score=score,
            by="rule:sums",
        )
        for n, score in enumerate(scores)
    ]


def test_scores_without_levels_or_categories_are_compared_by_their_mean():
    ours, theirs = _scored([1.0, 0.5, 0.5, 0.0] * 20), _scored([0.5, 0.5, 0.0, 0.0] * 20)
    found = compare(ours, theirs, _FAST)
    # .5 against .25; on half of the items the first is better, on none the second
    assert found.difference == pytest.approx(0.25)
    assert (found.overall.only_first, found.overall.only_second, found.n_items) == (40, 0, 80)
    assert 0 < found.low < 0.25 < found.high
    # a category without a name is the whole: neither it nor one level has a guard of its own
    assert (found.p_worse, found.csl_difference, found.csl_p_worse) == ({}, 0.0, 1.0)


def test_items_of_a_cluster_win_and_lose_together():
    clusters = [str(n // 10) for n in range(80)]
    wins = [float(int(cluster) % 2) for cluster in clusters]
    apart, together = (compare(_scored(wins, each), _scored([0.5] * 80, each), _FAST) for each in (None, clusters))
    assert apart.difference == pytest.approx(together.difference)
    assert together.standard_error > 2 * apart.standard_error
    assert together.overall.worth < apart.overall.worth


def test_shuffled_items_of_a_cluster_meet_their_own_counterparts():
    clusters = ["a"] * 4 + ["b"] * 4
    ours = _scored([0.0, 1.0, 0.0, 1.0, 1.0, 1.0, 0.0, 0.0], clusters)
    assert compare(ours, random.Random(0).sample(ours, len(ours)), _FAST).discordant == 0
