"""Words and first words of any text."""

from hypothesis import given
from hypothesis import strategies as st

from quintain.text.words import first_words, words


@given(st.text(), st.integers(1, 20))
def test_the_first_words_are_a_prefix_with_no_more_words_than_asked(text, count):
    cut = first_words(text, count)
    assert text.startswith(cut)
    assert cut == text or len(words(cut)) == count


def test_chinese_is_cut_by_character():
    assert first_words("渡轮中午开", 2) == "渡轮"


def test_latin_words_are_runs_of_letters_and_digits():
    assert words("In 1740, the Fähre-Kai froze!") == ["in", "1740", "the", "fähre", "kai", "froze"]


def test_characters_of_chinese_and_japanese_are_words_and_korean_has_spaces():
    assert words("漢字kana かな 한국어 단어") == ["漢", "字", "kana", "か", "な", "한국어", "단어"]


@given(st.text())
def test_no_word_is_empty_or_has_a_space(text):
    assert all(word and not any(map(str.isspace, word)) for word in words(text))
