"""Fluency is the weighted entropy of bigrams and trigrams, by hand."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quintain.methods.lte.fluency import fluency, ngram_entropy_bits


def test_entropy_of_equal_and_of_unequal_ngrams():
    # the bigrams of "a b a b": the first one twice, another once; shares 2/3 and 1/3
    expected = 2 / 3 * math.log2(3 / 2) + 1 / 3 * math.log2(3)
    assert ngram_entropy_bits("a b a b".split(), 2) == pytest.approx(expected)
    assert ngram_entropy_bits("a a a a".split(), 2) == 0
    assert ngram_entropy_bits(["a"], 2) == 0


def test_bigrams_weigh_a_third_and_trigrams_two_thirds():
    # five different words: 4 bigrams of 2 bits, 3 trigrams of log2(3) bits; the released code takes the mean of
    # 2/3 · 2 and 4/3 · log2(3)
    assert fluency("one two three four five") == pytest.approx(100 * (2 / 3 * 2 + 4 / 3 * math.log2(3)) / 2)


def test_marks_are_tokens_and_two_words_have_no_fluency_in_trigrams():
    # "yes ." is one bigram: 0 bits
    assert fluency("yes.") == 0
    assert fluency("yes, no.") > 0
    assert fluency("") == 0


@given(st.lists(st.sampled_from("ab"), max_size=30), st.integers(1, 4))
def test_entropy_lies_between_zero_and_that_of_equal_shares(tokens, n):
    grams = len(tokens) - n + 1
    assert 0 <= ngram_entropy_bits(tokens, n) <= (math.log2(grams) if grams > 0 else 0) + 1e-9
