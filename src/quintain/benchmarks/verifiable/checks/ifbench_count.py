"""IFBench's counts and ratios: words, numbers, names, marks, sentences, trigrams."""

import re
from itertools import pairwise

from quintain.benchmarks.verifiable.english_words import (
    CONJUNCTIONS,
    PRONOUNS,
    STOP_WORDS,
    bare,
    without_punctuation,
)
from quintain.benchmarks.verifiable.instructions import Count, Position, Text, checks
from quintain.benchmarks.verifiable.punkt import sentences
from quintain.benchmarks.verifiable.reading import word_count
from quintain.benchmarks.verifiable.treebank import tokens

_NAMES = (
    "Emma Liam Sophia Jackson Olivia Noah Ava Lucas Isabella Mason Mia Ethan Charlotte Alexander Amelia Benjamin "
    "Harper Leo Zoe Daniel Chloe Samuel Lily Matthew Grace Owen Abigail Gabriel Ella Jacob Scarlett Nathan "
    "Victoria Elijah Layla Nicholas Audrey David Hannah Christopher Penelope Thomas Nora Andrew Aria Joseph "
    "Claire Ryan Stella Jonathan"
).split()
_NAME = re.compile(rf"\b(?:{'|'.join(_NAMES)})\b")
_MARKS = frozenset(".,!?;:")
_OVERLAP_TOLERANCE_PERCENT = 2
_TIMES = (1, 2, 3, 5, 7)
_JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")


@checks("count:word_count_range")
def word_count_range(response: str, *, min_words: Count, max_words: Count) -> bool:
    r"""Runs of `\w` lie in the range, ends included."""
    return min_words <= word_count(response) <= max_words


@checks("count:unique_word_count")
def unique_word_count(response: str, *, N: Count) -> bool:  # noqa: N803 - the name in the file
    """So many different words or more: parted by white space, without punctuation around, in any case."""
    return len({bare(word) for word in response.lower().split()}) >= N


@checks("count:numbers")
def numbers(response: str, *, N: Count) -> bool:  # noqa: N803 - the name in the file
    """Exactly so many runs of digits; punctuation inside a number does not part it."""
    return len(re.findall(r"\d+", without_punctuation(response))) == N


@checks("count:person_names")
def person_names(response: str, *, N: Count) -> bool:  # noqa: N803 - the name in the file
    """So many different names of the fifty that the prompt lists, or more."""
    return len(set(_NAME.findall(response))) >= N


@checks("count:pronouns")
def pronouns(response: str, *, N: Count) -> bool:  # noqa: N803 - the name in the file
    """So many pronouns or more; a slash parts words."""
    return sum(token in PRONOUNS for token in tokens(response.replace("/", " ").lower())) >= N


@checks("count:conjunctions")
def conjunctions(response: str, *, small_n: Count) -> bool:
    """So many different coordinating conjunctions or more.

    Source: as in the published code, `and`, `And` and `and,` are three different ones.
    """
    return len({word for word in response.split() if bare(word).lower() in CONJUNCTIONS}) >= small_n


@checks("count:keywords_multiple")
def keywords_multiple(
    response: str, *, keyword1: Text, keyword2: Text, keyword3: Text, keyword4: Text, keyword5: Text
) -> bool:
    """The keywords occur once, twice, three, five and seven times, as whole words in any case."""
    keywords = (keyword1, keyword2, keyword3, keyword4, keyword5)
    return all(
        len(re.findall(rf"\b{re.escape(keyword.strip())}\b", response, re.IGNORECASE)) == times
        for keyword, times in zip(keywords, _TIMES, strict=True)
    )


@checks("count:punctuation")
def punctuation(response: str) -> bool:
    """There are an interrobang (`?!`, `!?` or its own character) and, beside it, each of `. , ! ? ; :`."""
    for pair in ("?!", "!?"):
        if pair in response:
            return set(response.replace(pair, "", 1)) >= _MARKS
    return "‽" in response and set(response) >= _MARKS


@checks("count:words_japanese")
def words_japanese(response: str, *, N: Position) -> bool:  # noqa: N803 - the name in the file
    """Every Nth word has a Japanese character; a number or a mark alone may stand there as it is."""
    nth = map(bare, response.split()[N - 1 :: N])
    return all(_JAPANESE.search(word) for word in nth if word and not word.isdigit())


@checks("ratio:stop_words")
def stop_words(response: str, *, percentage: Count) -> bool:
    r"""At most so many percent of the runs of `\w` are stop words."""
    words = re.findall(r"\w+", response)
    return bool(words) and sum(word.lower() in STOP_WORDS for word in words) / len(words) * 100 <= percentage


@checks("ratio:sentence_type")
def sentence_type(response: str) -> bool:
    """Twice as many sentences end with a full stop as with a question mark; none of either is in proportion."""
    ends = _sentence_ends(response)
    return ends.count(".") == 2 * ends.count("?")


@checks("ratio:sentence_balance")
def sentence_balance(response: str) -> bool:
    """As many sentences end with a full stop as with a question mark and with an exclamation mark."""
    ends = _sentence_ends(response)
    return ends.count(".") == ends.count("?") == ends.count("!")


@checks("ratio:sentence_words")
def sentence_words(response: str) -> bool:
    """Three sentences of equally many characters; no word comes twice."""
    found = sentences(response)
    words = without_punctuation(" ".join(found).lower()).split()
    return len(found) == 3 and len({len(one.strip()) for one in found}) == 1 and len(words) == len(set(words))


@checks("ratio:overlap")
def overlap(response: str, *, reference_text: Text, percentage: Count) -> bool:
    """So many percent, give or take two, of the response's different trigrams of tokens are in the reference."""
    said = _trigrams(response)
    if not said:
        return False
    shared = len(said & _trigrams(reference_text)) / len(said) * 100
    return percentage - _OVERLAP_TOLERANCE_PERCENT <= shared <= percentage + _OVERLAP_TOLERANCE_PERCENT


def _trigrams(text: str) -> set[tuple[str, str, str]]:
    found = tokens(text)
    return set(zip(found, found[1:], found[2:], strict=False))


def _sentence_ends(response: str) -> list[str]:
    return [one[-1] for one in sentences(response)]


@checks("sentence:increment")
def increment(response: str, *, small_n: Count) -> bool:
    """Each sentence has exactly so many words more than the one before; a mark alone is no word."""
    counts = [len(without_punctuation(one).split()) for one in sentences(response)]
    return all(later == earlier + small_n for earlier, later in pairwise(counts))
