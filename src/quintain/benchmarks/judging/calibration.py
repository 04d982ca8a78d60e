"""Calibration of a judge where the truth is known: its verdicts beside exact ones."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from quintain.benchmarks.judging.questions import Case
from quintain.fields import Natural, Share, check
from quintain.records import Judgement

_Z = 1.959964  # two-sided 95 %


@dataclass(frozen=True)
class Known:
    """A case of which the truth is known."""

    case: Case
    """What the judge is shown."""
    satisfied: tuple[bool, ...]
    """The exact verdict on each constraint."""
    apart: bool = True
    """False where the exact rule gives one verdict on the whole item and cannot tell its constraints apart."""


@dataclass(frozen=True, kw_only=True)
class Accuracy:
    """Counts of right verdicts; the unit is a constraint, or an item where a rule cannot tell constraints apart."""

    n_satisfied: int
    """Satisfied units that the judge gave a verdict on."""
    n_accepted: int
    """Those of them that it called satisfied."""
    n_broken: int
    """Broken units that the judge gave a verdict on."""
    n_refused: int
    """Those of them that it called not satisfied."""
    n_unread: int
    """Units without a verdict; in neither rate."""

    @property
    def sensitivity(self) -> float | None:
        """Share of satisfied units that the judge accepts, in [0, 1]; None without any."""
        return self.n_accepted / self.n_satisfied if self.n_satisfied else None

    @property
    def specificity(self) -> float | None:
        """Share of broken units that the judge refuses, in [0, 1]; None without any."""
        return self.n_refused / self.n_broken if self.n_broken else None

    def __add__(self, other: "Accuracy") -> "Accuracy":
        """Counts of both together."""
        return Accuracy(
            n_satisfied=self.n_satisfied + other.n_satisfied,
            n_accepted=self.n_accepted + other.n_accepted,
            n_broken=self.n_broken + other.n_broken,
            n_refused=self.n_refused + other.n_refused,
            n_unread=self.n_unread + other.n_unread,
        )


NONE_KNOWN = Accuracy(n_satisfied=0, n_accepted=0, n_broken=0, n_refused=0, n_unread=0)


@dataclass(frozen=True, kw_only=True)
class Floor:
    """Floor that a judge has to reach before its verdicts count.

    Raises:
        ValueError: A value is no share.
    """

    cases_per_category: Natural = 20
    """Responses with known verdicts that a judge is tried on, per category; 0 tries none."""
    sensitivity: Share = 0.7
    """Least share of satisfied constraints that it must accept."""
    specificity: Share = 0.7
    """Least share of broken constraints that it must refuse."""
    unread: Share = 0.05
    """Largest share of constraints that it may leave without a verdict."""

    def __post_init__(self) -> None:
        check(self)

    def complaints(self, accuracy: Mapping[str, Accuracy]) -> list[str]:
        """List what speaks against a judge.

        Args:
            accuracy: Its accuracy by category.

        Returns:
            One line each for what lies below the floor over all categories, and for a category that lies below it
            beyond chance (upper end of its 95 % interval); none when the judge is fit or nothing is known of it.
        """
        total = sum(accuracy.values(), NONE_KNOWN)
        found = []
        n_units = total.n_satisfied + total.n_broken + total.n_unread
        if n_units and total.n_unread / n_units > self.unread:
            found.append(f"{total.n_unread} of {n_units} verdicts unread, the limit is {self.unread:.0%}")
        for rate, least in (("sensitivity", self.sensitivity), ("specificity", self.specificity)):
            value = getattr(total, rate)
            if value is not None and value < least:
                found.append(f"{rate} {value:.2f} over all categories, the floor is {least:.2f}")
            for category, each in accuracy.items():
                right, n = counts(each, rate)
                if n and wilson(right, n)[1] < least:
                    found.append(f"{rate} {right / n:.2f} in {category} ({right} of {n}), the floor is {least:.2f}")
        return found


def counts(accuracy: Accuracy, rate: str) -> tuple[int, int]:
    """Right verdicts and units behind `sensitivity` or `specificity`."""
    if rate == "sensitivity":
        return accuracy.n_accepted, accuracy.n_satisfied
    return accuracy.n_refused, accuracy.n_broken


def measure_accuracy(known: Sequence[Known], judged: Sequence[Judgement]) -> dict[str, Accuracy]:
    """Hold a judge's verdicts against the exact ones.

    Args:
        known: Cases with their truth.
        judged: What the judge said of each, in the same order.

    Returns:
        Its accuracy by category.
    """
    found: dict[str, Accuracy] = {}
    for truth, said in zip(known, judged, strict=True):
        units = list(zip(truth.satisfied, said.satisfied, strict=True))
        if not truth.apart:
            hard = None if None in said.satisfied and False not in said.satisfied else False not in said.satisfied
            units = [(all(truth.satisfied), hard)]
        read = [(exact, verdict) for exact, verdict in units if verdict is not None]
        found[truth.case.item.category] = found.get(truth.case.item.category, NONE_KNOWN) + Accuracy(
            n_satisfied=sum(exact for exact, _ in read),
            n_accepted=sum(exact and verdict for exact, verdict in read),
            n_broken=sum(not exact for exact, _ in read),
            n_refused=sum(not exact and not verdict for exact, verdict in read),
            n_unread=len(units) - len(read),
        )
    return found


def wilson(successes: int, n: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share; (0, 1) when nothing was tried.

    >>> [round(end, 3) for end in wilson(9, 10)]
    [0.596, 0.982]
    """
    if n == 0:
        return 0.0, 1.0
    p, z2 = successes / n, _Z**2
    middle = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = _Z * math.sqrt(p * (1 - p) / n + z2 / (4 * n**2)) / (1 + z2 / n)
    return max(0.0, middle - half), min(1.0, middle + half)
