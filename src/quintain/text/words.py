"""The words of a text, as filters, near-duplicate search and decontamination count them."""

import re

_KANA_AND_HAN = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
_WORD = re.compile(rf"[{_KANA_AND_HAN}]|[^\W{_KANA_AND_HAN}]+")


def words(text: str) -> list[str]:
    """Split a text into lower-case words, without punctuation.

    Chinese and Japanese write no spaces, so each of their characters counts as a word.

    >>> words("Don't panic: 42 路线")
    ['don', 't', 'panic', '42', '路', '线']
    """
    return _WORD.findall(text.lower())


def first_words(text: str, count: int) -> str:
    """Cut a text off after its first words; a shorter one stays as it is.

    >>> first_words("One, two. Three!", 2)
    'One, two'
    """
    end = 0
    for number, word in enumerate(_WORD.finditer(text)):
        if number == count:
            return text[:end]
        end = word.end()
    return text
