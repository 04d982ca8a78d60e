"""Words for types of settings: their names, ranges and values, and the nearest right name."""

import types
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from msgspec import Meta

SCALARS = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "text",
    type(None): "null",
}
"""Builtin → its name for a user."""
_LONGEST_SHOWN = 60


def unknown(name: str, known: Iterable[str]) -> str:
    """Say that a name does not exist, with the nearest ones that do."""
    known = list(known)
    close = get_close_matches(name, known, n=3)
    hint = f"did you mean {', '.join(close)}?" if close else f"there are {', '.join(known) or 'none'}"
    return f"there is no {name!r}; {hint}"


def describe(kind: Any) -> str:
    """Name a type for a user, such as `a whole number in [0, 1]`."""
    origin = get_origin(kind)
    if origin is Annotated:
        inner, *marks = get_args(kind)
        ranges = [
            text.replace("positive", "above 0") for mark in marks if isinstance(mark, Meta) and (text := range_of(mark))
        ]
        return " ".join((describe(inner), *ranges))
    if origin in (Union, types.UnionType):
        return " or ".join(describe(each) for each in get_args(kind))
    if origin is Literal:
        return ", ".join(map(str, get_args(kind)))
    if kind in SCALARS:
        return SCALARS[kind]
    if isinstance(origin or kind, type) and issubclass(origin or kind, list | tuple | Sequence):
        return "a list"
    return "a mapping" if isinstance(origin or kind, type) else str(kind)


def range_of(mark: Meta) -> str:
    """Name a range, such as `in [0, 1]`; empty where a mark sets none."""
    low = mark.ge if mark.ge is not None else mark.gt
    high = mark.le if mark.le is not None else mark.lt
    if mark.min_length is not None:
        return "of one item at least" if mark.min_length == 1 else f"of {mark.min_length} items at least"
    if low is not None and high is not None:
        return f"in {'[' if mark.ge is not None else '('}{low}, {high}{']' if mark.le is not None else ')'}"
    if low is not None:
        return f"at least {low}" if mark.ge is not None else "positive" if low == 0 else f"above {low}"
    return "" if high is None else f"at most {high}" if mark.le is not None else f"below {high}"


def shown(value: Any) -> str:
    """A value as YAML would have it, cut where it is long."""
    text = "null" if value is None else repr(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
