"""Closing marks inside foreign text: escaped in every spelling that a model may take for one.

A prompt puts foreign text between `<page>` and `</page>`. Text that closes the mark itself would go on as if the prompt
spoke, so a backslash goes behind the `<` of whatever reads as a closing mark; no other character changes.
"""

import functools
import html
import re
import unicodedata
from collections.abc import Collection, Iterator
from typing import Any

_LESS_THAN = "<‹«❮❬❰˂ᐸᚲ⟨⟪〈《≺⋖⧼≪≮\u2329\U0001d236＜﹤\U000e003c"
_SLASHES = "/⁄∕⟋⧸╱〳㇓丿ノ᜵Ⳇ\u0337\u0338\u20e5\u20eb\U000e002f"
_HYPHENS = "-‐‑‒–—―−﹣－⁃˗➖ー一"
_FILLERS = "\u115f\u1160\u2800\u3164\uffa0"
"""Characters that show nothing although Unicode calls them letters or symbols."""
# Letters of other scripts, and signs, that are drawn like a letter or digit of a mark; small ones stand for both cases.
_DRAWN_LIKE = {
    "a": "аαɑ⍺ꭺᎪᗅꓮⲁ", "b": "ьвβƅᏼᏴᏏᖯᗷꓐⲃ", "c": "сϲᏟꓚⲥς", "d": "ԁᏧᑯꓓᗞᎠ", "e": "еєεɛ℮ҽᎬꓰⲉ", "f": "ϝքꓝᖴꞙẝſ",
    "g": "ɡցƍᏀᏳꓖԍ", "h": "һհнηᏂᎻᕼꓧⲏ", "i": "іıιɩᎥӏ⍳ꙇl1|ⲓ", "j": "јϳᎫꓙ", "k": "кκᏦꓗⲕ", "l": "ӏ׀∣Ꮮꓡi1|ⳑ", "m": "мμᎷꓟⲙ",
    "n": "ոռпηνиꓠⲛ", "o": "оοօσꓳⲟഠס〇0ⵔ", "p": "рρ⍴ᏢꓑⲣƿᑭÞþ", "q": "ԛգզⵕ", "r": "гᴦꭇꭈᎡᏒꓣⲅᖇ", "s": "ѕƽᏚꓢՏ", "t": "тτᎢꓔⲧ⊤",
    "u": "υսʋꓴ∪Ս", "v": "νѵ∨⋁Ꮩꓦ", "w": "ѡԝաɯωшᎳᏔꓪ", "x": "хχ×ᕁ⨯ꓫⲭ᙭", "y": "уγүყɣᎽꓬⲩυ", "z": "ζᏃꓜⲍ",
    "0": "oоοօ〇", "1": "liıіӏ|∣", "2": "ƻᒿꙄ", "3": "зӡεɜꝪ", "/": _SLASHES, "-": _HYPHENS,
}  # fmt: skip
_KNOWN = frozenset("".join(_DRAWN_LIKE.values()))
# Small capitals, hooks and strokes, letters in circles and squares: Latin by name, though not by decomposition.
_LATIN = re.compile(r"(?:LATIN|INDICATOR)\b.* LETTER (?:SMALL CAPITAL |SCRIPT |DOTLESS )?([A-Z])(?: WITH .*)?$")
_UNSEEN = {"Cc", "Cf", "Cs", "Mn", "Me", "Zs", "Zl", "Zp"}
_CLOSING = re.compile(r"</([A-Za-z][A-Za-z0-9_-]*)>")
_OPENING = re.compile(f"[&{_LESS_THAN}]")
_ENTITY = re.compile(
    r"&(?:(?:amp|#0*38|#x0*26);?)*(#0*[0-9]{1,7};?|#x0*[0-9a-f]{1,6};?|[a-z][a-z0-9]{1,31};|lt)", re.IGNORECASE
)


def closing_marks(template: str) -> frozenset[str]:
    """Names of the marks that a prompt's wording closes.

    >>> sorted(closing_marks("<page>{{ page }}</page>"))
    ['page']
    """
    return frozenset(_CLOSING.findall(template))


def escape_marks(value: Any, marks: Collection[str]) -> Any:
    r"""Escape closing marks in all text of a value.

    Args:
        value: A string, or lists, tuples and dicts of them; anything else stays as it is.
        marks: Names of the marks.

    Returns:
        The value, equal to the given one where nothing in it reads as a closing mark.

    >>> escape_marks("a </Page > b", {"page"})
    'a <\\/Page > b'
    """
    if not marks:
        return value
    if isinstance(value, str):
        return _escape(value, marks)
    if isinstance(value, list | tuple):
        return type(value)([escape_marks(each, marks) for each in value])
    if isinstance(value, dict):
        return {name: escape_marks(each, marks) for name, each in value.items()}
    return value


def _escape(text: str, marks: Collection[str]) -> str:
    pieces, done = [], 0
    for found in _OPENING.finditer(text):
        _, end = _unit(text, found.start())
        if end > done and any(_closes(text, found.start(), mark) for mark in marks):
            pieces += [text[done:end], "\\"]
            done = end
    return "".join([*pieces, text[done:]]) if pieces else text


def _closes(text: str, at: int, mark: str) -> bool:
    """True when a closing mark begins here; blanks and what cannot be seen may stand between its characters."""
    signs = _signs(text, at)
    first = next(signs, "")
    if not first or first not in _LESS_THAN:
        return False
    wanted, place = f"/{mark.lower()}", 0
    for sign in signs:
        if place == len(wanted):
            if _is_unseen(sign) and not sign.isspace():
                continue
            # `</pages>` is another mark; whatever else follows, an attribute or a line's end, closes this one.
            return not (sign.isalnum() or sign in _HYPHENS or sign == "_")
        if sign == wanted[place] or sign in _DRAWN_LIKE.get(wanted[place], ""):
            place += 1
        elif not (_is_unseen(sign) or (place == 1 and sign in _SLASHES)):
            return False
    return place == len(wanted)


def _signs(text: str, at: int) -> Iterator[str]:
    """Characters as they look, one by one: entities resolved, without width, case and accents."""
    while at < len(text):
        unit, at = _unit(text, at)
        for character in unit:
            yield from _looks(character)


def _unit(text: str, at: int) -> tuple[str, int]:
    """Unit at a position, a character or the entity of one, and where it ends."""
    if text[at] == "&" and (entity := _ENTITY.match(text, at)):
        meant = html.unescape(f"&{entity[1]}")
        if not meant.startswith("&"):
            return meant, entity.end()
    return text[at], at + 1


@functools.lru_cache(8192)
def _looks(character: str) -> str:
    if character in _KNOWN:
        return character
    if 0xE0020 <= ord(character) <= 0xE007E:  # tags: ASCII that is not shown and yet read
        return chr(ord(character) - 0xE0000).lower()
    if latin := _LATIN.search(unicodedata.name(character, "")):
        return latin[1].lower()
    return unicodedata.normalize("NFKD", character).casefold()


def _is_unseen(sign: str) -> bool:
    return unicodedata.category(sign) in _UNSEEN or sign in _FILLERS
