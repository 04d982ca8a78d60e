"""A text that goes round in a circle is told by the runs that it says again."""

import pytest

from quintain.text.repetition import repeated_share


def test_a_circle_of_five_words_is_all_repetition_but_for_its_first_round():
    # 10 rounds of 5 words: the run from the sixth word on has been said, so 45 of 50 words are repeated
    assert repeated_share("The ferry leaves at noon. " * 10) == 45 / 50


def test_one_word_again_and_again():
    # runs begin at 0 … 12; all but the first are known, and cover words 1 … 19
    assert repeated_share("salt " * 20) == 19 / 20


def test_a_sentence_that_comes_back_once_counts_once():
    sentence = "nobody who has missed it will see the island before the night"  # 12 words
    text = f"{sentence}, said the ferryman, and he added after a while: {sentence}."
    assert repeated_share(text) == 12 / (12 + 9 + 12)


def test_characters_of_chinese_are_words():
    # 7 characters, 8 rounds: 56 - 7 = 49 are repeated
    assert repeated_share("渡船中午离开吗" * 8) == 49 / 56


@pytest.mark.parametrize(
    "text", ["", "salt", "a b c d e f g h", "Each line differs.\nNone comes back.\nThe end is near."]
)
def test_what_is_short_or_varied_repeats_nothing(text):
    assert repeated_share(text) == 0.0
