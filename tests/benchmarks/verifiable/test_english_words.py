"""The lists of words, and what is said of a word by them."""

import pytest

from quintain.benchmarks.verifiable.english_words import (
    PRONOUNS,
    STOP_WORDS,
    bare,
    is_common_word,
    opens_only_sentences,
    without_punctuation,
)


def test_the_lists_hold_what_a_checker_may_meet():
    # nltk's 198 English stop words less the 45 with an apostrophe, which no run of letters equals
    assert len(STOP_WORDS) == 153
    assert {"don", "t", "ll", "wouldn"} <= STOP_WORDS
    assert {"this", "who", "both", "themselves"} <= PRONOUNS


def test_a_capital_on_the_or_house_shows_no_beginning_and_one_on_which_does():
    assert is_common_word("house")
    assert not opens_only_sentences("house")
    assert not opens_only_sentences("the")
    assert opens_only_sentences("which")
    assert not is_common_word("smith")


@pytest.mark.parametrize(("text", "left"), [("a-b, c.", "ab c"), ("don’t", "don’t"), ("!?", "")])
def test_only_ascii_punctuation_is_left_out(text, left):
    assert without_punctuation(text) == left


def test_bare_words_keep_their_inner_marks():
    assert (bare("*It's,"), bare("..."), bare("“so”")) == ("It's", "", "“so”")
