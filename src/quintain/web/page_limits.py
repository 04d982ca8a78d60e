"""Limits that a page must keep to."""

import re
from dataclasses import dataclass
from typing import Literal

from quintain.fields import Count, Natural, NotNegative, Share, check
from quintain.limits import PAGE_BYTES
from quintain.text.licences import require_known
from quintain.text.personal_data import KINDS, Kind

MAX_BYTES = PAGE_BYTES
"""Larger pages are refused, unless the settings say otherwise."""
ENGLISH_STOP_WORDS = frozenset({"the", "be", "to", "of", "and", "that", "have", "with"})
"""Words that Gopher asks of an English text."""


@dataclass(frozen=True, kw_only=True)
class PageLimits:
    """Limits that a page must keep to; the defaults are Gopher's and C4's.

    Raises:
        ValueError: A limit is out of range.
    """

    max_bytes: Count = MAX_BYTES
    """Largest page that is parsed, in bytes of HTML."""
    min_words: Count = 50
    """Shortest main text."""
    max_words: Count = 100_000
    """Longest main text."""
    min_word_length: NotNegative = 3.0
    """Least mean length of a word, in characters."""
    max_word_length: NotNegative = 10.0
    """Largest mean length of a word, in characters."""
    max_symbols: Share = 0.1
    """Most `#` and ellipses per word."""
    max_bullet_lines: Share = 0.9
    """Largest share of lines that begin with a bullet."""
    max_ellipsis_lines: Share = 0.3
    """Largest share of lines that end with an ellipsis."""
    min_letter_words: Share = 0.8
    """Least share of words with a letter in them."""
    min_stop_words: Natural = 2
    """Least number of different English stop words; only for pages that name no language or English."""
    max_repeated_lines: Share = 0.3
    """Largest share of lines that stood on the page before."""
    max_repeated_line_characters: Share = 0.2
    """Largest share of the characters in such lines."""
    max_top_ngrams: tuple[Share, ...] = (0.20, 0.18, 0.16)
    """Largest share of the letters in the most frequent run of 2, 3, 4, … words; empty for no limit."""
    max_repeated_ngrams: tuple[Share, ...] = (0.15, 0.14, 0.13, 0.12, 0.11, 0.10)
    """Largest share of the letters in runs of 5, 6, 7, … words that stood on the page before; empty for no limit."""
    min_sentences: Natural = 0
    """Fewest sentences. C4's own limit is 3; it drops tables and lists, which are good material for an instruction."""
    max_braces: Share = 0.01
    """Most curly braces per word: code and templates left in the text. 0 is C4's own limit."""
    max_notice_lines: Share = 0.3
    """Largest share of lines about cookies, JavaScript, privacy policies or terms of use."""
    languages: tuple[str, ...] = ()
    """ISO 639-1 codes of the languages to keep; empty for all."""
    licences: tuple[str, ...] = ()
    """Licences to keep, such as `cc-by` (any version), `cc-by-sa-4.0`, `cc0`, `mit`; empty for all pages, those that
    name no licence among them. `unstated` keeps those that name none."""
    personal_data: Literal["keep", "drop", "mask"] = "keep"
    """What becomes of pages with mail addresses, telephone numbers, IBANs and card numbers."""
    personal_kinds: tuple[Kind, ...] = KINDS
    """Personal data that is looked for."""

    def __post_init__(self) -> None:
        check(self)
        for name in ("max_top_ngrams", "max_repeated_ngrams", "languages", "licences", "personal_kinds"):
            object.__setattr__(self, name, tuple(getattr(self, name)))  # YAML has lists only
        if not all(re.fullmatch("[a-z]{2}", code) for code in self.languages):
            raise ValueError(f"languages must be ISO 639-1 codes such as 'en', got {list(self.languages)}")
        require_known(self.licences)
        for least, largest in (("min_words", "max_words"), ("min_word_length", "max_word_length")):
            if getattr(self, least) > getattr(self, largest):
                raise ValueError(
                    f"{least} <= {largest} must hold, got {getattr(self, least)} and {getattr(self, largest)}"
                )
        if self.min_stop_words > len(ENGLISH_STOP_WORDS):
            raise ValueError(f"min_stop_words must be in 0..{len(ENGLISH_STOP_WORDS)}, got {self.min_stop_words}")
