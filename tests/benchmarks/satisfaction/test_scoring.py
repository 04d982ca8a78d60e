import random

import numpy as np
import pytest

from quintain.benchmarks.followbench.parity import upstream_scores
from quintain.benchmarks.satisfaction import sheet
from quintain.benchmarks.satisfaction.scoring import as_measures, category_measures, macro, micro, runs


def tabulate(judgements):
    """Sheets of five levels, however many were judged."""
    return sheet.tabulate(judgements, 5)


def _group(judge, category, example_id, *levels, **fields):
    return [judge(category, example_id, level, satisfied, **fields) for level, satisfied in enumerate(levels, 1)]


@pytest.fixture
def two_groups(judge):
    """One group that holds to level 2, one that only drops its second constraint at levels 2-5."""
    first = _group(judge, "content", "1", True, True, False, False, False)
    second = _group(judge, "content", "2", True, *((True, False, *(True,) * (level - 2)) for level in range(2, 6)))
    return [*first, *second]


def test_rates_by_level_are_shares_of_responses_and_of_constraints(two_groups):
    measures = as_measures(category_measures(tabulate(two_groups))["content"])
    # hard: level 1 both, level 2 the first, levels 3-5 none
    assert measures.hsr == (1.0, 0.5, 0.0, 0.0, 0.0)
    # soft: level 2 (1 + 1/2)/2, then 0 from the first and (n-1)/n from the second: 2/3, 3/4, 4/5, halved
    assert measures.ssr == pytest.approx((1.0, 0.75, 1 / 3, 3 / 8, 2 / 5))
    # runs: 2 and 1
    assert measures.csl == 1.5
    assert measures.hsr_mean == pytest.approx(1.5 / 5)
    assert measures.ssr_mean == pytest.approx((1 + 0.75 + 1 / 3 + 0.375 + 0.4) / 5)


def test_a_run_stops_at_the_first_level_that_fails_and_is_unknown_where_nobody_scored():
    nan = np.nan
    held, known = runs(
        np.array([[1, 1, 0, 1, 1], [0, 1, 1, 1, 1], [1, 1, 1, 1, 1], [1, nan, 1, 1, 1], [0, nan, 1, 1, 1]])
    )
    assert held.tolist() == [2, 0, 5, 1, 0]
    assert known.tolist() == [True, True, True, False, True]


def test_the_macro_mean_weighs_categories_alike_the_micro_mean_items(judge):
    judgements = [
        *_group(judge, "content", "1", *(True,) * 5),
        *_group(judge, "style", "1", *(False,) * 5),
        *_group(judge, "style", "2", *(False,) * 5),
        *_group(judge, "style", "3", *(False,) * 5),
    ]
    sheet = tabulate(judgements)
    overall = as_measures(macro(list(category_measures(sheet).values())))
    assert (overall.hsr_mean, overall.csl) == (0.5, 2.5)
    assert as_measures(micro(sheet)).hsr_mean == 0.25


def test_what_nobody_scored_is_in_no_rate(judge):
    judgements = [
        *_group(judge, "content", "1", *(True,) * 5),
        *_group(judge, "content", "2", *((None,) * level for level in range(1, 6)), by="unscored:no-judge"),
        *_group(judge, "style", "1", *((None,) * level for level in range(1, 6)), by="unscored:no-judge"),
    ]
    by_category = category_measures(tabulate(judgements))
    assert as_measures(by_category["content"]).hsr == (1.0,) * 5
    assert as_measures(by_category["style"]).hsr == (None,) * 5
    assert as_measures(by_category["style"]).csl is None
    assert as_measures(macro(list(by_category.values()))).csl == 5.0


def test_an_unread_verdict_counts_as_no_and_its_upper_bound_as_yes(judge):
    judgements = _group(judge, "content", "1", True, (True, None), True, (False, None, True, True), True)
    sheet = tabulate(judgements)
    low = as_measures(category_measures(sheet)["content"])
    high = as_measures(category_measures(sheet, unread_as_yes=True)["content"])
    assert (low.hsr, high.hsr) == ((1, 0, 1, 0, 1), (1, 1, 1, 0, 1))
    assert (low.ssr[3], high.ssr[3]) == (0.5, 0.75)
    assert (low.csl, high.csl) == (1.0, 3.0)
    assert sheet.unread.tolist() == [[False, True, False, True, False]]


def test_a_response_that_does_not_do_the_task_satisfies_nothing(judge):
    (measures,) = category_measures(tabulate(_group(judge, "style", "1", True, base_task=False))).values()
    assert (measures[0], measures[6]) == (0.0, 0.0)


def test_the_order_of_judgements_does_not_matter(two_groups, judge):
    judgements = [*two_groups, *_group(judge, "mixed", "10", True, False), *_group(judge, "mixed", "9", True, True)]
    shuffled = random.Random(0).sample(judgements, len(judgements))
    one, other = tabulate(judgements), tabulate(shuffled)
    assert one.groups == other.groups == (("content", "1"), ("content", "2"), ("mixed", "9"), ("mixed", "10"))
    np.testing.assert_array_equal(one.hard, other.hard)
    np.testing.assert_array_equal(one.soft, other.soft)


def test_a_group_judged_twice_at_a_level_is_refused(judge):
    with pytest.raises(ValueError, match="group style/1 has two judgements of one item at level 1"):
        tabulate([judge("style", "1", 1, True), judge("style", "1", 1, False)])


def test_a_level_beyond_five_is_refused(judge):
    with pytest.raises(ValueError, match="level must be 1-5, got 6"):
        tabulate([judge("style", "1", 6, True)])


# --- the authors' arithmetic -----------------------------------------------------------------------------------------


def test_upstream_an_unread_reply_takes_one_away(judge):
    judgements = [
        judge("format", "1", 2, (True, True)),
        judge("format", "2", 2, (True, False)),
        judge("format", "3", 2, (None, None)),
    ]
    scores = upstream_scores(judgements)
    # hard: 1 + 0 - 1 = 0 of 3; soft: 1 + 1/2 - 1 = 1/2 of 3 = 16.67%
    assert scores.hsr["format"][1] == 0.0
    assert scores.ssr["format"][1] == 16.67


def test_upstream_a_model_whose_replies_cannot_be_read_falls_below_zero(judge):
    scores = upstream_scores([judge("format", "1", 1, (None,)), judge("format", "2", 1, (None,))])
    assert scores.hsr["format"][0] == -100.0


def test_upstream_gives_a_rule_scored_item_no_partial_credit(judge):
    judgements = [judge("mixed", "1", 4, (True, True, True, False), by="rule:upstream-parity")]
    scores = upstream_scores([*judgements, judge("mixed", "2", 4, (True, True, True, False))])
    # the rule's item gives 0, the judge's 3/4
    assert scores.ssr["mixed"][3] == 37.5
    assert scores.hsr["mixed"][3] == 0.0


def test_upstream_rounds_csl_to_one_decimal_before_the_mean(judge):
    judgements = [
        *_group(judge, "content", "1", True, True, False, False, False),
        *_group(judge, "content", "2", True, False, False, False, False),
        *_group(judge, "content", "3", True, False, False, False, False),
        *_group(judge, "style", "1", *(True,) * 5),
    ]
    scores = upstream_scores(judgements)
    # content (2 + 1 + 1)/3 = 1.33 -> 1.3; mean with 5.0 = 3.15
    assert scores.csl["content"] == 1.3
    assert scores.macro_csl == pytest.approx(3.15)


def test_upstream_an_unread_level_ends_the_run(judge):
    assert upstream_scores(_group(judge, "content", "1", True, (None, None), True, True, True)).csl["content"] == 1.0


def test_upstream_the_mean_is_over_rounded_percentages(judge):
    judgements = [
        *(judge("content", str(n), 1, n == 1) for n in range(1, 4)),
        *(judge("style", str(n), 1, n < 3) for n in range(1, 4)),
    ]
    scores = upstream_scores(judgements)
    assert (scores.hsr["content"][0], scores.hsr["style"][0]) == (33.33, 66.67)
    assert scores.macro_hsr[0] == pytest.approx(50.0)
    assert scores.hsr["mixed"] == (None,) * 5
