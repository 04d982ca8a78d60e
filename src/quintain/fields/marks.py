"""Marks of an annotation for what a type alone cannot say."""

import dataclasses
from collections.abc import Mapping
from typing import Any


@dataclasses.dataclass(frozen=True)
class PartOf:
    """Mark of a mapping that names some fields of a type: `Annotated[dict[str, Any], PartOf(Sampling)]`."""

    whole: type


@dataclasses.dataclass(frozen=True, eq=False)
class Tagged:
    """Mark of a mapping whose value under one key says which type the others have."""

    key: str
    """The key."""
    kinds: Mapping[str, Any]
    """Its values → type of the rest."""
    also: tuple[str, ...] = ()
    """Names that are allowed beside every type, and that nobody reads."""


@dataclasses.dataclass(frozen=True)
class Names:
    """Mark of a text that must be a known name, alone or before a slash."""

    known: tuple[str, ...]
