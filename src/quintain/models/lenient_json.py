"""JSON as servers in Python and JavaScript write it: with NaN, halves of pairs, numbers of any length."""

import json
from typing import Any

import msgspec

_LONGEST_INTEGER = 40
_BOM = b"\xef\xbb\xbf"
_BLANKS = b" \t\r\n"
_DECODER = msgspec.json.Decoder()


def read_json(body: bytes) -> Any:
    """Read JSON strictly, and else leniently: words are worth more than a number beside them that is none.

    Args:
        body: UTF-8, with or without a mark of byte order.

    Returns:
        The value.

    Raises:
        UnicodeDecodeError: It is not UTF-8.
        ValueError: It is no JSON.
        RecursionError: It is nested too deeply.
    """
    body = without_mark(body)
    try:
        return _DECODER.decode(body)
    except UnicodeDecodeError:
        raise
    except msgspec.DecodeError as strict:
        text = body.decode()
        try:
            return json.loads(text, parse_int=_integer)
        except ValueError:
            raise strict from None


def without_mark(body: bytes) -> bytes:
    """A body without the mark of byte order at its beginning, blanks before it included."""
    bare = body.lstrip(_BLANKS)
    return bare.removeprefix(_BOM) if bare.startswith(_BOM) else body


def _integer(digits: str) -> float:
    return int(digits) if len(digits) <= _LONGEST_INTEGER else float("inf")
