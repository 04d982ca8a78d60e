"""Verdict: one condition of the gate, with its numbers."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Verdict:
    """One condition of the gate."""

    condition: str
    """Name of the condition."""
    passed: bool
    """Whether it holds."""
    reason: str
    """The numbers, for people."""
    decisive: bool = True
    """Whether failing it blocks; otherwise more items could turn it."""
    benchmark: str = ""
    """Benchmark that it is about; empty for conditions on the version."""
    advisory: bool = False
    """Whether it is reported only."""

    @property
    def mark(self) -> str:
        """`pass`, `FAIL`, or `note` for what fails and is advisory."""
        return "pass" if self.passed else "note" if self.advisory else "FAIL"
