"""Language identification of main texts.

Resiliparse's detector decides in 30 µs when one language fits clearly better than the next, or when the page's own
markup says the same. Otherwise lingua is asked too, and of the three the majority holds. Both detectors come with
extras (`quintain[bulk]`, `quintain[language]`); without them the markup is believed.
"""

import functools
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lingua import LanguageDetector

_CLEAR_MARGIN = 50
"""Distance between the best language and the next from which the fast detector was right on the real pages, whole and
in cuts of 60 to 800 characters; its 41 errors lay below, at 45 and less."""
_SHORT = 500
"""Characters; what is shorter and full of names looks like anything, and the markup is the better witness."""
_SHOWN_TO_LINGUA = 500
"""Characters; on the real pages 2,000 decide nothing otherwise, and take more than four times as long."""


def language_of(text: str, named: str = "") -> str:
    """Name the language of a text.

    Args:
        text: The main text of a page.
        named: ISO 639-1 code that the page's markup gives; empty when it gives none.

    Returns:
        ISO 639-1 code; `named` for short texts, and where no detector is installed or none recognises the text.

    >>> language_of("", "en")
    'en'
    """
    if (named and len(text) < _SHORT) or not any(map(str.isalpha, text)):
        return named
    detect_fast = _fast_detector()
    nearest = detect_fast(text, n_results=2) if detect_fast else []
    if not nearest:
        return named
    guess, distance = nearest[0]
    if guess == named or (len(nearest) > 1 and nearest[1][1] - distance >= _CLEAR_MARGIN):
        return guess
    confirmed = _confirm(text)
    if named and confirmed in ("", named):
        return named
    return confirmed or guess


@functools.cache
def _fast_detector():  # type: ignore[no-untyped-def]
    try:
        from resiliparse.parse.lang import detect_fast
    except ImportError:
        return None
    return detect_fast


def _confirm(text: str) -> str:
    lingua = _lingua()
    found = lingua.detect_language_of(text[:_SHOWN_TO_LINGUA]) if lingua else None
    return found.iso_code_639_1.name.lower() if found else ""


@functools.cache
def _lingua() -> "LanguageDetector | None":
    try:
        from lingua import LanguageDetectorBuilder
    except ImportError:
        return None
    # Its high accuracy differs on texts under 120 characters alone, and takes 800 MB for them.
    return LanguageDetectorBuilder.from_all_languages().with_low_accuracy_mode().build()
