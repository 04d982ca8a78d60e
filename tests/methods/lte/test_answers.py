"""Responses are compared whole, once case, punctuation and articles are gone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quintain.methods.lte.answers import is_right, is_same, names_answer, normalised

ANSWERS = (("Ada Brook", "A. Brook"), ("Cy Dahl",))


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("The  Mayor, of\nVeldmark.", "mayor of veldmark"),
        ("U.S.", "us"),
        ("theatre", "theatre"),  # an article inside a word is none
        ("Château", "château"),
        ("...", ""),
    ],
)
def test_an_answer_is_brought_to_squads_form(text, form):
    assert normalised(text) == form


@pytest.mark.parametrize("response", ["ada brook", "The A Brook.", "Cy Dahl"])
def test_any_spelling_of_any_answer_is_right(response):
    assert is_right(response, ANSWERS)


@pytest.mark.parametrize("response", ["Ada", "Ada Brook, baker", "", "...", "Cy"])
def test_part_of_an_answer_or_more_than_it_is_not_right(response):
    assert not is_right(response, ANSWERS)


def test_an_empty_response_is_not_right_even_where_an_answer_is_all_punctuation():
    assert not is_right("", (("…",), ("?",), ("the",)))


def test_a_response_names_an_answer_only_in_whole_words():
    assert names_answer("I think that it is Ada Brook.", ANSWERS)
    assert not names_answer("Ada Brooks", ANSWERS)
    assert not names_answer("Brook, Ada", ANSWERS)


@given(st.text(), st.text())
def test_what_is_right_is_the_same_and_the_other_way_round(response, answer):
    if normalised(response):
        assert is_right(response, ((answer,),)) == is_same(response, answer) == is_same(answer, response)


@given(st.text())
def test_a_normal_form_stays_without_upper_case_and_double_spaces(text):
    form = normalised(text)
    assert form == " ".join(form.split())
    assert not any(mark in form for mark in ".,;:!?\"'()")
