import pytest

from quintain.benchmarks.judging.agreement import agreement_by_category, krippendorff_alpha

Y, N, U = True, False, None


def test_alpha_by_hand():
    # Krippendorff (2011), section A: two observers, ten units, nominal, twelve of twenty values zero.
    # o01 = 4 disagreeing values pairwise, n0 = 14, n1 = 6: alpha = 1 - 19 * 4 / (14 * 6) = 0.095
    first = [N, Y, N, N, N, N, N, N, Y, N]
    second = [Y, Y, Y, N, N, Y, N, N, N, N]
    assert krippendorff_alpha(list(zip(first, second, strict=True))) == pytest.approx(1 - 19 * 4 / (14 * 6))


def test_an_unread_vote_leaves_the_others_of_its_unit():
    # unit 1: yes, yes, no: 2 * 2 * 1 / 2 = 2 disagreeing; unit 2: no, no; unit 3 has one vote and is left out
    # n = 5, yes 2, no 3: expected 2 * 2 * 3 / 4 = 3, alpha = 1 - 2 / 3
    assert krippendorff_alpha([(Y, Y, N), (N, N, U), (Y, U, U)]) == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("units", "alpha"),
    [
        ([(Y, Y), (N, N)], 1.0),
        ([(Y, N), (N, Y)], -0.5),  # 4 disagreeing, expected 2 * 2 * 2 / 3
        ([(Y, Y), (Y, Y)], None),  # all the same: chance cannot be told from agreement
        ([(Y, U)], None),
        ([], None),
    ],
)
def test_the_ends_of_the_scale(units, alpha):
    assert krippendorff_alpha(units) == (alpha if alpha is None else pytest.approx(alpha))


def test_agreement_is_told_by_category_and_over_all(judge):
    ours = [judge("style", "1", 2, (Y, N)), judge("format", "1", 1, (Y,))]
    theirs = [judge("style", "1", 2, (Y, N)), judge("format", "1", 1, (N,))]
    # over all: units yy, nn, yn: 2 disagreeing, n = 6, yes 3, no 3, expected 2 * 9 / 5 = 3.6
    assert agreement_by_category([ours, theirs]) == {
        "style": 1.0,
        "format": pytest.approx(0.0),  # 2 disagreeing, expected 2 * 1 * 1 / 1
        "all": pytest.approx(1 - 2 / 3.6),
    }
    assert agreement_by_category([ours]) == {}
