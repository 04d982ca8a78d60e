"""Menders of the content rules: given words come in, others go out, or change places."""

import itertools
from collections.abc import Iterator

from quintain.packs.bridging.job import Job, ended, mender, places, replaced
from quintain.packs.checks import occurrences
from quintain.packs.language import Span, paragraph_spans, sentence_spans


def _inserted(text: str, term: str, within: list[Span]) -> Iterator[str]:
    for span in within:
        yield ended(text, span, f" with the {term}")


def _added(text: str, term: str, times: int) -> Iterator[str]:
    """The term so many times more, in one sentence after the other from the last one on."""
    spans = places(text)
    if not spans:
        return
    # From the back, so that the places before stay where they are.
    for span in itertools.islice(itertools.cycle(reversed(spans)), times):
        again = next((each for each in reversed(places(text)) if each.start == span.start), places(text)[-1])
        text = ended(text, again, f" with the {term}")
    yield text


def _taken(text: str, term: str, keep: int, job: Job) -> Iterator[str]:
    """The term no oftener than so many times: another word stands for the last ones."""
    spans = occurrences(text, term)[keep:]
    for other in (*job.spare_terms()[:5], "thing", ""):
        mended = text
        for span in reversed(spans):
            said = text[span.start : span.end]
            by = (
                other.upper()
                if said.isupper() and len(said) > 1
                else other.capitalize()
                if said[0].isupper()
                else other
            )
            gap = Span(span.start - 1, span.end) if not other and mended[: span.start].endswith(" ") else span
            mended = replaced(mended, gap, by)
        yield mended


@mender
def include(text: str, term: str, job: Job) -> Iterator[str]:
    """Say the term in the last sentence, or in another one."""
    yield from _inserted(text, term, places(text)[::-1])


@mender
def exclude(text: str, term: str, job: Job) -> Iterator[str]:
    """Put another word of the topic in its place."""
    yield from _taken(text, term, 0, job)


@mender
def repeat(text: str, value: str, job: Job) -> Iterator[str]:
    """Say it as often as it is missing, or put other words where it is too much."""
    times, term = value.split("|")
    found = len(occurrences(text, term))
    yield from _added(text, term, int(times) - found) if found < int(times) else _taken(text, term, int(times), job)


@mender
def at_least(text: str, value: str, job: Job) -> Iterator[str]:
    """Say it as often as it is missing."""
    times, term = value.split("|")
    yield from _added(text, term, int(times) - len(occurrences(text, term)))


@mender
def at_most(text: str, value: str, job: Job) -> Iterator[str]:
    """Put other words where it is too much."""
    times, term = value.split("|")
    yield from _taken(text, term, int(times), job)


@mender
def in_first_sentence(text: str, term: str, job: Job) -> Iterator[str]:
    """Say it at the end of the first sentence."""
    yield from _inserted(text, term, sentence_spans(text)[:1])


@mender
def in_last_sentence(text: str, term: str, job: Job) -> Iterator[str]:
    """Say it at the end of the last sentence."""
    yield from _inserted(text, term, sentence_spans(text)[-1:])


@mender
def in_paragraph(text: str, value: str, job: Job) -> Iterator[str]:
    """Say it in the paragraph; where there is no such paragraph, a blank line makes one first."""
    number, term = int(value.split("|")[0]), value.split("|")[1]
    paragraphs = paragraph_spans(text)
    if len(paragraphs) >= number:
        inside = [span for span in sentence_spans(text) if _within(span, paragraphs[number - 1])]
        yield from _inserted(text, term, inside[::-1])
    for first, second in itertools.pairwise(sentence_spans(text)):
        split = f"{text[: first.end]}\n\n{text[second.start :]}"
        yield split
        if len(paragraph_spans(split)) == number:
            yield from itertools.islice(_inserted(split, term, sentence_spans(split)[::-1]), 3)


def _within(span: Span, outer: Span) -> bool:
    return outer.start <= span.start and span.end <= outer.end


@mender
def order(text: str, value: str, job: Job) -> Iterator[str]:
    """Say what is missing beside the other one; where both stand the wrong way round, let them change places."""
    earlier, later = value.split("|")
    one, two = occurrences(text, earlier)[:1], occurrences(text, later)[:1]
    if one and two:
        yield replaced(replaced(text, one[0], later), two[0], earlier) if one > two else text
    elif one:
        yield replaced(text, one[0], f"{text[one[0].start : one[0].end]} and the {later}")
    elif two:
        yield replaced(text, two[0], f"{earlier} and the {text[two[0].start : two[0].end]}")
    else:
        for span in reversed(places(text)):
            yield ended(text, span, f" with the {earlier} and the {later}")
