"""Markup that costs a parser minutes: tags with thousands of attributes, elements nested thousands deep.

Parsers compare each attribute of a tag with all others and walk each element up to the root, so the time grows with
the square: 1.9 MB in one tag cost trafilatura 95 s and resiliparse 88 s, 20,000 nested elements cost resiliparse 4 s.
Both are found in one pass over the characters, before anything is parsed.
"""

import re

MAX_ATTRIBUTES = 1000
"""Most attributes of a tag; the 101 real pages of the tests stay below 700."""
MAX_OPEN_ELEMENTS = 10_000
"""Most elements open at once; browsers stop at 512."""

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
