"""The words of a text, as the filters and the near-duplicate search count them."""

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
