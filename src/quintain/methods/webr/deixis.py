"""Requests that point at a text which their reader does not have."""

import re

from quintain.text.words import words

_OWN_TEXT_WORDS = 40
"""A request that has said so much before it points at a text points at what it has said."""
_TEXT = (
    r"(?:text|article|passage|page|web\s?page|website|site|document|excerpt|extract|post|blog\spost|essay|paragraphs?"
    r"|sections?|content|material|information|story|report|source|piece|snippet|transcript|description|review|author)"
)
_DEICTIC = re.compile(
    rf"""
      \b(?:this|these|the\ (?:above|given|provided|supplied|attached|enclosed|following|preceding|previous|original
          |aforementioned|present|linked|same|said))\ (?!an?\ )(?:\w+\ )?{_TEXT}\b
    | \b(?:the|your)\ {_TEXT}\ (?:above|below|provided|given|attached|supplied|says?|states?|mentions?|describes?
          |discuss(?:es)?|explains?|you\ (?:were\ given|have|read|just\ read|provided|gave))\b
    | \b(?:according\ to|based\ (?:up)?on|as\ (?:described|mentioned|stated|discussed|explained|reported|given)\ in
          |(?:described|mentioned|stated|discussed|provided|given|found)\ (?:in|on|by)|drawing\ (?:up)?on|from\ within)
          \ (?:the|this|that|your)\ (?:\w+\ )?{_TEXT}\b
    | \b(?:in|from)\ (?:this|that|the)\ (?:text|article|passage|excerpt|extract|document)\b
    | \b(?:mentioned|described|listed|discussed|shown|given|stated|quoted|provided|outlined)\ (?:above|below|earlier)\b
    | \b(?:the\ above|see\ above)\b(?!\ (?:all|average|ground))
    """,
    re.IGNORECASE | re.VERBOSE,
)

_OWN_LINES = re.compile(r":[^\S\n]*+\n\s*+\S")


def deictic_phrase(request: str) -> str:
    """Find where a request points at a text that does not stand beside it.

    A rule for English. It looks for phrases such as "the text above", "this article", "according to the page". A
    request that brings its own text, before the phrase or behind it on lines of its own, points at that.

    Args:
        request: What the imagined user asks.

    Returns:
        The first such phrase, or '' when the request stands alone.

    >>> deictic_phrase("Summarise the main points of this article in a table.")
    'this article'
    >>> deictic_phrase("Write an article about ferries.")
    ''
    """
    found = _DEICTIC.search(request)
    if not found or len(words(request[: found.start()])) >= _OWN_TEXT_WORDS:
        return ""
    brings_text = _OWN_LINES.search(request, found.end())
    return "" if brings_text else found.group()
