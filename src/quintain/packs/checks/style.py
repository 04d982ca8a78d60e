"""Style rules: letters, words and punctuation marks. What they look at is the surface; none claims a tone."""

import re
import unicodedata

from quintain.packs.checks.finding import Finding, each, finding, rule
from quintain.packs.language import WORD, Span, ends_with, sentence_spans, word_spans, words

_FIRST_PERSON = {"i", "me", "my", "mine", "myself", "we", "us", "our", "ours", "ourselves"}
_CONTRACTION = re.compile(
    r"\b\w++['’](?:t|re|ve|ll|d|m)\b|\b(?:it|that|there|here|he|she|what|who|let)['’]s\b", re.IGNORECASE
)
_WORD_OR_MARK = re.compile(rf"(?P<word>{WORD})|[^\w\s.]|_")
_NOT_SPACE = re.compile(r"\S")


@rule
def case(response: str, value: str) -> Finding:
    """All letters are `lower` or `upper`."""
    regular = response.lower() if value == "lower" else response.upper()
    wrong = [] if regular == response else [span for span in word_spans(response) if _irregular(response, span, value)]
    return finding(regular == response and any(map(str.isalpha, response)), wrong)


def _irregular(response: str, span: Span, value: str) -> bool:
    word = response[span.start : span.end]
    return word != (word.lower() if value == "lower" else word.upper())


@rule
def without(response: str, mark: str) -> Finding:
    """The punctuation mark does not occur."""
    found = [Span(*match.span()) for match in re.finditer(re.escape(mark), response)]
    return finding(not found and not response.isspace() and response != "", found)


@rule
def only_full_stops(response: str, _: str) -> Finding:
    """No punctuation but full stops; apostrophes and hyphens inside words are letters."""
    found, has_word = [], False
    for match in _WORD_OR_MARK.finditer(response):
        if match.lastgroup == "word":
            has_word = True
        elif unicodedata.category(match.group())[0] == "P":
            found.append(Span(*match.span()))
    return finding(has_word and not found, found)


@rule
def no_letter(response: str, letter: str) -> Finding:
    """The letter does not occur, small or capital."""
    found = [Span(*match.span()) for match in re.finditer(letter, response, re.IGNORECASE)]
    return finding(not found and _NOT_SPACE.search(response) is not None, found)


@rule
def no_first_person(response: str, _: str) -> Finding:
    """No pronoun of the first person occurs."""
    spans = word_spans(response)
    return each(spans, [span for span in spans if response[span.start : span.end].lower() in _FIRST_PERSON])


@rule
def no_contraction(response: str, _: str) -> Finding:
    """No contraction such as don't or it's occurs."""
    found = [Span(*match.span()) for match in _CONTRACTION.finditer(response)]
    return finding(not found and _NOT_SPACE.search(response) is not None, found)


@rule
def sentence_end(response: str, mark: str) -> Finding:
    """Every sentence ends with the mark."""
    spans = sentence_spans(response)
    return each(spans, [span for span in spans if not ends_with(response[span.start : span.end], mark)])


@rule
def sentence_start(response: str, word: str) -> Finding:
    """Every sentence starts with the word."""
    return _starts(response, (word,))


@rule
def alternate(response: str, value: str) -> Finding:
    """Sentences start with the two words in turn: `first|second`."""
    return _starts(response, tuple(value.split("|")))


def _starts(response: str, openers: tuple[str, ...]) -> Finding:
    spans = sentence_spans(response)
    firsts = [words(response, span)[0].lower() for span in spans]
    wanted = [openers[i % len(openers)].lower() for i in range(len(spans))]
    return each(spans, [span for span, first, want in zip(spans, firsts, wanted, strict=True) if first != want])


@rule
def first_letter(response: str, letter: str) -> Finding:
    """The first word of every sentence starts with the letter."""
    spans = sentence_spans(response)
    return each(spans, [span for span in spans if words(response, span)[0][0].lower() != letter.lower()])


@rule
def distinct_openers(response: str, _: str) -> Finding:
    """No two sentences start with the same word."""
    spans, seen, twice = sentence_spans(response), set[str](), []
    for span in spans:
        first = words(response, span)[0].lower()
        if first in seen:
            twice.append(span)
        seen.add(first)
    return each(spans, twice)


@rule
def alliteration(response: str, letter: str) -> Finding:
    """Every sentence has at least two words that start with the letter."""
    spans = sentence_spans(response)
    return each(spans, [span for span in spans if _starting(response, span, letter) < 2])


def _starting(response: str, span: Span, letter: str) -> int:
    return sum(word[0].lower() == letter for word in words(response, span))


@rule
def sentence_words(response: str, value: str) -> Finding:
    """Every sentence has between so many words: `least|most`."""
    least, most = map(int, value.split("|"))
    spans = sentence_spans(response)
    return each(spans, [span for span in spans if not least <= len(words(response, span)) <= most])
