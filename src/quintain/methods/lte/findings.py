"""Records of an edit memory's answers about its edits."""

from dataclasses import dataclass
from typing import NamedTuple

from quintain.methods.lte.edits import Edit
from quintain.methods.lte.gate import SlotMatch


class Hit(NamedTuple):  # made three times per question, and three times as quickly as a frozen dataclass
    """An edit that a question found."""

    edit: Edit
    """The edit."""
    score: float
    """Likeness of question and edit: the cosine of its nearest key, in [-1, 1]; a BM25 score or a sum of reciprocal
    ranks where the memory retrieves so."""
    passed: bool
    """Whether the slot gate lets it reach the model."""
    id: str = ""
    """Its id in the memory."""
    match: SlotMatch | None = None
    """What the gate saw."""
    overrides: tuple[str, ...] = ()
    """Ids of older edits of the same slot with another target, which this one keeps from the model."""


@dataclass(frozen=True)
class Kept:
    """An edit in force and where it comes from."""

    id: str
    """Id in the memory."""
    edit: Edit
    """The edit."""
    at: float
    """Since when, in seconds since 1970 (UTC)."""
    author: str
    """Who set it."""
    source: str
    """Where the fact stands."""
    edit_set: str
    """Name of its set."""


@dataclass(frozen=True)
class Conflict:
    """Edits in force that set one slot to different targets."""

    slot: str
    """Subject and relation."""
    ids: tuple[str, ...]
    """Their ids, oldest first; the last one is used."""
    targets: tuple[str, ...]
    """Their targets in that order."""


@dataclass(frozen=True)
class Verification:
    """Result of `verify` on a memory whose log is whole."""

    edits: int
    """Edits in force."""
    events: int
    """Acts in the log, every one checked against the chain of hashes."""
    keys: int
    """Vectors in the index, every one checked against its checksum."""
    repairs: tuple[str, ...]
    """What was made again since the memory was opened, and why."""
    conflicts: tuple[Conflict, ...]
    """Slots with more than one target in force."""
