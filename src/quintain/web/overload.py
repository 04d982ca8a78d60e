"""Markup that costs a parser minutes: tags with thousands of attributes, elements nested thousands deep.

Parsers compare each attribute of a tag with all others and walk each element up to the root, so the time grows with
the square: 1.9 MB in one tag cost trafilatura 95 s and resiliparse 88 s, 20,000 nested elements cost resiliparse 4 s.
Both are found in one pass over the characters, before anything is parsed: `overload`. That pass takes a third of the
time in which resiliparse reads a page, so the bulk profile makes it only where samples give reason to: `is_suspect`.
"""

import re

from quintain.limits import PAGE_ATTRIBUTES, PAGE_OPEN_ELEMENTS

MAX_ATTRIBUTES = PAGE_ATTRIBUTES
MAX_OPEN_ELEMENTS = PAGE_OPEN_ELEMENTS

_BLOCK_CHARACTERS = 20_000
"""A tag that costs a parser seconds is longer than two of these."""
_WINDOW_CHARACTERS = 1000
"""Of each block, what is looked at for tags."""

_SPACE = r" \t\n\r\f"
_ATTRIBUTE = (
    rf"""[{_SPACE}/]*+[^{_SPACE}/>][^{_SPACE}/>=]*+"""
    rf"""(?:="[^"]*+"|[{_SPACE}]*+=[{_SPACE}]*+(?:"[^"]*+"|'[^']*+'|[^{_SPACE}>"'][^{_SPACE}>]*+))?+"""
)
_NAME = rf"[a-zA-Z][^{_SPACE}/>]*+"
# How nearly all tags are written; read as `_ATTRIBUTE` reads them, a quarter faster.
_PLAIN_TAG_END = rf"""(?: [a-zA-Z-]++="[^"]*+"){{0,{MAX_ATTRIBUTES}}}+[{_SPACE}/]*+>"""
# Every quantifier is possessive: a tag is read twice at most, so the time is linear for any input.
_WITHIN_LIMIT = re.compile(
    rf"(?:[^<]*+<(?:(?![a-zA-Z])|{_NAME}(?:{_PLAIN_TAG_END}|(?:{_ATTRIBUTE}){{0,{MAX_ATTRIBUTES}}}+(?!{_ATTRIBUTE}))))*+"
    r"[^<]*+"
)
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
# Elements without content, and elements that never stand in one of their own kind without another between.
_NOT_COUNTED = frozenset(
    "area base body br col colgroup dd dt embed head hr html img input li link meta p param rp rt source tbody td "
    "tfoot th thead tr track wbr".split()
)


def overload(markup: str) -> str:
    """Say what in a page would cost a parser minutes; '' for a page that can be parsed.

    >>> overload("<b><p " + " ".join(f"a{n}" for n in range(1001)) + ">")
    'the tag at character 3 has more than 1,000 attributes'
    """
    within = _WITHIN_LIMIT.match(markup)
    if within and within.end() < len(markup):
        return f"the tag at character {within.end():,} has more than {MAX_ATTRIBUTES:,} attributes"
    # An element needs a tag, and few pages have so many that it is worth while to follow them.
    if markup.count("<") > MAX_OPEN_ELEMENTS and most_open_elements(markup) > MAX_OPEN_ELEMENTS:
        return f"more than {MAX_OPEN_ELEMENTS:,} elements are open at once"
    return ""


def is_suspect(markup: str) -> bool:
    """Say whether a page might be one that `overload` refuses, from samples alone.

    A tag is found that fills a block of characters without any `<`, and so are more open elements than the limit. A tag
    whose thousands of attributes hold a `<` here and there is not; nobody writes such a page but to stall a parser, and
    a shard that stalls is named by the engines.

    >>> is_suspect("<p " + " ".join(f"attribute{n}" for n in range(5000)) + ">"), is_suspect("<p>A long text. " * 5000)
    (True, False)
    """
    for start in range(0, len(markup) - _BLOCK_CHARACTERS, _BLOCK_CHARACTERS):
        if markup.find("<", start, start + _BLOCK_CHARACTERS) < 0 and _lies_in_a_tag(markup, start):
            return True
    sampled = sum(
        markup.count("<", start, start + _WINDOW_CHARACTERS) for start in range(0, len(markup), _BLOCK_CHARACTERS)
    )
    # Half the limit leaves room for a page whose samples fall between its tags.
    expected = sampled * _BLOCK_CHARACTERS // _WINDOW_CHARACTERS
    return expected > MAX_OPEN_ELEMENTS // 2 and markup.count("<") > MAX_OPEN_ELEMENTS


def _lies_in_a_tag(markup: str, place: int) -> bool:
    """True when a place may be inside a tag: scripts and long texts come after the end of one."""
    opened = markup.rfind("<", 0, place)
    return opened >= 0 and markup[opened + 1].isalpha() and markup.find(">", opened, place) < 0


def most_open_elements(markup: str) -> int:
    """Count the elements that are open at the deepest place of a page, at most.

    Only an end tag of the last open element closes it: others may stand there to hide the depth.

    >>> most_open_elements("<div><b>one</b><i>two</div><i>three")
    3
    """
    open_elements: list[str] = []
    most = 0
    for closing, name in _TAG.findall(markup):
        name = name.lower()
        if closing:
            if open_elements and open_elements[-1] == name:
                open_elements.pop()
        elif name not in _NOT_COUNTED:
            open_elements.append(name)
            most = max(most, len(open_elements))
    return most
