"""Menders of the format rules for prose: paragraphs, lists, headings, fixed lines, bold, tags, lengths."""

import itertools
import re
from collections.abc import Iterator

from quintain.packs.bridging.job import Job, mender, replaced, with_sentence
from quintain.packs.language import (
    Span,
    is_prose,
    line_spans,
    paragraph_spans,
    sentence_spans,
    without_tags,
    word_spans,
    words,
)

_LIST_LINE = re.compile(r"(?m)^[ \t]*(?:[-*•+]|\d{1,3}[.)])[ \t]+(?=\S)")
_HEADING = re.compile(r"(?m)^[ \t]*#{1,6}[ \t]+")
_BOLD = re.compile(r"\*\*(?=\S)([^*\n]++)(?<=\S)\*\*")
_MOST_TRIED = 6


def _without_last_sentence(text: str) -> Iterator[str]:
    """A text without one of its sentences, the last one first."""
    for span in reversed(sentence_spans(text)):
        before = text[: span.start].rstrip(" ")
        yield f"{before}{text[span.end :]}" if before else text[span.end :].lstrip()


def _with_new_sentence(text: str, job: Job) -> Iterator[str]:
    for sentence in job.new_sentences(text)[:_MOST_TRIED]:
        yield from itertools.islice(with_sentence(text, sentence), _MOST_TRIED)


@mender
def paragraph_count(text: str, value: str, job: Job) -> Iterator[str]:
    """A blank line between two sentences where there are too few, one less where there are too many."""
    count = len(paragraph_spans(text))
    while count < int(value):
        gaps = [
            (one, two)
            for one, two in itertools.pairwise(sentence_spans(text))
            if not text[one.end : two.start].strip() and "\n\n" not in text[one.end : two.start]
        ]
        if not gaps:
            return
        one, two = gaps[-1] if len(gaps) < 3 else gaps[len(gaps) // 2]
        text = f"{text[: one.end]}\n\n{text[two.start :]}"
        if len(paragraph_spans(text)) == count:
            return
        count += 1
    while count > int(value):
        *_, one, two = paragraph_spans(text)
        text = f"{text[: one.end]} {text[two.start :]}"
        if len(paragraph_spans(text)) == count:
            return
        count -= 1
    yield text


@mender
def paragraph_words(text: str, value: str, job: Job) -> Iterator[str]:
    """A sentence less in a paragraph that is too long, one more in one that is too short."""
    least, most = map(int, value.split("|"))
    for _ in range(20):
        plain = without_tags(text)
        wrong = [span for span in paragraph_spans(plain) if not least <= len(words(plain, span)) <= most]
        if not wrong:
            break
        span = wrong[-1]
        inside = text[span.start : span.end]
        if len(words(plain, span)) > most:
            mended = next(_without_last_sentence(inside)) if len(sentence_spans(inside)) > 1 else _cut(inside, most)
        else:
            more = job.new_sentences(text)
            mended = f"{inside} {more[0]}" if more else inside
        if mended == inside:
            return
        text = replaced(text, span, mended)
    yield text


def _cut(text: str, most: int) -> str:
    spans = word_spans(text)
    return text[: spans[most - 1].end] + "." if len(spans) > most else text


@mender
def sentence_count(text: str, value: str, job: Job) -> Iterator[str]:
    """The last sentences less, or more of them."""
    for _ in range(40):
        count = len(sentence_spans(text))
        if count == int(value):
            yield text
            return
        tries = _without_last_sentence(text) if count > int(value) else _with_new_sentence(text, job)
        nearer = (each for each in tries if abs(len(sentence_spans(each)) - int(value)) < abs(count - int(value)))
        mended = next(nearer, None)
        if mended is None:
            return
        text = mended


def _listed(text: str, wanted: int, mark: str, job: Job) -> Iterator[str]:
    """So many lines with this kind of mark: other lists take it, further lines come or go."""
    text = _LIST_LINE.sub(mark, text)
    lines = text.split("\n")
    marked = [i for i, line in enumerate(lines) if line.startswith(mark)]
    if len(marked) >= wanted:
        gone = set(marked[wanted:])
        yield "\n".join(line for i, line in enumerate(lines) if i not in gone)
        return
    sentences = sentence_spans(text)
    missing = wanted - len(marked)
    # Sentences that stand there already become items, where enough prose is left.
    if not marked and len(sentences) > missing:
        spans = sentences[-missing:]
        kept = text[: spans[0].start].rstrip()
        yield "\n".join([kept, *(mark + text[start:end] for start, end in spans)]) + text[spans[-1].end :]
    items = [mark + sentence for sentence in job.new_sentences(text)[:missing]]
    place = marked[-1] + 1 if marked else len(lines)
    if len(items) == missing:
        yield "\n".join([*lines[:place], *items, *lines[place:]])


@mender
def bullets(text: str, value: str, job: Job) -> Iterator[str]:
    """So many lines with a dash."""
    yield from _listed(text, int(value), "- ", job)


@mender
def numbered(text: str, value: str, job: Job) -> Iterator[str]:
    """So many lines with a number."""
    for listed in _listed(text, int(value), "\0", job):
        counter = itertools.count(1)
        yield re.sub("\0", lambda _: f"{next(counter)}. ", listed)  # noqa: B023  # used up at once


@mender
def heading(text: str, value: str, job: Job) -> Iterator[str]:
    """One heading of this depth on top: the one that is there, or the topic's name."""
    mark = "#" * int(value) + " "
    first = line_spans(text)[0]
    bare = _HEADING.sub("", text)
    if _HEADING.match(text[first.start : first.end]):
        yield mark + bare.lstrip()
    yield f"{mark}{job.topic.name.capitalize()}\n{bare.lstrip()}"


@mender
def last_line(text: str, value: str, job: Job) -> Iterator[str]:
    """The line at the bottom; in the place of the last one where that is nearly the same."""
    last = line_spans(text)[-1]
    if value.rstrip(".!?").lower() in text[last.start : last.end].lower():
        place = text.lower().rfind(value.rstrip(".!?").lower())
        yield f"{text[:place].rstrip()}\n{value}".lstrip("\n")
    yield f"{text.rstrip()}\n{value}"


@mender
def first_line(text: str, value: str, job: Job) -> Iterator[str]:
    """The line on top."""
    yield f"{value}\n{text.lstrip()}"


@mender
def bold(text: str, value: str, job: Job) -> Iterator[str]:
    """So many single words in bold: longer ones keep their first word, further ones lose their marks."""
    text = _BOLD.sub(lambda match: _first_bold(match.group(1)), text)
    found = list(_BOLD.finditer(text))
    for match in reversed(found[int(value) :]):
        text = text[: match.start()] + match.group(1) + text[match.end() :]
    missing = int(value) - len(found)
    inside = {i for match in _BOLD.finditer(text) for i in range(*match.span())}
    firsts = [span for span in word_spans(text) if span.start not in inside and span.end - span.start > 3]
    for span in reversed(firsts[: max(0, missing)]):
        text = replaced(text, span, f"**{text[span.start : span.end]}**")
    yield text


def _first_bold(said: str) -> str:
    spans = word_spans(said)
    if len(spans) <= 1:
        return f"**{said}**"
    return f"{said[: spans[0].start]}**{said[spans[0].start : spans[0].end]}**{said[spans[0].end :]}"


@mender
def tags(text: str, value: str, job: Job) -> Iterator[str]:
    """The tags around one sentence, and nowhere else."""
    left, right = f"<{value}>", f"</{value}>"
    bare = text.replace(left, "").replace(right, "")
    for span in sentence_spans(bare):
        yield replaced(bare, span, f"{left}{bare[span.start : span.end]}{right}")


@mender
def word_count(text: str, value: str, job: Job) -> Iterator[str]:
    """Sentences less from the end, or more of them; the end of the last one cut off where that is not enough."""
    least, most = map(int, value.split("|"))
    for _ in range(60):
        count = len(word_spans(without_tags(text)))
        if least <= count <= most:
            yield text
            return
        if count > most:
            shorter = next(_without_last_sentence(text), None)
            if shorter is None or len(word_spans(without_tags(shorter))) < least:
                yield _shortened(text, count - most)
                return
            text = shorter
        else:
            longer = next(_with_new_sentence(text, job), None)
            if longer is None:
                return
            text = longer


def _shortened(text: str, by: int) -> str:
    """A text whose last sentence that is long enough has so many words less."""
    for span in reversed(sentence_spans(text) or [Span(0, len(text))]):
        spans = word_spans(text, span)
        if len(spans) > by + 1:
            end = re.search(r"[.!?…]*$", text[span.start : span.end])
            return text[: spans[-by - 1].end] + (end.group() if end else "") + text[span.end :]
    return text


def base_task(text: str, job: Job) -> Iterator[str]:
    """Sentences about the topic more, those first that say most of its words."""
    left = sorted(job.new_sentences(text), key=lambda said: -len(set(words(said.lower())) & set(job.topic.terms)))
    for sentence in left[:_MOST_TRIED]:
        yield from itertools.islice(with_sentence(text, sentence), _MOST_TRIED)
        # A list of bare words can only be told from above.
        if not any(is_prose(text, line) for line in line_spans(text)):
            yield f"{sentence}\n{text}"
