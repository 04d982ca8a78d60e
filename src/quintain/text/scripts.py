"""Scripts of a text, and the language that they and its commonest words speak against.

Neither a detector nor a model is asked: a text is said to be in another language only where its letters or its small
words leave no doubt. What is short, or in a language that stands in no table here, is let pass.
"""

import functools
import json
import unicodedata
from collections import Counter
from pathlib import Path

from quintain.text.words import words

HAN, KANA, LATIN = "han", "kana", "latin"
_NAMES = {
    "CJK": HAN,
    "HIRAGANA": KANA,
    "KATAKANA": KANA,
    "HALFWIDTH": KANA,
    "KATAKANA-HIRAGANA": KANA,
    "FULLWIDTH": LATIN,
    "BOPOMOFO": HAN,
    "IDEOGRAPHIC": HAN,
}
"""First word of a letter's Unicode name → script, where it is not the script's own name."""
_WRITTEN_IN = {
    LATIN: "af az ca cs cy da de en eo es et eu fi fr ga gl hr hu id is it kk la lt lv ms mt nb nl nn no pl pt ro sk "
    "sl sq sr sv sw tl tr uz vi",
    "cyrillic": "az be bg kk ky mk mn ru sr tg uk uz",
    HAN: "ja ko zh",
    KANA: "ja",
    "hangul": "ko",
    "arabic": "ar fa ps ug ur",
    "devanagari": "hi mr ne",
    "greek": "el",
    "hebrew": "he",
    "thai": "th",
    "bengali": "bn",
    "tamil": "ta",
    "telugu": "te",
    "georgian": "ka",
    "armenian": "hy",
    "gujarati": "gu",
    "kannada": "kn",
    "malayalam": "ml",
    "gurmukhi": "pa",
    "khmer": "km",
    "lao": "lo",
    "myanmar": "my",
    "ethiopic": "am",
}
"""Script → ISO 639-1 codes of the languages that are written in it."""
_BY_SCRIPT = {HAN: "zh", KANA: "ja", "hangul": "ko", "cyrillic": "ru", "greek": "el", "arabic": "ar", LATIN: "en"}
"""Script → the language that most texts in it are in, for messages."""
_FEWEST_LETTERS = 6
"""With fewer letters the scripts of a text tell nothing."""
_FEWEST_WORDS = 12
"""With fewer words the small ones among them tell nothing."""
_FOREIGN_SHARE, _OWN_SHARE = 0.15, 0.06
"""Share of another language's small words from which a text is in it, and of the own ones up to which it is not."""


@functools.lru_cache(maxsize=1 << 16)
def script_of(letter: str) -> str:
    """Script of a letter, such as `latin`, `han` or `cyrillic`; empty for digits, signs and scripts of no table here.

    >>> script_of("é"), script_of("路"), script_of("7")
    ('latin', 'han', '')
    """
    if not letter.isalpha():
        return ""
    name = unicodedata.name(letter, "").partition(" ")[0]
    script = _NAMES.get(name, name.lower())
    return script if script in _WRITTEN_IN else ""  # signs such as µ and ℝ count as letters too


def scripts_by_word(text: str) -> "Counter[str]":
    """Count the words of a text by script; a Chinese or Japanese character is a word, as `words` counts.

    A word in two scripts counts once for each, and a single letter of a script with letters for none: it is a symbol.
    """
    found: Counter[str] = Counter()
    for word in words(text):
        scripts = {script_of(letter) for letter in word} - {""}
        if len(word) > 1 or scripts & {HAN, KANA}:
            found.update(scripts)
    return found


def scripts_of(language: str) -> set[str]:
    """Scripts that a language is written in; none where it is not known.

    Args:
        language: ISO 639-1 code.

    Returns:
        Names of scripts.
    """
    return {script for script, languages in _WRITTEN_IN.items() if language in languages.split()}


def other_language(text: str, language: str) -> str:
    """Name the language that a text is in, where that is surely another one than it should be.

    Args:
        text: Any text.
        language: ISO 639-1 code of the language that it should be in.

    Returns:
        ISO 639-1 code of the other language; empty where the text is in the right one, or too short to tell.

    >>> other_language("请用三句话总结这篇文章的主要内容。", "en")
    'zh'
    >>> other_language("¿Qué es esto?", "en")
    ''
    """
    own = scripts_of(language)
    if not own or sum(map(str.isalpha, text)) < _FEWEST_LETTERS:
        return ""
    counts = scripts_by_word(text)
    total = counts.total()
    in_own = sum(counts[script] for script in own)
    if total and in_own < total / 2:
        return _BY_SCRIPT.get(counts.most_common(1)[0][0], "another")
    if language == "ja" and not counts[KANA] and counts[HAN] >= _FEWEST_WORDS:
        return "zh"
    return _by_small_words(text, language) if LATIN in own else ""


def _by_small_words(text: str, language: str) -> str:
    said = words(text)
    shares = {name: sum(word in small for word in said) / max(len(said), 1) for name, small in _small_words().items()}
    if len(said) < _FEWEST_WORDS or language not in shares or shares[language] > _OWN_SHARE:
        return ""
    nearest = max(shares, key=shares.__getitem__)
    return nearest if shares[nearest] >= _FOREIGN_SHARE else ""


@functools.cache
def _small_words() -> dict[str, frozenset[str]]:
    """Commonest words by language, such as prepositions and articles."""
    found = json.loads(Path(__file__).with_name("small_words.json").read_text(encoding="utf-8"))
    return {language: frozenset(small.split()) for language, small in found.items()}
