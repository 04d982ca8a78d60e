"""Shape of a JSON text, found in one pass over its bytes before anything is built of it."""

import re

_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)', re.DOTALL)
_BRACKETS = b"[]{}"
_NOT_BRACKETS = bytes(code for code in range(256) if code not in _BRACKETS)


def excess(text: bytes, *, nesting: int, values: int) -> str:
    """Find the limit that a text exceeds.

    Args:
        text: The text; it need be no JSON.
        nesting: Deepest allowed list or object.
        values: Most values.

    Returns:
        `values`, `nesting`, or nothing.

    >>> excess(b'{"a": [1, 2], "b": "[[[[["}', nesting=2, values=9)
    ''
    >>> excess(b"[[[1]]]", nesting=2, values=9)
    'nesting'
    """
    bare = _STRING.sub(b"", text)
    brackets = bare.translate(None, _NOT_BRACKETS)
    if bare.count(b",") + len(brackets) // 2 + 1 > values:
        return "values"
    depth = 0
    for bracket in brackets:
        depth += 1 if bracket in b"[{" else -1
        if depth > nesting:
            return "nesting"
    return ""
