"""Checks against the target that an item carries; the authors' reading, the same in English and Chinese.

Every pattern here takes time linear in the response, also on input made to be slow.
"""

import ast
import functools
import re

_OPTION = re.compile(r"\([A-Z]\)")
_DATE = re.compile(r"\d{2}/\d{2}/\d{4}")
_BLANK = "{answer}"


def is_target(response: str, target: str) -> bool:
    """Equal, byte for byte."""
    return response == target


def is_listed(response: str, target: str) -> bool:
    """One of the names that the target lists."""
    return response in _names(target)


def has_only_target_lines(response: str, target: str) -> bool:
    """Every line is one of the target's lines; how many there are does not matter."""
    return set(response.split("\n")) <= _lines(target)


def contains_target(response: str, target: str) -> bool:
    """The target stands somewhere in the response."""
    return target in response


def ends_on_option(response: str, target: str) -> bool:
    """The last option letter, such as `(B)`, is the target."""
    return _OPTION.findall(response)[-1:] == [target]


def ends_on_date(response: str, target: str) -> bool:
    """The last date, such as 12/25/1937, is the target."""
    return _DATE.findall(response)[-1:] == [target]


def fills_wrapper(response: str, target: str) -> bool:
    """The wrapper stands exactly around an answer of at most one line; what the answer says does not matter."""
    answer = unwrap(response, target)
    return answer is not None and "\n" not in answer


def unwrap(response: str, target: str) -> str | None:
    """Take the answer out of its wrapper, None when the wrapper is not exactly there."""
    before, after = wrapper(target)
    if len(response) < len(before) + len(after) or not (response.startswith(before) and response.endswith(after)):
        return None
    return response[len(before) : len(response) - len(after)]


@functools.cache
def wrapper(target: str) -> tuple[str, str]:
    r"""Split the wrapper of an example item at its answer.

    Args:
        target: The wrapper as the files write it, braces doubled.

    Returns:
        What stands before the answer and what after it.

    >>> wrapper("{instruction}\n{{'bot': '{answer}'}}")
    ("{'bot': '", "'}")

    Raises:
        ValueError: The wrapper does not hold the answer exactly once.
    """
    text = target.replace("{instruction}\n", "").replace("{{", "{").replace("}}", "}")
    if text.count(_BLANK) != 1:
        raise ValueError(f"a wrapper must hold {_BLANK} exactly once, this one does not: {target!r}")
    before, _, after = text.partition(_BLANK)
    return before, after


@functools.cache
def _names(target: str) -> frozenset[str]:
    return frozenset(ast.literal_eval(target))


@functools.cache
def _lines(target: str) -> frozenset[str]:
    return frozenset(target.split("\n"))
