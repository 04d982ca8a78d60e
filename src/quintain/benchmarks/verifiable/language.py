"""Language of a text, told without a network.

The published evaluation asks langdetect, whose verdict may change from run to run. Ours asks py3langid (BSD-3-Clause,
5 MB, numpy alone) to choose among the same languages; it knows all of them and gives one text one verdict.
"""

from functools import cache
from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

Language = Literal[
    "af", "ar", "bg", "bn", "ca", "cs", "cy", "da", "de", "el", "en", "es", "et", "fa", "fi", "fr", "gu", "he", "hi",
    "hr", "hu", "id", "it", "ja", "kn", "ko", "lt", "lv", "mk", "ml", "mr", "ne", "nl", "no", "pa", "pl", "pt", "ro",
    "ru", "sk", "sl", "so", "sq", "sv", "sw", "ta", "te", "th", "tl", "tr", "uk", "ur", "vi", "zh",
]  # fmt: skip
"""ISO 639-1 codes of the languages that can be told apart."""


def language_of(text: str) -> str:
    """Tell the language that most of a text is in.

    Args:
        text: Any text.

    Returns:
        A code of `Language`; empty when the text has no letter.

    >>> language_of("Die Katze schläft auf dem Sofa."), language_of("1 + 1 = 2")
    ('de', '')
    """
    if not any(map(str.isalpha, text)):
        return ""
    return str(_identifier().classify(text)[0])


@cache
def _identifier() -> "LanguageIdentifier":
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    # An object of our own: the module's functions share one, and whoever restricts it restricts it for all.
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.set_languages(get_args(Language))
    return identifier
