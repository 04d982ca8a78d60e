"""Syllables as IFBench counts them."""

import pytest

from quintain.benchmarks.verifiable.syllables import syllable_count


@pytest.mark.parametrize(
    ("word", "number"),
    [("tea", 1), ("little", 2), ("children", 2), ("sunshine", 2), ("quintain", 2), ("b2b", 0), ("zzz", 1)],
)
def test_syllables_are_counted(word, number):
    assert syllable_count(word) == number
