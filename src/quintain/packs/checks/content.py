"""Content rules: which terms occur, how often and where; which entries of a table were picked."""

import re

from quintain.packs.checks.finding import Finding, counted, finding, occurrences, rule
from quintain.packs.language import Span, paragraph_spans, sentence_spans

_NAME_BREAK = re.compile(r",| and |;")


@rule
def include(response: str, term: str) -> Finding:
    """The term occurs."""
    found = occurrences(response, term)
    return finding(bool(found), found)


@rule
def exclude(response: str, term: str) -> Finding:
    """The term does not occur."""
    found = occurrences(response, term)
    return finding(not found, found)


@rule
def repeat(response: str, value: str) -> Finding:
    """The term occurs exactly so many times: `times|term`."""
    times, term = value.split("|")
    return counted(occurrences(response, term), int(times), int(times))


@rule
def at_least(response: str, value: str) -> Finding:
    """The term occurs so many times or more: `times|term`."""
    times, term = value.split("|")
    found = occurrences(response, term)
    return finding(len(found) >= int(times), found)


@rule
def at_most(response: str, value: str) -> Finding:
    """The term occurs so many times or fewer: `times|term`."""
    times, term = value.split("|")
    found = occurrences(response, term)
    return finding(len(found) <= int(times), found)


@rule
def in_first_sentence(response: str, term: str) -> Finding:
    """The term occurs in the first sentence."""
    return _in_part(response, term, sentence_spans(response)[:1])


@rule
def in_last_sentence(response: str, term: str) -> Finding:
    """The term occurs in the last sentence."""
    return _in_part(response, term, sentence_spans(response)[-1:])


@rule
def in_paragraph(response: str, value: str) -> Finding:
    """The term occurs in the paragraph of this number: `number|term`."""
    number, term = value.split("|")
    return _in_part(response, term, paragraph_spans(response)[int(number) - 1 : int(number)])


def _in_part(response: str, term: str, part: list[Span]) -> Finding:
    found = [span for each in part for span in occurrences(response, term, each)]
    return finding(bool(found), found or part)


@rule
def order(response: str, value: str) -> Finding:
    """Both terms occur, the first one first: `earlier|later`."""
    earlier, later = (occurrences(response, term)[:1] for term in value.split("|"))
    return finding(bool(earlier and later) and earlier < later, sorted(earlier + later))


@rule
def picked(response: str, value: str) -> Finding:
    """The line `Picked:` names none but these: `name|name|...`."""
    names, spans = picks(response)
    return finding(bool(names) and names <= {name.lower() for name in value.split("|")}, spans)


def picks(response: str) -> tuple[set[str], list[Span]]:
    """Names on the line `Picked:`, in small letters, and where it stands; nothing when there is not exactly one."""
    lines = list(re.finditer(r"(?mi)^[ \t*]*picked[*]*:(.*)$", response))
    if len(lines) != 1:
        return set(), [Span(*line.span()) for line in lines]
    names = {name.strip(" \t*._`\"'").lower() for name in _NAME_BREAK.split(lines[0].group(1))}
    return names - {""}, [Span(*lines[0].span(1))]
