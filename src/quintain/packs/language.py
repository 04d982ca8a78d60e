"""The pack's pinned reading of English text: words, sentences, paragraphs, lines.

A rule is exact only if everybody cuts text in the same way, so the cuts are defined here and belong to the pack's
version.
"""

import re
from typing import NamedTuple

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
# A full stop inside a number or after a list marker ends nothing.
_SENTENCE_END = re.compile(r"(?<!\d)[.](?!\d)|(?<=\d)[.](?=\s|$)|[!?]+")
_LIST_MARKER = re.compile(r"^\s*(?:[-*•]|\d{1,3}[.)]|#{1,6})\s+")
_BLANK_LINES = re.compile(r"\n[ \t]*\n\s*")


class Span(NamedTuple):
    """A stretch of a response, as character offsets."""

    start: int
    end: int


def words(text: str) -> list[str]:
    """Maximal runs of letters and digits, with inner apostrophes and hyphens.

    >>> words("Don't stop: 3.5 well-known facts")
    ["Don't", 'stop', '3', '5', 'well-known', 'facts']
    """
    return _WORD.findall(text)


def word_spans(text: str) -> list[Span]:
    """Where the words stand."""
    return [Span(*match.span()) for match in _WORD.finditer(text)]


def without_marker(line: str) -> str:
    """A line without its bullet, number or heading mark.

    >>> without_marker("2. Fold it.")
    'Fold it.'
    """
    return _LIST_MARKER.sub("", line)


def sentences(text: str) -> list[str]:
    r"""Sentences with their end marks; a line break ends a sentence too, and pieces without a word are none.

    >>> sentences("It costs 3.50 today. Why?\n- One item")
    ['It costs 3.50 today.', 'Why?', 'One item']
    """
    found = []
    for line in text.split("\n"):
        rest, start = without_marker(line), 0
        for end in (match.end() for match in _SENTENCE_END.finditer(rest)):
            found.append(rest[start:end].strip())
            start = end
        found.append(rest[start:].strip())
    return [sentence for sentence in found if words(sentence)]


def paragraphs(text: str) -> list[str]:
    """Blocks between blank lines, stripped, empty ones left out."""
    return [block.strip() for block in _BLANK_LINES.split(text.strip()) if block.strip()]


def lines(text: str) -> list[str]:
    """Lines that hold more than white space, stripped."""
    return [line.strip() for line in text.split("\n") if line.strip()]
