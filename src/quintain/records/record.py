"""The base of all records: an id made from the content, and an origin.

The id is a hash of the content (all fields except `id` and `origin`), so equal content has equal identity on every
machine; the origin says where it came from.
"""

import dataclasses
import functools
import hashlib
import json
from dataclasses import dataclass, field

UNHASHED_WHEN_EMPTY = {"unhashed_when_empty": True}
"""Metadata of a field that came later: records without it keep the ids that they had before."""


def content_id(*parts: object) -> str:
    """Hash JSON-able parts to 16 hexadecimal digits, equal on every machine.

    >>> content_id("page", 1) == content_id("page", 1)
    True
    """
    text = json.dumps(parts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Provenance of a record, enough to make it again."""

    parents: tuple[str, ...] = ()
    """Ids of the records it was made from, nearest first."""
    prompt: str = ""
    """Prompt fingerprint, `name@hash`; empty when no model was asked."""
    model: str = ""
    """Identity of the model that wrote it, `backend:name@digest`."""
    seed: int | None = None
    """Seed of the random choices that shaped it."""
    knobs: dict[str, str] = field(default_factory=dict)
    """Sampled settings that shaped it, such as a length budget or a page section."""


@dataclass(frozen=True, kw_only=True)
class Record:
    """Base of all records: an id made from the content, and an origin."""

    id: str = ""
    """Hash of the content; filled in when empty."""
    origin: Origin = field(default_factory=Origin)
    """Where the record comes from; not part of its identity."""

    def __post_init__(self) -> None:
        if not self.id:
            content = {
                f.name: _plain(value)
                for f in dataclasses.fields(self)
                if f.name not in ("id", "origin")
                and ((value := getattr(self, f.name)) or f.metadata != UNHASHED_WHEN_EMPTY)
            }
            object.__setattr__(self, "id", content_id(type(self).__name__, content))

    @functools.cached_property
    def is_intact(self) -> bool:
        """True where the id is the hash of the content; False where one was changed without the other."""
        return dataclasses.replace(self, id="").id == self.id


def _plain(value: object) -> object:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value
