r"""Sentences of English text, cut where Punkt's trained English model cuts them.

Punkt looks at every `.`, `?` and `!` that white space or a mark such as `"` or `)` follows. It ends a sentence unless
the full stop belongs to an abbreviation, an initial or a number and what follows does not look like a beginning. Its
model was trained on newspapers and holds 20,000 words; ours are rules and short lists, so that a verdict needs no
download. Where the two differ is said in docs/systems/ifbench.md.

Source: Kiss and Strunk, Unsupervised Multilingual Sentence Boundary Detection, 2006; what nltk's `sent_tokenize` does.
"""

import re
import string
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from quintain.benchmarks.verifiable.english_words import (
    ABBREVIATIONS,
    NEVER_APART,
    OPENERS,
    is_common_word,
    opens_only_sentences,
)

_CLOSER = r"""[)";}\]*:@'({\[‘’“”«»!?]"""
_DOTS = r"(?:-{2,}|\.{2,}|(?:\.\s){2,}\.)"
_MARK = re.compile(rf"[.?!](?=(?P<closer>{_CLOSER})|\s+(?P<next>\S+))")
_TOKEN = re.compile(
    rf"{_DOTS}|[^(\"`{{\[:;&#*@)}}\]\-,\s]\S*?(?=\s|$|{_CLOSER}|{_DOTS}|,(?:$|\s|{_CLOSER}|{_DOTS}))|\S"
)
# Quotation marks and brackets that close belong to the sentence before them.
_CLOSING = re.compile(r"""["')\]}‘’“”«»]+?(?:\s+|(?=--)|$)""", re.MULTILINE)
_NUMBER = re.compile(r"-?[.,]?\d[\d,.-]*\.?\Z")
_INITIAL = re.compile(r"[^\W\d]\.\Z")
_ENDS = frozenset(".?!")
_NO_BEGINNING = frozenset(";:,.!?")


class _Candidate(NamedTuple):
    """A mark that may end a sentence."""

    word: int
    """Where the word that it stands in begins."""
    mark: re.Match[str]


def sentences(text: str) -> list[str]:
    r"""Cut a text into sentences.

    Args:
        text: Any text.

    Returns:
        Sentences with their end marks; the first keeps white space before it. None for a text of white space.

    >>> sentences("Dr. Ada paid 3.50 at 5 p.m. in Rome. Why?\n1. One item")
    ['Dr. Ada paid 3.50 at 5 p.m. in Rome.', 'Why?', '1.', 'One item']
    >>> sentences('He said "Go." Then he went.')
    ['He said "Go."', 'Then he went.']
    """
    bounds = [*_bounds(text)]
    found: list[str] = []
    start, taken = bounds[0][0], 0
    for number, (begin, stop) in enumerate(bounds):
        start = begin + taken
        taken = 0
        if number + 1 < len(bounds):
            following, end = bounds[number + 1]
            if closing := _CLOSING.match(text, following, end):
                stop = following + len(closing.group().rstrip())
                taken = closing.end() - following
                found.append(text[start:stop])
                continue
        if start < stop:
            found.append(text[start:stop])
    return found


def _bounds(text: str) -> Iterator[tuple[int, int]]:
    """Begin and end of every sentence, before marks that close are given to the sentence before them."""
    begin = 0
    for candidate in _candidates(text):
        mark = candidate.mark
        if _parts(text, candidate):
            yield begin, mark.end()
            begin = mark.end() if mark["next"] is None else mark.start("next")
    yield begin, len(text.rstrip())


def _candidates(text: str) -> Iterator[_Candidate]:
    """The last mark of every word that has one."""
    last: _Candidate | None = None
    word = seen = 0
    for mark in _MARK.finditer(text):
        space = max(text.rfind(blank, seen, mark.start()) for blank in string.whitespace)
        if space > seen:
            word = space + 1
        if last is not None and seen <= word:
            yield last
        last, seen = _Candidate(word, mark), mark.start()
    if last is not None:
        yield last


def _parts(text: str, candidate: _Candidate) -> bool:
    """True where a sentence ends in the word, something following."""
    mark = candidate.mark
    after = mark["closer"] or text[mark.end() : mark.end("next")]
    context = text[candidate.word : mark.end()] + after
    tokens = [token for line in context.split("\n") for token in _TOKEN.findall(line)]
    return any(_ends(token, following) for token, following in pairwise(tokens))


def _ends(token: str, following: str) -> bool:
    if token in _ENDS:
        return True
    if not token.endswith("."):
        return False
    word = token[:-1].lower()
    ellipsis = token.startswith("..")
    abbreviation = not ellipsis and (word in ABBREVIATIONS or word.rpartition("-")[2] in ABBREVIATIONS)
    initial = _INITIAL.match(token) is not None
    number = _NUMBER.match(token) is not None
    next_word = _type(following)
    if ("##number##" if number else word, next_word) in NEVER_APART:
        return False
    ends = not (ellipsis or abbreviation) and not token.endswith("..")
    begins = _begins(following, next_word)
    if (abbreviation or ellipsis) and not initial and (begins or (following[:1].isupper() and next_word in OPENERS)):
        return True
    if (initial or number) and begins is False:
        return False
    if initial and begins is None and following[:1].isupper() and not is_common_word(next_word):
        return False
    return ends


def _type(token: str) -> str:
    """A word as the lists have it: without its full stop, numbers all alike."""
    if _NUMBER.match(token):
        return "##number##"
    word = token.lower()
    ends = len(word) > 1 and word.endswith(".") and not word.endswith("..") and word[:-1] not in ABBREVIATIONS
    return word[:-1] if ends else word


def _begins(token: str, word: str) -> bool | None:
    """True where a token looks like the beginning of a sentence, False where it does not, None where neither shows."""
    if token in _NO_BEGINNING or token[:1].islower():
        return False
    return True if token[:1].isupper() and opens_only_sentences(word) else None
