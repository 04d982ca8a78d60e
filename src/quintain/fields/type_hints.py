"""The fields of a type: what each allows, and which need a value."""

import dataclasses
import functools
from typing import Any, get_type_hints, is_typeddict

import msgspec


@functools.cache
def hints(kind: Any) -> dict[str, Any]:
    """Types of the fields of a dataclass, Struct or TypedDict, with their ranges."""
    found = get_type_hints(kind, include_extras=True)
    if dataclasses.is_dataclass(kind):
        return {field.name: found[field.name] for field in dataclasses.fields(kind) if field.init}
    if issubclass(kind, msgspec.Struct):
        return {name: found[name] for name in kind.__struct_fields__}
    return found


def required(kind: Any) -> frozenset[str]:
    """Fields of a dataclass, Struct or TypedDict that have no default."""
    if is_typeddict(kind):
        return frozenset(kind.__required_keys__)
    if dataclasses.is_dataclass(kind):
        missing = dataclasses.MISSING
        return frozenset(
            field.name
            for field in dataclasses.fields(kind)
            if field.init and field.default is missing and field.default_factory is missing
        )
    return frozenset(field.name for field in msgspec.structs.fields(kind) if field.required)
