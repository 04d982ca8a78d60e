"""Keywords and letters. A keyword is plain text, in any case; the published code reads it as a regular expression."""

import re
from typing import Annotated

import msgspec

from quintain.benchmarks.verifiable.instructions import Count, Relation, Text, Texts, checks, compare


@checks("keywords:existence")
def existence(response: str, *, keywords: Texts) -> bool:
    """Every keyword occurs, as a word or inside one."""
    return all(_occurrences(response, keyword) for keyword in keywords)


@checks("keywords:frequency")
def frequency(response: str, *, keyword: Text, frequency: Count, relation: Relation) -> bool:
    """The keyword occurs so often, as a word or inside one."""
    return compare(_occurrences(response, keyword), relation, frequency)


@checks("keywords:forbidden_words")
def forbidden_words(response: str, *, forbidden_words: Texts) -> bool:
    """None of the words occurs as a whole word."""
    return not any(
        re.search(rf"(?<!\w){re.escape(word.strip())}(?!\w)", response, re.IGNORECASE) for word in forbidden_words
    )


@checks("keywords:letter_frequency")
def letter_frequency(
    response: str,
    *,
    letter: Annotated[str, msgspec.Meta(pattern=r"^\S$")],
    let_frequency: Count,
    let_relation: Relation,
) -> bool:
    """The letter, or another single character such as `#`, occurs so often in either case."""
    return compare(response.lower().count(letter.lower()), let_relation, let_frequency)


def _occurrences(response: str, keyword: str) -> int:
    return len(re.findall(re.escape(keyword.strip()), response, re.IGNORECASE))
