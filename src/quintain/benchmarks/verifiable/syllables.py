"""Syllables of English words, counted by syllapy (MIT, 25 KB): a list of 6,400 words, and a rule for all others."""

from functools import cache


@cache
def syllable_count(word: str) -> int:
    """Count the syllables of a word in small letters.

    Args:
        word: One word.

    Returns:
        The number; 0 where the word has a digit.

    >>> syllable_count("little"), syllable_count("sunshine"), syllable_count("b2b")
    (2, 2, 0)
    """
    import syllapy

    return int(syllapy.count(word))
