"""Format rules for prose: paragraphs, lists, headings, fixed lines, bold, tags, lengths."""

import re

from quintain.packs.checks.finding import Finding, counted, each, finding, rule
from quintain.packs.language import (
    Span,
    line_spans,
    paragraph_spans,
    sentence_spans,
    without_tags,
    word_spans,
    words,
)

_BULLET = re.compile(r"(?m)^[ \t]*- \S.*$")
_NUMBERED = re.compile(r"(?m)^[ \t]*(\d{1,3})\. \S.*$")
_HEADING = re.compile(r"(?m)^[ \t]*(#{1,6})[ \t]+\S.*$")
_BOLD = re.compile(r"\*\*(?=\S)([^*\n]++)(?<=\S)\*\*")


@rule
def paragraph_count(response: str, value: str) -> Finding:
    """There are exactly so many paragraphs."""
    return counted(paragraph_spans(response), int(value), int(value))


@rule
def paragraph_words(response: str, value: str) -> Finding:
    """Every paragraph has between so many words: `least|most`."""
    least, most = map(int, value.split("|"))
    plain = without_tags(response)
    spans = paragraph_spans(plain)
    return each(spans, [span for span in spans if not least <= len(words(plain, span)) <= most])


@rule
def sentence_count(response: str, value: str) -> Finding:
    """There are exactly so many sentences."""
    return counted(sentence_spans(response), int(value), int(value))


@rule
def bullets(response: str, value: str) -> Finding:
    """There are exactly so many lines with a dash."""
    return counted([Span(*match.span()) for match in _BULLET.finditer(response)], int(value), int(value))


@rule
def numbered(response: str, value: str) -> Finding:
    """There are exactly so many numbered lines, counted from 1."""
    found = list(_NUMBERED.finditer(response))
    numbers = [int(match.group(1)) for match in found]
    return finding(numbers == list(range(1, int(value) + 1)), [Span(*match.span()) for match in found])


@rule
def heading(response: str, value: str) -> Finding:
    """The first line is a Markdown heading of this depth, the only one."""
    found = list(_HEADING.finditer(response))
    first = line_spans(response)[:1]
    holds = (
        [match.group(1) for match in found] == ["#" * int(value)]
        and first[0].start == found[0].start(1)
    )  # fmt: skip
    return finding(holds, [Span(*match.span()) for match in found] or first)


@rule
def last_line(response: str, value: str) -> Finding:
    """The last line is exactly this."""
    return _line(response, value, line_spans(response)[-1:])


@rule
def first_line(response: str, value: str) -> Finding:
    """The first line is exactly this."""
    return _line(response, value, line_spans(response)[:1])


def _line(response: str, value: str, line: list[Span]) -> Finding:
    return finding(any(response[start:end] == value for start, end in line), line)


@rule
def bold(response: str, value: str) -> Finding:
    """Exactly so many single words stand in bold, and nothing longer."""
    found = list(_BOLD.finditer(response))
    single = all(len(words(match.group(1))) == 1 for match in found)
    return finding(len(found) == int(value) and single, [Span(*match.span()) for match in found])


@rule
def tags(response: str, value: str) -> Finding:
    """One sentence, and no more, stands between `<name>` and `</name>`, which occur once each."""
    left, right = f"<{value}>", f"</{value}>"
    start, end = response.find(left), response.find(right)
    once = response.count(left) == 1 == response.count(right)
    if not once or end < start:
        return finding(False, [Span(i, i + len(mark)) for i, mark in ((start, left), (end, right)) if i >= 0])
    return finding(len(sentence_spans(response[start + len(left) : end])) == 1, [Span(start, end + len(right))])


@rule
def word_count(response: str, value: str) -> Finding:
    """There are between so many words: `least|most`; the words beyond the limit are the evidence."""
    least, most = map(int, value.split("|"))
    spans = word_spans(without_tags(response))
    return finding(least <= len(spans) <= most, [Span(spans[most].start, spans[-1].end)] if len(spans) > most else [])
