"""IFBench's rules about words: their letters, places, order and repetition."""

import re
import string
from collections import Counter
from itertools import pairwise

from quintain.benchmarks.verifiable.english_words import bare, without_punctuation
from quintain.benchmarks.verifiable.first_verb import starts_with_verb
from quintain.benchmarks.verifiable.instructions import Count, Position, Text, checks
from quintain.benchmarks.verifiable.punkt import sentences
from quintain.benchmarks.verifiable.syllables import syllable_count
from quintain.benchmarks.verifiable.treebank import word_tokens

_CLUSTER = re.compile(r"[bcdfghjklmnpqrstvwxyz]{2}")
_LETTERS = string.ascii_lowercase
_MARKS = string.punctuation + " "
_MOST_VOWELS = 3
_PALINDROMES = 10
_PALINDROME_LETTERS = 5
_PRIMES = frozenset(n for n in range(2, 98) if all(n % divisor for divisor in range(2, n)))


@checks("words:alphabet")
def alphabet(response: str) -> bool:
    """Each word starts with the letter after that of the word before, `a` after `z`; the first one with any."""
    starts = [word[0].lower() for word in without_punctuation(response).split()]
    return bool(starts) and all(start in _LETTERS for start in starts) and all(map(_follows, starts, starts[1:]))


def _follows(letter: str, following: str) -> bool:
    return _LETTERS[(_LETTERS.index(letter) + 1) % len(_LETTERS)] == following


@checks("words:vowel")
def vowel(response: str) -> bool:
    """One line, with at most three of the vowels a, e, i, o, u."""
    text = response.strip().lower()
    return "\n" not in text and len(set(text) & set("aeiou")) <= _MOST_VOWELS


@checks("words:consonants")
def consonants(response: str) -> bool:
    """Each word has two consonants together; y is one."""
    return all(_CLUSTER.search(word) for word in response.lower().split())


@checks("words:palindrome")
def palindrome(response: str) -> bool:
    """Ten words or more of five letters or more read the same backwards; one may come again."""
    words = without_punctuation(response).lower().split()
    return sum(len(word) >= _PALINDROME_LETTERS and word == word[::-1] for word in words) >= _PALINDROMES


@checks("words:prime_lengths")
def prime_lengths(response: str) -> bool:
    """Each word, without punctuation, has a prime number of characters."""
    return all(len(word) in _PRIMES for word in without_punctuation(response).split())


@checks("words:repeats")
def repeats(response: str, *, small_n: Count) -> bool:
    """No word occurs more than so many times, in any case and without punctuation."""
    return max(Counter(without_punctuation(response.lower()).split()).values(), default=0) <= small_n


@checks("words:no_consecutive")
def no_consecutive(response: str) -> bool:
    """No two words in a row start with the same character, in any case."""
    words = without_punctuation(response.lower()).split()
    return all(word[0] != following[0] for word, following in pairwise(words))


@checks("words:odd_even_syllables")
def odd_even_syllables(response: str) -> bool:
    """Words with an odd and an even number of syllables take turns."""
    parities = [syllable_count(word) % 2 for word in without_punctuation(response).lower().split()]
    return all(parity != following for parity, following in pairwise(parities))


@checks("words:start_verb")
def start_verb(response: str) -> bool:
    """The first token is a verb, in any form."""
    return starts_with_verb(response)


@checks("words:last_first")
def last_first(response: str) -> bool:
    """Each sentence starts with the last word of the one before, in any case."""
    return all(
        bool(last and first) and last[-1].lower() == first[0].lower()
        for last, first in (
            (one.rstrip(_MARKS).split(), following.lstrip(_MARKS).split())
            for one, following in pairwise(sentences(response))
        )
    )


@checks("words:paragraph_last_first")
def paragraph_last_first(response: str) -> bool:
    """Each line starts and ends with the same word, in any case; empty ones and marks alone do not count."""
    lines = (bare(line.strip().lower()).split() for line in response.split("\n"))
    return all(words[0] == words[-1] for words in lines if words)


@checks("words:words_position")
def words_position(response: str, *, keyword: Text) -> bool:
    """The second word and the last but one are the keyword, in any case."""
    words = word_tokens(response)
    return len(words) > 1 and words[1].lower() == words[-2].lower() == keyword.strip().lower()


@checks("words:keywords_specific_position")
def keywords_specific_position(response: str, *, keyword: Text, n: Position, m: Position) -> bool:
    """The mth word of the nth sentence is the keyword, in any case."""
    found = sentences(response)
    words = word_tokens(found[n - 1]) if len(found) >= n else []
    return len(words) >= m and words[m - 1].lower() == keyword.strip().lower()


@checks("sentence:keyword")
def keyword_in_sentence(response: str, *, word: Text, N: Position) -> bool:  # noqa: N803 - the name in the file
    """The Nth sentence has the keyword as a whole word, in any case."""
    found = sentences(response)
    return len(found) >= N and re.search(rf"\b{re.escape(word)}\b", found[N - 1], re.IGNORECASE) is not None


@checks("sentence:alliteration_increment")
def alliteration_increment(response: str) -> bool:
    """Each sentence has more words in runs of one first letter than the sentence before."""
    found = [_alliterating(one) for one in sentences(response)]
    return all(later > earlier for earlier, later in pairwise(found))


def _alliterating(sentence: str) -> int:
    """Words that stand beside one with the same first character, added over all runs."""
    starts = [stripped[0] for word in sentence.lower().split() if (stripped := word.lstrip(_MARKS))]
    same = [one == following for one, following in pairwise(starts)]
    runs = sum(here and not before for before, here in pairwise((False, *same)))
    return sum(same) + runs
