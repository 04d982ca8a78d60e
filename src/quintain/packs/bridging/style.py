"""Menders of the style rules: letters, marks, and the words that sentences begin and end with."""

import re
import unicodedata
from collections.abc import Callable, Iterator

from quintain.packs.bridging.job import Job, ended, lowered, mender, replaced
from quintain.packs.checks import check
from quintain.packs.language import Span, ends_with, sentence_spans, word_spans, words
from quintain.records import Rule

_MOST_WITHOUT_LETTER = 0.25
_PERSONS = {
    "i": "one",
    "me": "people",
    "my": "the",
    "mine": "theirs",
    "myself": "oneself",
    "we": "people",
    "us": "people",
    "our": "the",
    "ours": "theirs",
    "ourselves": "themselves",
}
_SHORT = {"can't": "cannot", "won't": "will not", "shan't": "shall not", "let's": "let people"}
_ENDINGS = {"n't": " not", "'re": " are", "'ve": " have", "'ll": " will", "'d": " would", "'m": " am", "'s": " is"}
_FILLERS = ("indeed", "as well", "and much more", "for anybody who looks", "as anybody who looks will see")
_END_MARKS = re.compile(r"[.!?…]+(?=[\"'”’)\]*_]*$)")
_BREAK = re.compile(r",? (?:and|but|which|so|because|while|as) |, |; ")


def _by_sentence(text: str, change: Callable[[int, str], str]) -> str:
    """A text whose sentences are changed one by one; the change gets number and sentence."""
    for number, span in reversed([*enumerate(sentence_spans(text))]):
        text = replaced(text, span, change(number, text[span.start : span.end]))
    return text


def _holds(kind: str, value: str, sentence: str) -> bool:
    return check(Rule(kind=kind, value=value), sentence).holds


@mender
def case(text: str, value: str, job: Job) -> Iterator[str]:
    """Write it all in one case."""
    yield text.lower() if value == "lower" else text.upper()


@mender
def without(text: str, mark: str, job: Job) -> Iterator[str]:
    """Put a comma in its place where it may stand, else nothing."""
    if mark != "," and not job.forbids(","):
        yield text.replace(mark, ",")
    yield text.replace(mark, "")


@mender
def only_full_stops(text: str, value: str, job: Job) -> Iterator[str]:
    """Full stops for the other ends of sentences, nothing for all other marks."""
    inside = {i for span in word_spans(text) for i in range(*span)}
    kept = (
        mark if i in inside or mark == "." or unicodedata.category(mark)[0] != "P" else "." if mark in "!?…" else ""
        for i, mark in enumerate(text)
    )
    yield re.sub(r"\.{2,}", ".", "".join(kept))


@mender
def no_letter(text: str, letter: str, job: Job) -> Iterator[str]:
    """Leave out the words that have it, where they are few."""
    spans = word_spans(text)
    found = [span for span in spans if letter.lower() in text[span.start : span.end].lower()]
    if len(found) <= _MOST_WITHOUT_LETTER * len(spans):
        for span in reversed(found):
            text = replaced(text, Span(span.start, span.end + text[span.end :].startswith(" ")), "")
        yield text


@mender
def no_first_person(text: str, value: str, job: Job) -> Iterator[str]:
    """Somebody else in the place of the speaker."""
    for span in reversed(word_spans(text)):
        said = text[span.start : span.end]
        if other := _PERSONS.get(said.lower()):
            text = replaced(text, span, other.capitalize() if _opens(text, span) else other)
    yield text


def _opens(text: str, span: Span) -> bool:
    return any(span.start == sentence.start for sentence in sentence_spans(text))


@mender
def no_contraction(text: str, value: str, job: Job) -> Iterator[str]:
    """Every contraction in full."""
    for start, end in reversed(check(Rule(kind="no_contraction", value=""), text).evidence):
        said = text[start:end].replace("’", "'")
        ending = next((ending for ending in _ENDINGS if said.lower().endswith(ending)), "")
        full = _SHORT.get(said.lower()) or said[: len(said) - len(ending)] + _ENDINGS.get(ending, "")
        text = text[:start] + (full.capitalize() if said[0].isupper() and full[0].islower() else full) + text[end:]
    yield text


@mender
def sentence_end(text: str, mark: str, job: Job) -> Iterator[str]:
    """The mark at the end of every sentence, in the place of another one."""

    def change(_: int, sentence: str) -> str:
        if ends_with(sentence, mark):
            return sentence
        return _END_MARKS.sub(mark, sentence, count=1) if _END_MARKS.search(sentence) else sentence + mark

    yield _by_sentence(text, change)


@mender
def sentence_start(text: str, word: str, job: Job) -> Iterator[str]:
    """The word before every sentence that begins otherwise."""
    yield _by_sentence(
        text, lambda _, said: said if _holds("sentence_start", word, said) else f"{word} {lowered(said)}"
    )


@mender
def alternate(text: str, value: str, job: Job) -> Iterator[str]:
    """The two words in turn before the sentences, in the place of the wrong one of the two."""
    openers = value.split("|")

    def change(number: int, sentence: str) -> str:
        first, wanted = words(sentence)[0], openers[number % 2]
        if first.lower() == wanted.lower():
            return sentence
        if first.lower() in (opener.lower() for opener in openers):
            return sentence.replace(first, wanted, 1)
        return f"{wanted} {lowered(sentence)}"

    yield _by_sentence(text, change)


@mender
def first_letter(text: str, letter: str, job: Job) -> Iterator[str]:
    """A word with the letter before every sentence that begins otherwise."""
    opener = job.stock.openers.get(letter)
    if opener:
        yield _by_sentence(
            text, lambda _, said: said if _holds("first_letter", letter, said) else f"{opener} {lowered(said)}"
        )


@mender
def distinct_openers(text: str, value: str, job: Job) -> Iterator[str]:
    """Another opening word before every sentence whose own one has been used."""
    openers = [*job.stock.openers.values()]
    used: set[str] = set()
    firsts = []
    for start, end in sentence_spans(text):
        first = words(text[start:end])[0].lower()
        free = "" if first not in used else next((each for each in openers if each.lower() not in used), "")
        firsts.append(free)
        used.add(free.lower() or first)
    yield _by_sentence(text, lambda n, said: f"{firsts[n]} {lowered(said)}" if firsts[n] else said)


@mender
def alliteration(text: str, letter: str, job: Job) -> Iterator[str]:
    """A few words in the letter at the end of every sentence that lacks them."""
    tail = job.stock.alliterations.get(letter)
    if tail:
        yield _by_sentence(
            text,
            lambda _, said: said if _holds("alliteration", letter, said) else ended(said, Span(0, len(said)), tail),
        )


@mender
def sentence_words(text: str, value: str, job: Job) -> Iterator[str]:
    """A break in what is too long, or its end cut off; some words more for what is too short."""
    least, most = map(int, value.split("|"))

    def fit(sentence: str, break_up: bool) -> str:
        spans = word_spans(sentence)
        if len(spans) < least:
            filler = next((each for each in _FILLERS if len(each.split()) >= least - len(spans)), _FILLERS[-1])
            return ended(sentence, Span(0, len(sentence)), f" {filler}")
        if len(spans) <= most:
            return sentence
        for match in _BREAK.finditer(sentence) if break_up else ():
            one, two = sentence[: match.start()], sentence[match.end() :]
            if least <= len(words(one)) <= most and least <= len(words(two)) <= most:
                return f"{one}. {two[0].upper()}{two[1:]}"
        end = _END_MARKS.search(sentence)
        return sentence[: spans[most - 1].end] + (sentence[end.start() :] if end else "")

    yield _by_sentence(text, lambda _, said: fit(said, True))
    yield _by_sentence(text, lambda _, said: fit(said, False))
