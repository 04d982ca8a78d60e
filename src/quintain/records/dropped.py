"""Records that a filter took out."""

from dataclasses import dataclass

from quintain.records.record import Record

SHOWN_CHARACTERS = 2000
"""Length to which the text of something dropped is cut: enough to see why, little enough for a million of them."""


@dataclass(frozen=True, kw_only=True)
class Dropped(Record):
    """Something that a filter took out, kept so that a person can look."""

    stage: str
    """The filter that dropped it, such as `quality` or `near-duplicates`."""
    reason: str
    """One word for why, such as `too-short`; counted in the funnel."""
    where: str
    """Where it stood: a url, a file and offset, or a record id."""
    text: str = ""
    """The dropped text, shortened to its first `SHOWN_CHARACTERS`."""
