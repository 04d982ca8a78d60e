r"""Words and sentences of English text, as IFEval's checkers cut them.

The published evaluation counts words as runs of `\w` and leaves sentences to nltk's trained splitter. Ours is a fixed
rule, so that a verdict needs no downloaded model and never changes with one.
"""

import re

_WORD = re.compile(r"\w+")
# One token with its inner marks, as a reader sees it: U.S, well-known, I'M, A/B.
_TOKEN = re.compile(r"\w+(?:['’./-]\w+)*")
# Starts only where a run of marks starts, so that a megabyte of full stops is read once.
_END = re.compile(r"(?<![.!?…])([.!?…]++)[\"'”’)\]}*_»]*+(?=\s|$)")
_LIST_MARK = re.compile(r"(?:^|\n)[ \t]*(?:\d{1,3}|[A-Za-z])$")
_LAST_TOKEN = re.compile(r"[\w.]+$")
_INITIALS = re.compile(r"[A-HJ-Z]|(?:[A-Za-z]\.)+[A-Za-z]")
_TITLES = frozenset("mr mrs ms dr prof st mt capt sgt lt rev hon vs cf fig e.g i.e".split())
_SHORT_FORMS = frozenset(
    "etc inc ltd co corp jr sr al approx dept u.s u.k a.m p.m ph.d b.c a.d "
    "jan feb apr jun jul aug sep sept oct nov dec".split()
)
# Longer than any short form or list mark: how far to look around a full stop.
_REACH = 16


def word_count(text: str) -> int:
    r"""Count runs of `\w`, as published: an apostrophe or hyphen parts two words.

    >>> word_count("Don't stop: 3.5 well-known facts")
    8
    """
    return len(_WORD.findall(text))


def capital_words(text: str) -> list[str]:
    """Tokens whose letters are all capital.

    >>> capital_words("The U.S. GDP rose; I'M SO-SO about B2B.")
    ['U.S', 'GDP', "I'M", 'SO-SO', 'B2B']
    """
    return [token for token in _TOKEN.findall(text) if token.isupper()]


def sentences(text: str) -> list[str]:
    r"""Sentences with their end marks; a piece without a letter or digit is none.

    `.`, `!`, `?` and `…` end a sentence before white space; a line break alone ends nothing. A full stop ends none
    after the mark of a list item, an initial or a title, nor after another short form unless a capital follows; an
    ellipsis ends none before a small letter.

    >>> sentences("Dr. Ada paid 3.50 at 5 p.m. today. Why?\n1. One item\n2. Another.")
    ['Dr. Ada paid 3.50 at 5 p.m. today.', 'Why?', '1. One item\n2. Another.']
    """
    found, start = [], 0
    for end in _END.finditer(text):
        if not _goes_on(text, end):
            found.append(text[start : end.end()].strip())
            start = end.end()
    found.append(text[start:].strip())
    return [sentence for sentence in found if _WORD.search(sentence)]


def _goes_on(text: str, end: re.Match[str]) -> bool:
    marks = end.group(1)
    if "!" in marks or "?" in marks:
        return False
    following = text[end.end() : end.end() + _REACH].lstrip()[:1]
    if marks != ".":
        return following.islower()
    before = text[max(0, end.start() - _REACH) : end.start()]
    token = _LAST_TOKEN.search(before)
    last = token.group().lower() if token else ""
    if last in _SHORT_FORMS:
        return not following.isupper()
    return bool(
        last in _TITLES or _LIST_MARK.search(before) or (token is not None and _INITIALS.fullmatch(token.group()))
    )
