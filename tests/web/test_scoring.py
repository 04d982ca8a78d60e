"""The benchmark's score, by hand."""

import pytest

from quintain.web.scoring import ExtractionScore, score_extraction


def test_shingles_of_four_words_are_compared():
    # expected: abcd bcde (2 shingles); extracted: abcd bcdx cdxy (3); common: abcd.
    score = score_extraction({"p": "a b c d e"}, {"p": "a b c d x y"})
    assert score == ExtractionScore(precision=1 / 3, recall=1 / 2)
    assert score.f1 == pytest.approx(2 * (1 / 3) * (1 / 2) / (5 / 6))


def test_repeated_shingles_count_as_often_as_they_stand():
    # "a a a a a" holds the shingle aaaa twice, "a a a a" once.
    score = score_extraction({"p": "a a a a"}, {"p": "a a a a a"})
    assert (score.precision, score.recall) == (1 / 2, 1.0)


def test_averages_run_over_pages_not_over_shingles():
    score = score_extraction({"long": "a b c d e f g h", "short": "x y"}, {"long": "a b c d e f g h", "short": ""})
    assert (score.precision, score.recall) == (0.5, 0.5)


@pytest.mark.parametrize(("expected", "extracted", "value"), [("", "", 1.0), ("", "a b", 0.0), ("a b", "", 0.0)])
def test_empty_texts_agree_with_empty_texts_alone(expected, extracted, value):
    score = score_extraction({"p": expected}, {"p": extracted})
    assert (score.precision, score.recall, score.f1) == (value, value, value)


def test_punctuation_does_not_count_and_letter_case_does():
    assert score_extraction({"p": "One, two."}, {"p": "One two"}).f1 == 1.0
    assert score_extraction({"p": "One two"}, {"p": "one two"}).f1 == 0.0


def test_other_pages_than_expected_are_refused():
    with pytest.raises(ValueError, match=r"they differ in \['b'\]"):
        score_extraction({"a": "x"}, {"a": "x", "b": "y"})
