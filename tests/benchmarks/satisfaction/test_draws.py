import random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from quintain.benchmarks.satisfaction.draws import bootstrap
from quintain.benchmarks.satisfaction.scoring import category_measures
from quintain.benchmarks.satisfaction.sheet import tabulate
from quintain.records import Judgement
from quintain.statistics.bootstrap import percentile_interval as interval
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
