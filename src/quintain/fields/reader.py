"""The reader of settings: finds everything in a value that its type does not allow."""

import dataclasses
import math
import types
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Annotated, Any, Literal, NamedTuple, NotRequired, Required, Union, get_args, get_origin, is_typeddict

import msgspec
from msgspec import Meta

from quintain.field_words import SCALARS, describe, range_of, shown, unknown
from quintain.fields.marks import Names, PartOf, Tagged
from quintain.fields.type_hints import hints, required

Path = tuple[str, ...]
"""Keys from the outermost one; items of a list by their position, counted from 1."""
_LARGEST = 2**63


class Fault(NamedTuple):
    """A value that its type does not allow, or a name that it does not know."""

    path: Path
    """Where."""
    problem: str
    """What is wrong, to be read after the name: `must be at least 1, got 0`."""


def check(settings: Any) -> None:
    """Compare the values of a dataclass with the annotations of its fields.

    Args:
        settings: The dataclass; its `__post_init__` calls this.

    Raises:
        ValueError: A value has another type, is out of range or is not finite.
    """
    for name, kind in hints(type(settings)).items():  # type: ignore[arg-type]  # a class can be hashed
        for fault in faults(kind, getattr(settings, name), (name,)):
            raise ValueError(f"{'.'.join(fault.path)} {fault.problem}")


def faults(kind: Any, value: Any, path: Path = ()) -> Iterator[Fault]:
    """Find everything in a value of plain Python that a type does not allow.

    Args:
        kind: The type: a dataclass, Struct or TypedDict; a builtin, Literal or union; each also inside of Annotated
            with msgspec's Meta or a mark (`PartOf`, `Tagged`, `Names`).
        value: The value, as YAML or the command line gives it.
        path: Where it stands.

    Yields:
        Every fault, in the order of the fields.
    """
    origin = get_origin(kind)
    if kind is Any or kind is object:
        yield from not_finite(value, path)
    elif origin is Annotated:
        yield from _annotated(*get_args(kind), value=value, path=path)
    elif origin in (Required, NotRequired):
        yield from faults(get_args(kind)[0], value, path)
    elif origin in (Union, types.UnionType):
        yield from _one_of(get_args(kind), value, path)
    elif origin is Literal:
        yield from _literal(get_args(kind), value, path)
    elif _is_record(kind):
        if not isinstance(value, kind):
            yield from _record(kind, value, path)
    elif is_typeddict(kind):
        yield from _named(hints(kind), value, path, needed=required(kind))
    elif (origin or kind) in (dict, Mapping):
        yield from _mapping(get_args(kind) or (Any, Any), value, path)
    elif isinstance(origin or kind, type) and issubclass(origin or kind, list | tuple | Sequence) and kind is not str:
        yield from _items(next(iter(get_args(kind)), Any), value, path)
    else:
        yield from _scalar(kind, value, path)


def not_finite(value: Any, path: Path = ()) -> Iterator[Fault]:
    """Find NaN and infinity at any depth."""
    if isinstance(value, float) and not math.isfinite(value):
        yield Fault(path, f"must be a finite number, got {value}")
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from not_finite(inner, (*path, str(key)))
    elif isinstance(value, list | tuple):
        for number, inner in enumerate(value, start=1):
            yield from not_finite(inner, (*path, str(number)))


def _annotated(inner: Any, *marks: Any, value: Any, path: Path) -> Iterator[Fault]:
    for mark in marks:
        if isinstance(mark, PartOf):
            yield from _named(hints(mark.whole), value, path)
            return
        if isinstance(mark, Tagged) and value is not None:
            yield from _tagged(mark, value, path)
            return
        if isinstance(mark, Names) and isinstance(value, str) and value.partition("/")[0] not in mark.known:
            yield Fault(path, unknown(value.partition("/")[0], mark.known))
            return
    found = list(faults(inner, value, path))
    yield from found
    for mark in marks:
        if isinstance(mark, Meta) and not found and not _within(mark, value):
            yield Fault(path, f"must be {range_of(mark)}, got {shown(value)}")


def _within(mark: Meta, value: Any) -> bool:
    if mark.min_length is not None and len(value) < mark.min_length:
        return False
    return (
        (mark.ge is None or value >= mark.ge)
        and (mark.gt is None or value > mark.gt)
        and (mark.le is None or value <= mark.le)
        and (mark.lt is None or value < mark.lt)
    )


def _one_of(kinds: Sequence[Any], value: Any, path: Path) -> Iterator[Fault]:
    if value is None and type(None) in kinds:
        return
    real = [kind for kind in kinds if kind is not type(None)]
    found = [list(faults(kind, value, path)) for kind in real]
    if all(found):
        # What lies deeper, or breaks a range, says more than the names of all types.
        telling = [each for each in found if len(real) == 1 or any(fault.path != path for fault in each)]
        if telling and value is not None:
            yield from telling[0]
        else:
            yield Fault(path, f"must be {' or '.join(describe(kind) for kind in kinds)}, got {shown(value)}")


def _literal(allowed: Sequence[Any], value: Any, path: Path) -> Iterator[Fault]:
    if not any(type(value) is type(each) and value == each for each in allowed):
        close = get_close_matches(value, map(str, allowed), n=1) if isinstance(value, str) else []
        hint = f"; did you mean {close[0]}?" if close else ""
        yield Fault(path, f"must be one of {', '.join(map(str, allowed))}, got {shown(value)}{hint}")


def _is_record(kind: Any) -> bool:
    return isinstance(kind, type) and (dataclasses.is_dataclass(kind) or issubclass(kind, msgspec.Struct))


def _record(kind: Any, value: Any, path: Path) -> Iterator[Fault]:
    found = list(_named(hints(kind), value, path, needed=required(kind)))
    yield from found
    if not found:
        yield from _whole(kind, value, path)


def _whole(kind: Any, value: Mapping[str, Any], path: Path) -> Iterator[Fault]:
    """Rules that its fields break together: said by the type itself."""
    try:
        if dataclasses.is_dataclass(kind):
            kind(**value)  # type: ignore[operator]  # a class, not an instance
        else:
            msgspec.convert(value, kind)
    except (ValueError, TypeError) as error:  # msgspec's ValidationError is a ValueError
        yield blamed(str(error), hints(kind), path)


def blamed(said: str, known: Mapping[str, Any], path: Path) -> Fault:
    """Put a message at the field that its first word names.

    Args:
        said: The message of an error.
        known: Fields that may be named.
        path: Where the whole stands.

    Returns:
        A fault of that field, or of the whole where the first word is no field's name.
    """
    first, _, rest = said.partition(" ")
    whole = tuple(first.rstrip(":").split("."))
    if first in known:
        return Fault((*path, first), rest if rest.startswith(("must ", "needs ", "is ")) else said)
    if len(whole) > len(path) and whole[: len(path)] == path:
        return Fault(whole, rest)
    return Fault(path, said)


def _named(
    known: Mapping[str, Any], value: Any, path: Path, *, needed: frozenset[str] = frozenset()
) -> Iterator[Fault]:
    if not isinstance(value, Mapping):
        yield Fault(path, f"must map names to values ({', '.join(known)}), got {shown(value)}")
        return
    for key, inner in value.items():
        name = str(key)
        if name in known:
            yield from faults(known[name], inner, (*path, name))
        else:
            yield Fault((*path, name), unknown(name, known))
    for name in known:
        if name in needed and name not in value:
            yield Fault(path, f"lacks `{name}`, which has no default")


def _tagged(mark: Tagged, value: Any, path: Path) -> Iterator[Fault]:
    if not isinstance(value, Mapping):
        yield Fault(path, f"must map names to values, got {shown(value)}")
        return
    tag = value.get(mark.key)
    if not isinstance(tag, str) or tag not in mark.kinds:
        at = (*path, mark.key) if mark.key in value else path
        said = unknown(tag, mark.kinds) if isinstance(tag, str) else f"must be one of {', '.join(mark.kinds)}"
        yield Fault(at, said if mark.key in value else f"lacks `{mark.key}`: one of {', '.join(mark.kinds)}")
        return
    kind = mark.kinds[tag]
    passed = {mark.key, *mark.also} - hints(kind).keys()
    for name in passed & value.keys():
        elsewhere = (hints(other)[name] for other in mark.kinds.values() if name in hints(other))
        yield from faults(next(elsewhere, Any), value[name], (*path, name))
    rest = {name: inner for name, inner in value.items() if name not in passed}
    yield from _named(hints(kind), rest, path, needed=required(kind))


def _mapping(kinds: Sequence[Any], value: Any, path: Path) -> Iterator[Fault]:
    if not isinstance(value, Mapping):
        yield Fault(path, f"must map names to values, got {shown(value)}")
        return
    for key, inner in value.items():
        at = (*path, str(key))
        wrong = list(faults(kinds[0], key, at))
        yield from wrong
        if not wrong:
            yield from faults(kinds[1], inner, at)


def _items(kind: Any, value: Any, path: Path) -> Iterator[Fault]:
    if not isinstance(value, list | tuple):
        yield Fault(path, f"must be a list, got {shown(value)}")
        return
    for number, inner in enumerate(value, start=1):
        yield from faults(kind, inner, (*path, str(number)))


def _scalar(kind: Any, value: Any, path: Path) -> Iterator[Fault]:
    if kind is float and type(value) in (int, float):
        if isinstance(value, int) and not -_LARGEST <= value < _LARGEST:
            yield Fault(path, f"is too large: {shown(value)}")
        elif not math.isfinite(value):
            yield Fault(path, f"must be a finite number, got {value}")
    elif kind in SCALARS and type(value) is not kind:
        yield Fault(path, f"must be {SCALARS[kind]}, got {shown(value)}")
    elif kind is int and not -_LARGEST <= value < _LARGEST:
        yield Fault(path, f"is too large: {shown(value)}")
