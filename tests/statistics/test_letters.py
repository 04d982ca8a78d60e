"""Letters say exactly who differs from whom."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quintain.statistics.letters import compact_letters


def test_models_that_nothing_tells_apart_share_one_letter():
    assert compact_letters(["x", "y", "z"], []) == {"x": "a", "y": "a", "z": "a"}


def test_models_that_all_differ_have_a_letter_each():
    assert compact_letters(["x", "y", "z"], [("x", "y"), ("z", "x"), ("y", "z")]) == {"x": "a", "y": "b", "z": "c"}


def test_a_model_between_two_groups_has_the_letters_of_both():
    # Alike: 1-2, 1-3, 2-3, 2-4, 3-4, 4-5. Largest groups: {1,2,3} = a, {2,3,4} = b, {4,5} = c.
    letters = compact_letters(["1", "2", "3", "4", "5"], [("1", "4"), ("1", "5"), ("2", "5"), ("3", "5")])
    assert letters == {"1": "a", "2": "ab", "3": "ab", "4": "bc", "5": "c"}


def test_after_z_letters_get_a_number():
    names = [str(i) for i in range(28)]
    letters = compact_letters(names, list(combinations(names, 2)))
    assert [letters[name] for name in ("0", "25", "26", "27")] == ["a", "z", "a2", "b2"]


def test_no_model_has_no_letter():
    assert compact_letters([], []) == {}
    assert compact_letters(["x"], []) == {"x": "a"}


@pytest.mark.parametrize(
    ("names", "different", "message"),
    [(["x", "x"], [], "must differ"), (["x"], [("x", "q")], "names q, which is not among")],
)
def test_names_that_do_not_fit_are_refused(names, different, message):
    with pytest.raises(ValueError, match=message):
        compact_letters(names, different)


@st.composite
def comparisons(draw):
    names = [str(i) for i in range(draw(st.integers(0, 9)))]
    pairs = list(combinations(names, 2))
    return names, draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else []


@given(comparisons())
def test_two_models_share_a_letter_exactly_when_they_do_not_differ(case):
    names, different = case
    letters = compact_letters(names, different)
    assert all(letters.values())
    for pair in combinations(names, 2):
        shared = set(letters[pair[0]]) & set(letters[pair[1]])
        assert bool(shared) == (pair not in different)


@given(comparisons())
def test_no_letter_could_take_in_one_more_model(case):
    names, different = case
    letters = compact_letters(names, different)
    apart = {frozenset(pair) for pair in different}
    for letter in {letter for each in letters.values() for letter in each}:
        inside = [name for name in names if letter in letters[name]]
        for other in set(names) - set(inside):
            assert any(frozenset((name, other)) in apart for name in inside)
