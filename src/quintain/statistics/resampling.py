"""Settings of bootstrap intervals."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Resampling:
    """Number of replicates, confidence and seed of bootstrap intervals.

    Raises:
        ValueError: A value is out of range.
    """

    replicates: int = 2000
    """How often what belongs together (the levels of a group, the probes of an edit) is drawn anew."""
    confidence: float = 0.95
    """Share of the replicates that an interval holds, in (0, 1)."""
    seed: int = 0
    """Seed of the draws."""

    def __post_init__(self) -> None:
        if self.replicates < 1:
            raise ValueError(f"replicates must be at least 1, got {self.replicates}")
        if not 0 < self.confidence < 1:
            raise ValueError(f"confidence must be in (0, 1), got {self.confidence}")
