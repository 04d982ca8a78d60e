"""Settings of bootstrap intervals."""

from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

from quintain.fields import Count, Seed, check


@dataclass(frozen=True, kw_only=True)
class Resampling:
    """Number of replicates, confidence and seed of bootstrap intervals.

    Raises:
        ValueError: A value is out of range.
    """

    replicates: Count = 2000
    """How often what belongs together (the levels of a group, the probes of an edit) is drawn anew."""
    confidence: Annotated[float, Meta(gt=0, lt=1)] = 0.95
    """Share of the replicates that an interval holds, in (0, 1)."""
    seed: Seed = 0
    """Seed of the draws."""

    def __post_init__(self) -> None:
        check(self)
