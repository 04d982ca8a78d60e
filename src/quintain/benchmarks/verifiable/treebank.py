r"""Tokens of English text, parted as the Penn Treebank parts them: punctuation and contractions stand alone.

Source: the conventions of the Penn Treebank; what nltk's `word_tokenize` does, sentence by sentence.
"""

import re
from collections.abc import Iterator

from quintain.benchmarks.verifiable.punkt import sentences

_ALONE = r"\"«»“”‘’„;@#$%&?!*()\[\]{}<>\u2012-\u2015"
_OPENING = r"(?<!\w)'(?!(?i:re|ve|ll|[mtsdn])\b)(?=\w)"
_PIECE = re.compile(
    rf"\.{{2,}}|--|''|``?|[{_ALONE}]|[:,](?!\d)|{_OPENING}"
    rf"|(?:[^\s`'.:,\-{_ALONE}]|\.(?!\.)|-(?!-)|[:,](?=\d)|(?!{_OPENING})'(?!'))+|'"
)
_CLOSERS = "])}>\"'»”’ "
_OPENS_BEFORE = frozenset(" ([{<«“‘„`")
_OPENING_QUOTE = re.compile(r"[ (\[{<](?:\"|'')")
_QUOTE = re.compile(r"(?<=[^' ])'\Z")
_SHORT_FORM = re.compile(r"(?<=[^' ])'[sSmMdD]\Z")
_LONG_FORM = re.compile(r"(?<=[^' ])(?:'ll|'LL|'re|'RE|'ve|'VE|n't|N'T)\Z")
_FUSED = re.compile(r"(?i:\b(can)(not)\b|\b(d)('ye)\b|\b(gim)(me)\b|\b(gon)(na)\b|\b(got)(ta)\b|\b(lem)(me)\b)")
_FUSED_WHOLE = re.compile(r"(?i:(wan)(na)|(more)('n)|('t)(is)|('t)(was))\Z")


def tokens(text: str) -> list[str]:
    r"""Part a text into tokens.

    >>> tokens("I can't say \"no\", Dr. Hill: it's 3,000.")
    ['I', 'ca', "n't", 'say', '``', 'no', "''", ',', 'Dr.', 'Hill', ':', 'it', "'s", '3,000', '.']
    """
    return [token for sentence in sentences(text) for token in _sentence_tokens(sentence)]


def word_tokens(text: str) -> list[str]:
    """Tokens that hold a letter or a digit."""
    return [token for token in tokens(text) if any(map(str.isalnum, token))]


def _sentence_tokens(sentence: str) -> Iterator[str]:
    body = sentence.rstrip().rstrip(_CLOSERS)
    last = len(body) - 1
    if last > 0 and body[last] == "." and body[last - 1] != "." and not _OPENING_QUOTE.search(sentence, last):
        yield from _pieces(sentence, 0, last)
        yield "."
        yield from _pieces(sentence, last + 1, len(sentence))
    else:
        yield from _pieces(sentence, 0, len(sentence))


def _pieces(sentence: str, start: int, end: int) -> Iterator[str]:
    for match in _PIECE.finditer(sentence, start, end):
        piece, at = match.group(), match.start()
        if piece in ('"', "''"):
            first = (at == 0 and piece == '"') or (at == 1 and sentence[0] == '"')
            yield "``" if first or sentence[at - 1 : at] in _OPENS_BEFORE else "''"
        elif piece[0].isalnum() or len(piece) > 1:
            yield from _parted(piece)
        else:
            yield piece


def _parted(word: str) -> Iterator[str]:
    """Part the end of a contraction from its word."""
    endings: list[str] = []
    for pattern in (_QUOTE, _SHORT_FORM, _LONG_FORM):
        if ending := pattern.search(word):
            endings.insert(0, ending.group())
            word = word[: ending.start()]
    while fused := _FUSED.search(word) or _FUSED_WHOLE.match(word):
        first, second = filter(None, fused.groups())
        yield from filter(None, (word[: fused.start()], first, second))
        word = word[fused.end() :]
    if word:
        yield word
    yield from endings
