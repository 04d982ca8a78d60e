"""Rules for tasks with a computed answer: fields of a situation, and patterns that were shown by example."""

import re

from quintain.packs.checks.finding import Finding, finding, occurrences, rule
from quintain.packs.language import Span

_NUMBER = re.compile(r"\d+")


@rule
def field(response: str, value: str) -> Finding:
    """One line gives the field this value, and no line gives it another: `name|value`.

    A number may have its unit behind it, and a time one digit for its hour; small and capital letters are the same.
    """
    name, expected = value.split("|")
    found = list(re.finditer(rf"(?mi)^[ \t*-]*{re.escape(name)}\**:(.*)$", response))
    right = [_same(match.group(1), expected) for match in found]
    return finding(bool(right) and all(right), [Span(*match.span(1)) for match in found])


def _same(said: str, expected: str) -> bool:
    said = said.strip(" \t\r*._`\"'").lower()
    if expected.isdigit():
        return _NUMBER.findall(said) == [expected] and "-" not in said
    return said.removeprefix("0") == expected.lower().removeprefix("0")


@rule
def prefix(response: str, mark: str) -> Finding:
    """The response starts with the mark and a space."""
    text = response.lstrip()
    start = len(response) - len(text)
    return finding(text.startswith(f"{mark} "), [Span(start, min(start + len(mark), len(response)))])


@rule
def suffix(response: str, mark: str) -> Finding:
    """The response ends with a space and the mark."""
    text = response.rstrip()
    return finding(text.endswith(f" {mark}"), [Span(max(0, len(text) - len(mark)), len(text))])


@rule
def brackets(response: str, value: str) -> Finding:
    """The answer stands between the two brackets: `brackets|answer`."""
    marks, answer = value.split("|")
    wrapped = f"{marks[0]}{answer}{marks[1]}"
    start = response.find(wrapped)
    return finding(response.count(wrapped) == 1, [Span(start, start + len(wrapped))] if start >= 0 else [])


@rule
def separator(response: str, mark: str) -> Finding:
    """The mark stands once in the response, with a space on both sides."""
    found = [Span(match.start() + 1, match.end() - 1) for match in re.finditer(re.escape(f" {mark} "), response)]
    return finding(len(found) == 1, found)


@rule
def sequence(response: str, value: str) -> Finding:
    """Question and answer stand in this order: `earlier|later`."""
    earlier, later = (occurrences(response, term)[:1] for term in value.split("|"))
    return finding(bool(earlier and later) and earlier < later, sorted(earlier + later))
