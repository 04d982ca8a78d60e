"""The funnel: how many came in, how many went on, and why the others did not."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TypedDict

from quintain.records import Dropped

PAGE_STAGES = ("read", "main-text", "quality", "licence", "personal-data", "duplicates")
"""Where a page can be dropped, in order."""


class StageCount(TypedDict):
    """One stage of a funnel."""

    entered: int
    """How many reached the stage."""
    passed: int
    """How many went on."""
    dropped: dict[str, int]
    """How many stayed behind, by reason."""


def funnel(kept: int, dropped: Iterable[Dropped], stages: Sequence[str]) -> dict[str, StageCount]:
    """Count what happened at each stage.

    Args:
        kept: How many passed all stages.
        dropped: Everything that was dropped on the way.
        stages: Names of the stages, in order.

    Returns:
        One count per stage, in order; each stage is entered by what the one before let pass.

    Raises:
        ValueError: Something was dropped at a stage that is not in the list.

    >>> funnel(1, [Dropped(stage="quality", reason="few-words", where="a")], ["read", "quality"])["quality"]
    {'entered': 2, 'passed': 1, 'dropped': {'few-words': 1}}
    """
    reasons: dict[str, Counter[str]] = {stage: Counter() for stage in stages}
    for drop in dropped:
        if drop.stage not in reasons:
            raise ValueError(f"{drop.where} was dropped at {drop.stage!r}, which is none of {', '.join(stages)}")
        reasons[drop.stage][drop.reason] += 1
    counts: dict[str, StageCount] = {}
    passed = kept
    for stage in reversed(stages):
        entered = passed + reasons[stage].total()
        counts[stage] = {"entered": entered, "passed": passed, "dropped": dict(sorted(reasons[stage].items()))}
        passed = entered
    return dict(reversed(counts.items()))
