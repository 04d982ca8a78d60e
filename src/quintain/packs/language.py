"""The packs' pinned reading of English text: words, lines, sentences, paragraphs.

A rule is exact only if everybody cuts text in the same way, so the cuts are defined here and belong to the packs'
version. They follow what a careful reader would say: a heading, a table row or a bare list item is no sentence, and a
heading set off by a blank line is no paragraph. Everything is read once, from left to right.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

WORD = r"[^\W_]++(?:['’-][^\W_]++)*+"
"""Pattern of a word: letters and digits, with inner apostrophes and hyphens."""
_WORD = re.compile(WORD)
_CLOSERS = "\"'”’)]*_"
# A mark inside a number, an address or a common abbreviation ends nothing.
_SENTENCE_END = re.compile(
    r"(?<![.!?…])(?<!\be\.g)(?<!\bi\.e)(?<!\bMr)(?<!\bMrs)(?<!\bDr)(?<!\bSt)(?<!\bvs)[.!?…]++[\"'”’)\]*_]*+(?=\s|$)"
)
_LIST_MARK = re.compile(r"(?:[-*•+]|\d{1,3}[.)])[ \t]+")
_HEADING = re.compile(r"#{1,6}[ \t]")
_RULE = re.compile(r"[-*_=]{3,}$")
_TAG = re.compile(r"</?[A-Za-z]{1,20}>")


class Span(NamedTuple):
    """A stretch of a response, as character offsets."""

    start: int
    end: int


def word_spans(text: str, within: Span | None = None) -> list[Span]:
    """Places of the words: maximal runs of letters and digits, with inner apostrophes and hyphens."""
    return [Span(*match.span()) for match in _WORD.finditer(text, *(within or (0, len(text))))]


def words(text: str, within: Span | None = None) -> list[str]:
    """The words of a text or a part of it.

    >>> words("Don't stop: 3.5 well-known facts")
    ["Don't", 'stop', '3', '5', 'well-known', 'facts']
    """
    return _WORD.findall(text, *(within or (0, len(text))))


def line_spans(text: str) -> list[Span]:
    """Lines that hold more than white space, stripped."""
    found, start = [], 0
    for line in text.split("\n"):
        if line.strip():
            begin = start + len(line) - len(line.lstrip())
            found.append(Span(begin, begin + len(line.strip())))
        start += len(line) + 1
    return found


def is_prose(text: str, line: Span) -> bool:
    """True where a line is neither a heading, nor a list item, a table row or a horizontal rule."""
    return not (
        text.startswith("|", line.start)
        or _HEADING.match(text, *line)
        or _LIST_MARK.match(text, *line)
        or _RULE.match(text, *line)
    )


def without_tags(text: str) -> str:
    """The text with blanks in place of tags such as `<note>`; offsets stay as they are."""
    return _TAG.sub(lambda match: " " * len(match.group()), text)


def sentence_spans(text: str) -> list[Span]:
    """Places of the sentences, with their end marks and what closes behind them.

    A line break ends a sentence. What has no end mark is a sentence in prose, but not in a list item.
    """
    plain = without_tags(text)
    return [span for line in line_spans(plain) for span in _pieces(plain, line) if _WORD.search(plain, *span)]


def _pieces(text: str, line: Span) -> Iterator[Span]:
    if text.startswith("|", line.start) or _HEADING.match(text, *line):
        return
    mark = _LIST_MARK.match(text, *line)
    start = mark.end() if mark else line.start
    for match in _SENTENCE_END.finditer(text, start, line.end):
        yield _stripped(text, start, match.end())
        start = match.end()
    if not mark and start < line.end:
        yield _stripped(text, start, line.end)


def _stripped(text: str, start: int, end: int) -> Span:
    piece = text[start:end]
    return Span(start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip()))


def sentences(text: str) -> list[str]:
    r"""The sentences of a text.

    >>> sentences("# Prices\nIt costs 3.50, e.g. today. Why?\n- one item\n- That is one.")
    ['It costs 3.50, e.g. today.', 'Why?', 'That is one.']
    """
    return [text[start:end] for start, end in sentence_spans(text)]


def ends_with(sentence: str, mark: str) -> bool:
    """True where a sentence ends with the mark, quotes and brackets behind it aside."""
    return sentence.rstrip(_CLOSERS).endswith(mark)


def paragraph_spans(text: str) -> list[Span]:
    """Blocks between blank lines that hold prose, from their first line to their last."""
    blocks: list[list[Span]] = []
    last_end = None
    for line in line_spans(text):
        if last_end is None or text.count("\n", last_end, line.start) > 1:
            blocks.append([])
        blocks[-1].append(line)
        last_end = line.end
    return [Span(block[0].start, block[-1].end) for block in blocks if any(is_prose(text, line) for line in block)]
