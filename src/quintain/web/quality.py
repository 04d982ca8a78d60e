"""Which pages are worth learning from: one function per filter, true when the page fails it.

Source: the quality and repetition rules of Gopher (Rae et al. 2021, arXiv:2112.11446, appendix A1.1), on the words of
`quintain.text.words`. Not implemented: its limits on repeated paragraphs and on repeated n-grams.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from quintain.text.words import words

MAX_BYTES = 5_000_000
"""Larger pages are refused: their markup is data or an attack, and takes minutes and gigabytes to parse."""

_ENGLISH_STOP_WORDS = frozenset({"the", "be", "to", "of", "and", "that", "have", "with"})
_BULLETS = ("-", "*", "•", "‣", "▪", "●", "◦", "–")
_ELLIPSES = ("...", "…")


@dataclass(frozen=True, kw_only=True)
class PageLimits:
    """What a page must keep to; the defaults are Gopher's.

    Raises:
        ValueError: A limit is out of range.
    """

    max_bytes: int = MAX_BYTES
    """Largest page that is parsed, in bytes of HTML."""
    min_words: int = 50
    """Shortest main text."""
    max_words: int = 100_000
    """Longest main text."""
    min_word_length: float = 3.0
    """Least mean length of a word, in characters."""
    max_word_length: float = 10.0
    """Largest mean length of a word, in characters."""
    max_symbols: float = 0.1
    """Most `#` and ellipses per word."""
    max_bullet_lines: float = 0.9
    """Largest share of lines that begin with a bullet."""
    max_ellipsis_lines: float = 0.3
    """Largest share of lines that end with an ellipsis."""
    min_letter_words: float = 0.8
    """Least share of words with a letter in them."""
    min_stop_words: int = 2
    """Least number of different English stop words; only for pages that name no language or English."""
    max_repeated_lines: float = 0.3
    """Largest share of lines that stood on the page before."""

    def __post_init__(self) -> None:
        if self.max_bytes < 1:
            raise ValueError(f"max_bytes must be at least 1, got {self.max_bytes}")
        if not 1 <= self.min_words <= self.max_words:
            raise ValueError(f"1 <= min_words <= max_words must hold, got {self.min_words} and {self.max_words}")
        if not 0 <= self.min_word_length <= self.max_word_length:
            raise ValueError(
                f"0 <= min_word_length <= max_word_length must hold, got {self.min_word_length} and "
                f"{self.max_word_length}"
            )
        if not 0 <= self.min_stop_words <= len(_ENGLISH_STOP_WORDS):
            raise ValueError(f"min_stop_words must be in 0..{len(_ENGLISH_STOP_WORDS)}, got {self.min_stop_words}")
        for name in ("max_symbols", "max_bullet_lines", "max_ellipsis_lines", "min_letter_words", "max_repeated_lines"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} is a share and must be in [0, 1], got {getattr(self, name)}")


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

    def __post_init__(self) -> None:
        object.__setattr__(self, "words", words(self.text))
        object.__setattr__(self, "lines", [line for line in map(str.strip, self.text.splitlines()) if line])


def few_words(page: MeasuredText, limits: PageLimits) -> bool:
    """The text is too short."""
    return len(page.words) < limits.min_words


def many_words(page: MeasuredText, limits: PageLimits) -> bool:
    """The text is too long."""
    return len(page.words) > limits.max_words


def word_length(page: MeasuredText, limits: PageLimits) -> bool:
    """The words are fragments or strings without spaces; languages that write no spaces are not measured."""
    spaced = [word for word in page.words if len(word) > 1 or word.isascii()]
    if len(spaced) < len(page.words) / 2:
        return False
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
    return _share(page.words, lambda word: any(map(str.isalpha, word))) < limits.min_letter_words


def stop_words(page: MeasuredText, limits: PageLimits) -> bool:
    """The text is not made of sentences; judged for English only."""
    if page.language not in ("", "en"):
        return False
    return len(_ENGLISH_STOP_WORDS.intersection(page.words)) < limits.min_stop_words


def repeated_lines(page: MeasuredText, limits: PageLimits) -> bool:
    """Lines are repeated: a menu, a table of one value, a broken page."""
    repeated = sum(count - 1 for count in Counter(page.lines).values())
    return repeated > limits.max_repeated_lines * len(page.lines)


FILTERS: dict[str, Callable[[MeasuredText, PageLimits], bool]] = {
    "few-words": few_words,
    "many-words": many_words,
    "word-length": word_length,
    "symbols": symbols,
    "bullets": bullets,
    "ellipses": ellipses,
    "letters": letters,
    "stop-words": stop_words,
    "repeated-lines": repeated_lines,
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
