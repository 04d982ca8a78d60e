"""Extracted attributes, `name[The Mill], food[fast food]`, read instead of compared letter by letter."""

import functools
import re

_SEPARATORS = " \t\n,，、;；.。"
_COMMA = re.compile(r"[,，、]")
_SIGN = re.compile(r"[£$€](?=\s*\d)|\b(?:dollars|pounds|euros)\b")


def lists_same_attributes(response: str, target: str) -> bool:
    """Name the same attributes with the same values, whatever the case, the currency or the kind of comma.

    The released targets change their case from level to level and turn dollars into pounds; one of them lists a value
    too many, and passes with it or without.
    """
    found = _read(response)
    return found is not None and found in (_read(target), _target_attributes(target))


@functools.cache
def _target_attributes(target: str) -> dict[str, tuple[str, ...]] | None:
    attributes = _read(target)
    if attributes is None:
        return None
    subjects = len(next(iter(attributes.values()), ()))
    return {name: values[:subjects] for name, values in attributes.items()}


def _read(text: str) -> dict[str, tuple[str, ...]] | None:
    *pairs, rest = text.split("]")
    if not pairs or rest.strip(_SEPARATORS):
        return None
    attributes = {}
    for pair in pairs:
        name, bracket, values = pair.partition("[")
        if not bracket:
            return None
        attributes[_plain(name)] = tuple(_plain(value) for value in _COMMA.split(values))
    return attributes


def _plain(text: str) -> str:
    return " ".join(_SIGN.sub("", text.casefold()).strip(_SEPARATORS).split())
