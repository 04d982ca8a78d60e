"""Drops of the preference pipeline, together and in words."""

from collections import Counter
from collections.abc import Sequence

from quintain.records import Dropped


def mostly(dropped: Sequence[Dropped], right: str) -> bool:
    """True when nothing to learn is good news: most of what was dropped needed no mending."""
    return bool(dropped) and 2 * sum(one.reason == right for one in dropped) > len(dropped)


def reasons_of(dropped: Sequence[Dropped]) -> str:
    """Name the reasons with their counts, the most frequent first."""
    return ", ".join(f"{count} {why}" for why, count in Counter(one.reason for one in dropped).most_common()) or "none"


def gather_dropped(*dropped: list[Dropped]) -> list[Dropped]:
    """Everything that was dropped, stage by stage."""
    return [each for some in dropped for each in some]
