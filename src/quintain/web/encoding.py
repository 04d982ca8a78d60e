"""Bytes to text: which character set a page is written in, and what to do when it lies."""

import codecs
import contextlib
import re

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_META = re.compile(rb"""<(?:meta|\?xml)[^>]{0,512}?(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]{1,40})""", re.IGNORECASE)
_META_WITHIN_BYTES = 4096
"""Where a declaration must stand; browsers look at 1,024 bytes, many pages put it a little later."""

# Browsers read the old labels as the larger set that pages really use (WHATWG Encoding Standard, section 4.2).
_LARGER = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
    "utf-16": "utf-16-le",
}
_OF_THE_WEB = re.compile(
    r"utf-8|utf-16-[bl]e|iso8859-\d+|cp12\d\d|cp866|cp874|cp932|cp949|koi8-[ru]|mac-(roman|cyrillic)|gb18030|"
    r"big5hkscs|euc_jp|iso2022_jp"
)
_LABEL_CHARACTERS = 40
_SEVEN_BIT = "iso2022_jp"
_OTHER_SCRIPTS = re.compile(r"cp125[1356]|koi8_[ru]|cp932|shift_jis|euc_(jp|kr)|gb.*|big5.*|cp949")

_HIGH_BYTES = bytes(range(0x80, 0x100))
_GUESSED_FROM_HIGH_BYTES = 64
"""Fewer are too few to tell one script from another."""
_BROKEN_SHARE = 0.1
"""Text of another character set breaks at most of its high bytes when read as UTF-8; damaged UTF-8 at few."""


def decode(html: bytes, charset: str = "") -> str:
    """Read the bytes of a page as text; never raises.

    A byte order mark decides first. Then UTF-8, whatever the page declares, when nearly all of it is valid: valid
    UTF-8 by accident is improbable, and pages that declare another set by mistake are common. Then the character set
    of the HTTP header, then of the page, each unless the bytes break in it. Undeclared bytes, and those that are
    declared UTF-8 and are none, are windows-1252 unless they look like another script.

    Args:
        html: Body of the page; any bytes.
        charset: Character set named by the HTTP header; empty when it names none.

    Returns:
        The text; bytes that fit nowhere became U+FFFD.

    >>> decode("<p>Größe</p>".encode("latin-1"))
    '<p>Größe</p>'
    """
    for mark, codec in _BYTE_ORDER_MARKS:
        if html.startswith(mark):
            return html[len(mark) :].decode(codec, "replace")
    if in_pairs := _in_pairs(html):
        return html.decode(in_pairs, "replace")
    # Pure UTF-8 is most of the web, and any escape sequence of the one 7-bit set begins with this byte.
    if b"\x1b" not in html:
        with contextlib.suppress(UnicodeDecodeError):
            return html.decode("utf-8")
    high_bytes = len(html) - len(html.translate(None, _HIGH_BYTES))
    named = [codec for codec in dict.fromkeys((_codec(charset), _declared(html))) if codec not in ("", "utf-8")]
    texts: dict[str, str] = {}
    for codec in named if named[:1] == [_SEVEN_BIT] else ["utf-8", *named]:
        texts[codec] = html.decode(codec, "replace")
        if texts[codec].count("\ufffd") <= _BROKEN_SHARE * high_bytes:
            return texts[codec]
    if named:
        # Whatever is named breaks: what breaks least is nearest.
        return min((texts[codec] for codec in named), key=lambda text: text.count("\ufffd"))
    return html.decode(_guess(html) if high_bytes >= _GUESSED_FROM_HIGH_BYTES else "cp1252", "replace")


def _in_pairs(html: bytes) -> str:
    """UTF-16 without a byte order mark shows itself by the zeros beside its first characters."""
    zeros = [byte == 0 for byte in html[:4]]
    if zeros == [False, True, False, True]:
        return "utf-16-le"
    return "utf-16-be" if zeros == [True, False, True, False] else ""


def _codec(label: str) -> str:
    """Python's name of a character set of the web; empty for an unknown label."""
    label = label.strip().strip("\"'")
    if len(label) > _LABEL_CHARACTERS:
        return ""
    name = _known(label) or _known(label.lower().removeprefix("x-"))
    name = _LARGER.get(name, name)
    return name if _OF_THE_WEB.fullmatch(name) else ""


def _known(label: str) -> str:
    try:
        return codecs.lookup(label).name
    except (LookupError, ValueError):
        return ""


def _declared(html: bytes) -> str:
    found = _META.search(html, 0, _META_WITHIN_BYTES)
    # A declaration that could be read byte by byte is not UTF-16, whatever it says.
    return _codec(found[1].decode("ascii")) if found and not found[1].lower().startswith(b"utf-16") else ""


def _guess(html: bytes) -> str:
    from trafilatura.utils import detect_encoding

    # Its guesses between the Latin sets are no better than chance; browsers take windows-1252 for all of them.
    guess = next(iter(detect_encoding(html)), "")
    return guess if _OTHER_SCRIPTS.fullmatch(guess) else "cp1252"
