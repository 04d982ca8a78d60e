"""Halves of characters: code points that stand for no character alone and have no bytes."""

import re

_SURROGATES = re.compile("[\ud800-\udfff]")


def without_surrogates(text: str) -> str:
    r"""Drop halves of characters, which have no bytes and which no parser takes.

    >>> without_surrogates("fe\ud800rry")
    'ferry'
    """
    return _SURROGATES.sub("", text)
