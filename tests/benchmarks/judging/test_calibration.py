import pytest

from quintain.benchmarks.judging.calibration import Accuracy, Floor, Known, measure_accuracy, wilson
from quintain.benchmarks.judging.questions import Case


def known(make_item, category, satisfied, apart=True):
    return Known(Case(make_item(category, "1", len(satisfied)), (), "text"), satisfied, apart)


def accuracy(n_satisfied=0, n_accepted=0, n_broken=0, n_refused=0, n_unread=0):
    return Accuracy(
        n_satisfied=n_satisfied, n_accepted=n_accepted, n_broken=n_broken, n_refused=n_refused, n_unread=n_unread
    )


def test_constraints_are_counted_one_by_one(make_item, judge):
    truth = [known(make_item, "style", (True, True, False)), known(make_item, "style", (False,))]
    said = [judge("style", "1", 3, (True, False, False)), judge("style", "2", 1, (None,))]
    # satisfied: 2, one accepted; broken: 1, refused; the other broken one was not read
    assert measure_accuracy(truth, said) == {"style": accuracy(2, 1, 1, 1, 1)}


@pytest.mark.parametrize(
    ("said", "counted"),
    [
        ((True, True), accuracy(0, 0, 1, 0, 0)),  # called whole, and it is not
        ((True, False), accuracy(0, 0, 1, 1, 0)),
        ((None, False), accuracy(0, 0, 1, 1, 0)),  # one no is enough
        ((None, True), accuracy(0, 0, 0, 0, 1)),
    ],
)
def test_where_a_rule_knows_the_whole_only_the_whole_is_compared(make_item, judge, said, counted):
    truth = [known(make_item, "situation", (False, False), apart=False)]
    assert measure_accuracy(truth, [judge("situation", "1", 2, said)]) == {"situation": counted}


def test_rates_by_hand():
    both = accuracy(8, 6, 4, 3, 1) + accuracy(2, 2, 1, 0, 0)
    assert both.sensitivity == 8 / 10
    assert both.specificity == 3 / 5
    assert (accuracy().sensitivity, accuracy().specificity) == (None, None)


def test_a_fit_judge_has_nothing_against_it():
    assert Floor().complaints({"style": accuracy(20, 18, 20, 17, 0)}) == []
    assert Floor().complaints({}) == []


@pytest.mark.parametrize(
    ("found", "complaint"),
    [
        (accuracy(20, 13, 20, 20), "sensitivity 0.65 over all categories, the floor is 0.70"),
        (accuracy(20, 20, 20, 13), "specificity 0.65 over all categories, the floor is 0.70"),
        (accuracy(10, 10, 8, 8, 2), "2 of 20 verdicts unread, the limit is 5%"),
    ],
)
def test_what_lies_below_the_floor_is_said_in_numbers(found, complaint):
    assert complaint in Floor().complaints({"style": found})


def test_one_category_counts_only_when_it_is_low_beyond_chance():
    fine = accuracy(100, 100, 100, 100)
    # 2 of 4 refused: Wilson's upper end is 0.85; 2 of 10: 0.51
    assert Floor().complaints({"style": fine, "format": accuracy(4, 4, 4, 2)}) == []
    assert Floor().complaints({"style": fine, "format": accuracy(10, 10, 10, 2)}) == [
        "specificity 0.20 in format (2 of 10), the floor is 0.70"
    ]


def test_wilson_by_hand():
    # 5 of 10, z = 1.96: centre 0.5, half-width 0.2634
    assert wilson(5, 10) == pytest.approx((0.2366, 0.7634), abs=1e-4)
    assert wilson(0, 0) == (0.0, 1.0)
    assert wilson(0, 5)[0] == 0.0
    assert wilson(5, 5)[1] == 1.0


def test_a_floor_that_is_no_share_is_refused():
    with pytest.raises(ValueError, match=r"sensitivity must be in \[0, 1\], got 70"):
        Floor(sensitivity=70)
    with pytest.raises(ValueError, match="cases_per_category must be at least 0"):
        Floor(cases_per_category=-1)
