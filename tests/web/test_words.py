"""Words as the filters count them."""

from hypothesis import given
from hypothesis import strategies as st

from quintain.web.words import words


def test_latin_words_are_runs_of_letters_and_digits():
    assert words("In 1740, the Fähre-Kai froze!") == ["in", "1740", "the", "fähre", "kai", "froze"]


def test_characters_of_chinese_and_japanese_are_words_and_korean_has_spaces():
    assert words("漢字kana かな 한국어 단어") == ["漢", "字", "kana", "か", "な", "한국어", "단어"]


@given(st.text())
def test_no_word_is_empty_or_has_a_space(text):
    assert all(word and not any(map(str.isspace, word)) for word in words(text))
