import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quintain.benchmarks.satisfaction.scoring import category_measures
from quintain.benchmarks.satisfaction.sheet import tabulate
from quintain.benchmarks.satisfaction.statistics import bootstrap, holm, interval, mcnemar
from quintain.records import Judgement
from quintain.statistics.power import effective_items, items_needed, minimum_detectable_effect
from quintain.statistics.resampling import Resampling

_FAST = Resampling(replicates=200)


def _plain_judge(category, example_id, level, satisfied, by="rule:test"):
    return Judgement(
        item_id=f"{category}/{example_id}/{level}",
        example_id=example_id,
        category=category,
        level=level,
        satisfied=(satisfied,) * level if isinstance(satisfied, bool) else satisfied,
        by=by,
    )


def _model(judge, pass_rate, seed, categories=("content", "style"), n_groups=12):
    draw = random.Random(seed)
    return [
        judge(category, str(group), level, tuple(draw.random() < pass_rate for _ in range(level)), by="rule:test")
        for category in categories
        for group in range(n_groups)
        for level in range(1, 6)
    ]


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_the_order_of_judgements_changes_no_interval(seed):
    judgements = _model(_plain_judge, 0.6, seed, n_groups=4)
    shuffled = random.Random(seed).sample(judgements, len(judgements))
    one, other = (bootstrap(tabulate(each), _FAST) for each in (judgements, shuffled))
    for category, draws in one.items():
        np.testing.assert_array_equal(draws, other[category])


def test_one_more_category_changes_no_other_categorys_interval(judge):
    alone = bootstrap(tabulate(_model(judge, 0.6, seed=3, categories=("style",))), _FAST)
    judgements = [
        *_model(judge, 0.6, seed=3, categories=("style",)),
        *_model(judge, 0.5, seed=4, categories=("mixed",)),
    ]
    np.testing.assert_array_equal(alone["style"], bootstrap(tabulate(judgements), _FAST)["style"])


def test_the_interval_covers_the_truth_about_as_often_as_it_says():
    # Groups share a difficulty, so the items of a group are alike; drawing items instead of groups would cover less.
    rng = np.random.default_rng(0)
    truth, covered, trials = 0.6, 0, 200
    for trial in range(trials):
        ability = rng.beta(3, 2, size=40)  # mean 3/5
        judgements = [
            _plain_judge("content", str(group), level, bool(rng.random() < ability[group]))
            for group in range(40)
            for level in range(1, 6)
        ]
        draws = bootstrap(tabulate(judgements), Resampling(replicates=200, seed=trial))["content"]
        low, high = interval(draws, 0.95)
        covered += low[5] <= truth <= high[5]
    # 190 expected of 200; percentile intervals of 40 groups run a little short
    assert 178 <= covered <= 199


def test_an_unscored_group_is_never_drawn(judge):
    scored = [judge("format", "1", level, True, by="rule:test") for level in range(1, 6)]
    others = [
        judge("format", str(group), level, (None,) * level, by="unscored:no-judge")
        for group in range(2, 30)
        for level in range(1, 6)
    ]
    draws = bootstrap(tabulate([*scored, *others]), _FAST)["format"]
    assert not np.isnan(draws).any()


def test_a_category_that_nobody_scored_has_no_interval(judge):
    sheet = tabulate([judge("style", "1", 1, (None,), by="unscored:no-judge")])
    low, high = interval(bootstrap(sheet, _FAST)["style"], 0.95)
    assert np.isnan([low, high]).all()
    assert np.isnan(category_measures(sheet)["style"]).all()


@pytest.mark.parametrize(
    ("only_first", "only_second", "p"),
    [
        (0, 0, 1.0),
        (3, 3, 1.0),
        (0, 5, 2 / 32),
        (1, 7, 2 * (1 + 8) / 256),
        (700, 500, pytest.approx(8.8e-9, rel=0.05)),
    ],
)
def test_mcnemar_is_the_exact_binomial_test(only_first, only_second, p):
    assert mcnemar(only_first, only_second) == p
    assert mcnemar(only_second, only_first) == p


def test_holm_multiplies_the_smallest_most_and_never_turns_the_order_round():
    # 0.01 x 3, then max(0.03, 0.02 x 2), then max(0.04, 0.03 x 1)
    assert holm({"a": 0.03, "b": 0.01, "c": 0.02}) == pytest.approx({"a": 0.04, "b": 0.03, "c": 0.04})
    assert holm({}) == {}
    assert holm({"a": 0.9, "b": 0.8}) == {"a": 1.0, "b": 1.0}


@pytest.mark.parametrize(
    ("effect", "discordant", "two_sided", "one_sided"),
    [
        (0.05, 0.08, 249, 196),
        (0.05, 0.10, 312, 246),
        (0.05, 0.15, 469, 369),
        (0.05, 0.20, 626, 493),
        (0.05, 0.25, 783, 617),
        (0.05, 0.30, 940, 740),
        (0.10, 0.10, 77, None),
        (0.10, 0.30, 234, None),
    ],
)
def test_items_needed_for_a_paired_comparison(effect, discordant, two_sided, one_sided):
    """The table of our design note on statistical power, made independently of this code."""
    assert items_needed(effect, discordant) == two_sided
    if one_sided:
        assert items_needed(effect, discordant, significance=0.10) == one_sided


@settings(deadline=None)
@given(n_items=st.integers(20, 5000), discordant=st.floats(0.02, 1.0))
def test_the_detectable_effect_is_the_one_that_needs_these_items(n_items, discordant):
    effect = minimum_detectable_effect(n_items, discordant)
    assert 0 < effect <= discordant
    if effect < discordant * 0.999:
        assert abs(items_needed(effect, discordant) - n_items) <= 1


def test_the_six_categories_are_worth_fewer_items_than_they_hold():
    # 36 / (1/125 + 1/110 + 2/150 + 1/200 + 1/85) = 763 of 820; at 20% discordance that shows 4.5 points
    worth = effective_items([125, 110, 150, 150, 200, 85])
    assert worth == pytest.approx(763, abs=1)
    assert minimum_detectable_effect(worth, 0.2) == pytest.approx(0.045, abs=0.001)
    assert effective_items([10, 10, 0]) == 20


def test_an_effect_beyond_the_discordance_is_refused():
    with pytest.raises(ValueError, match=r"at most the discordant share 0\.1, got 0\.2"):
        items_needed(0.2, 0.1)


@pytest.mark.parametrize(
    ("setting", "message"),
    [({"replicates": 0}, "replicates must be at least 1"), ({"confidence": 1.0}, r"confidence must be in \(0, 1\)")],
)
def test_resampling_out_of_range_is_refused(setting, message):
    with pytest.raises(ValueError, match=message):
        Resampling(**setting)
