"""Preference data: two responses to one prompt, as text and as tokens."""

from dataclasses import dataclass, field
from typing import Literal

from quintain.records.messages import Message
from quintain.records.record import UNHASHED_WHEN_EMPTY, Record

ChosenSource = Literal["original", "bridged", "refined"]


@dataclass(frozen=True, kw_only=True)
class PreferencePair(Record):
    """Two responses to one prompt, the first better than the second."""

    prompt: str
    """The whole user turn."""
    chosen: str
    """The better response."""
    rejected: str
    """The worse one."""
    chosen_source: ChosenSource = "original"
    """How the better one was made: `original` as the dataset has it, `bridged` by correcting the worse one in few
    places (BMC), `refined` by improving it with a web page at hand (WebR)."""
    context: tuple[Message, ...] = field(default=(), metadata=UNHASHED_WHEN_EMPTY)
    """Turns before the user turn, a system turn first; empty where the chat begins with it."""


@dataclass(frozen=True, kw_only=True)
class TokenizedPair(Record):
    """A preference pair as a student sees it: token ids, and which of them the correction changed."""

    pair_id: str
    """Id of the PreferencePair."""
    prompt_ids: tuple[int, ...]
    """Tokens of the prompt, up to where the response begins."""
    chosen_ids: tuple[int, ...]
    """Tokens of the better response, its end included."""
    rejected_ids: tuple[int, ...]
    """Tokens of the worse response, its end included."""
    chosen_modified: tuple[int, ...]
    """1 where a token of the better response was changed, else 0."""
    rejected_modified: tuple[int, ...]
    """1 where a token of the worse response was changed, else 0."""
    edit_distance: float
    """Levenshtein distance of the two responses over the length of the longer one, in [0, 1]."""
    original_distance: float
    """The same between the worse response and the better one as it was before bridging."""
