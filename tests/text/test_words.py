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
