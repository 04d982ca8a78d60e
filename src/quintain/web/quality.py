"""Quality filters of pages: one function per filter, true when the page fails it.

The tokenizer of every filter is `quintain.text.words`: runs of letters and digits, and each character of Chinese and
Japanese, where datatrove's filters take spaCy's words, which count punctuation. `benchmarks/warc_to_signature.py`
reports how far the decisions agree.

Source: the quality and repetition rules of Gopher (Rae et al. 2021, arXiv:2112.11446, appendix A1.1), with lines for
its paragraphs, since a main text has no blank lines; rules of C4 (Raffel et al. 2020, arXiv:1910.10683, section 2.2),
judging the page where C4 cuts out lines, and without its list of bad words.
"""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice

from quintain.text.words import words
from quintain.web.page_limits import ENGLISH_STOP_WORDS, PageLimits

_BULLETS = ("-", "*", "•", "‣", "▪", "●", "◦", "–")
_ELLIPSES = ("...", "…")
_SENTENCE_END = re.compile(r"[.!?][\"'”’»)\]]*(?=\s|$)|[。！？]")
_NOTICES = ("javascript", "terms of use", "privacy policy", "cookie policy", "cookie settings", "use of cookies",
            "use cookies", "uses cookies")  # fmt: skip
_NOTICE_CHARACTERS = 300
"""A longer line that names such a thing is about it."""
_FEWEST_WORDS_FOR_RUNS = 100
"""In a shorter text a name that is said twice is a repeated run."""
_TOP_RUNS_FROM = 2
_REPEATED_RUNS_FROM = 5


@dataclass(frozen=True)
class MeasuredText:
    """A main text with its words and lines, counted once for all filters."""

    text: str
    """The main text."""
    language: str = ""
    """ISO 639-1 code, empty when unknown."""
    words: list[str] = field(init=False)
    """Its words, lower-case."""
    lines: list[str] = field(init=False)
    """Its lines that hold anything, stripped."""
    is_unspaced: bool = field(init=False)
    """Whether most words are single characters of a script without spaces."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "words", words(self.text))
        single = sum(len(word) == 1 and not word.isascii() for word in self.words)
        object.__setattr__(self, "is_unspaced", single * 2 > len(self.words))
        object.__setattr__(self, "lines", [line for line in map(str.strip, self.text.splitlines()) if line])


def other_language(page: MeasuredText, limits: PageLimits) -> bool:
    """The text is in none of the languages to keep, or nobody knows in which."""
    return bool(limits.languages) and page.language not in limits.languages


def few_words(page: MeasuredText, limits: PageLimits) -> bool:
    """The text is too short."""
    return len(page.words) < limits.min_words


def many_words(page: MeasuredText, limits: PageLimits) -> bool:
    """The text is too long."""
    return len(page.words) > limits.max_words


def word_length(page: MeasuredText, limits: PageLimits) -> bool:
    """The words are fragments or strings without spaces; languages that write no spaces are not measured."""
    if page.is_unspaced:
        return False
    spaced = [word for word in page.words if len(word) > 1 or word.isascii()]
    return not limits.min_word_length <= sum(map(len, spaced)) / len(spaced) <= limits.max_word_length


def symbols(page: MeasuredText, limits: PageLimits) -> bool:
    """There are many hashes or ellipses: tags, or teasers of other pages."""
    found = page.text.count("#") + sum(map(page.text.count, _ELLIPSES))
    return found > limits.max_symbols * len(page.words)


def bullets(page: MeasuredText, limits: PageLimits) -> bool:
    """The page is one list."""
    return _share(page.lines, lambda line: line.startswith(_BULLETS)) > limits.max_bullet_lines


def ellipses(page: MeasuredText, limits: PageLimits) -> bool:
    """Most lines are cut off: teasers of other pages."""
    return _share(page.lines, lambda line: line.endswith(_ELLIPSES)) > limits.max_ellipsis_lines


def letters(page: MeasuredText, limits: PageLimits) -> bool:
    """The words are mostly numbers."""
    return _share(page.words, lambda word: word.isalpha() or any(map(str.isalpha, word))) < limits.min_letter_words


def stop_words(page: MeasuredText, limits: PageLimits) -> bool:
    """The text is not made of sentences; judged for English only."""
    if page.language not in ("", "en"):
        return False
    return len(ENGLISH_STOP_WORDS.intersection(page.words)) < limits.min_stop_words


def repeated_lines(page: MeasuredText, limits: PageLimits) -> bool:
    """Lines are repeated: a menu, a table of one value, a broken page."""
    repeated = sum(count - 1 for count in Counter(page.lines).values())
    return repeated > limits.max_repeated_lines * len(page.lines)


def repeated_line_characters(page: MeasuredText, limits: PageLimits) -> bool:
    """Much of the text is repeated lines."""
    repeated = sum((count - 1) * len(line) for line, count in Counter(page.lines).items())
    return repeated > limits.max_repeated_line_characters * sum(map(len, page.lines))


def top_ngram(page: MeasuredText, limits: PageLimits) -> bool:
    """One phrase makes up much of the text; short texts and languages that write no spaces are not measured."""
    if page.is_unspaced or len(page.words) < _FEWEST_WORDS_FOR_RUNS:
        return False
    letters_of_all = sum(map(len, page.words))
    # A run has no more letters on the page than its words have.
    of_one_word = max((count * len(word) for word, count in Counter(page.words).items()), default=0)
    for length, most in enumerate(limits.max_top_ngrams, _TOP_RUNS_FROM):
        if length * of_one_word <= most * letters_of_all:
            continue
        runs = Counter(zip(*(page.words[start:] for start in range(length)), strict=False))
        [(run, count)] = runs.most_common(1) or [((), 0)]
        if count > 1 and count * sum(map(len, run)) > most * letters_of_all:
            return True
    return False


def repeated_ngrams(page: MeasuredText, limits: PageLimits) -> bool:
    """Much of the text was said before in the same words; measured where `top_ngram` is."""
    if page.is_unspaced or len(page.words) < _FEWEST_WORDS_FOR_RUNS or not limits.max_repeated_ngrams:
        return False
    letters_of_all = sum(map(len, page.words))
    for length, most in enumerate(limits.max_repeated_ngrams, _REPEATED_RUNS_FROM):
        repeated = _letters_repeated(page.words, length)
        if repeated > most * letters_of_all:
            return True
        # A long run that stood before is made of shorter ones that did: what is repeated only gets less.
        if repeated <= min(limits.max_repeated_ngrams) * letters_of_all:
            return False
    return False


def _letters_repeated(tokens: list[str], length: int) -> int:
    """Count the letters in runs that stood before, each letter once."""
    seen: set[tuple[str, ...]] = set()
    letters_repeated = end = 0
    for start, run in enumerate(zip(*(tokens[first:] for first in range(length)), strict=False)):
        if run in seen:
            letters_repeated += sum(map(len, tokens[max(start, end) : start + length]))
            end = start + length
        else:
            seen.add(run)
    return letters_repeated


def few_sentences(page: MeasuredText, limits: PageLimits) -> bool:
    """The page is a menu, a form or a heading."""
    return len(list(islice(_SENTENCE_END.finditer(page.text), limits.min_sentences))) < limits.min_sentences


def placeholder(page: MeasuredText, limits: PageLimits) -> bool:
    """The page is a template that nobody filled in."""
    return "lorem ipsum" in page.text.lower()


def braces(page: MeasuredText, limits: PageLimits) -> bool:
    """Code or a template was taken for text."""
    return page.text.count("{") + page.text.count("}") > limits.max_braces * len(page.words)


def notices(page: MeasuredText, limits: PageLimits) -> bool:
    """The page talks about its cookies, scripts and terms."""
    if not _is_notice(page.text):
        return False
    found = _share(page.lines, lambda line: len(line) <= _NOTICE_CHARACTERS and _is_notice(line))
    return found > limits.max_notice_lines


def _is_notice(text: str) -> bool:
    lowered = text.lower()
    return any(notice in lowered for notice in _NOTICES)


FILTERS: dict[str, Callable[[MeasuredText, PageLimits], bool]] = {
    "language": other_language,
    "few-words": few_words,
    "many-words": many_words,
    "word-length": word_length,
    "symbols": symbols,
    "bullets": bullets,
    "ellipses": ellipses,
    "letters": letters,
    "stop-words": stop_words,
    "repeated-lines": repeated_lines,
    "repeated-line-characters": repeated_line_characters,
    "top-ngram": top_ngram,
    "repeated-ngrams": repeated_ngrams,
    "few-sentences": few_sentences,
    "placeholder": placeholder,
    "braces": braces,
    "notices": notices,
}


def fault(text: str, language: str, limits: PageLimits) -> str:
    """Name the first filter that a main text fails; '' when it passes all.

    >>> fault("Ten ships.", "en", PageLimits())
    'few-words'
    """
    page = MeasuredText(text, language)
    return next((reason for reason, fails in FILTERS.items() if fails(page, limits)), "")


def _share(items: list[str], holds: Callable[[str], bool]) -> float:
    return sum(map(holds, items)) / len(items) if items else 0.0
