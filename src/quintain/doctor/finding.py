"""Findings of a check: what is well, what may go wrong, and what keeps a run from working."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Grade = Literal["good", "warning", "fault"]


@dataclass(frozen=True, kw_only=True)
class MarkedRow:
    """A row as the student will see it."""

    name: str
    """Its id."""
    prompt: str
    """Text before the response, which is read and not learned."""
    learned: str
    """Text that carries loss, the end token included."""
    tokens: int
    """Length of both together."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something that a check found."""

    grade: Grade
    """`fault`: the run cannot work."""
    subject: str
    """What it is about, such as a role, a dataset or a student."""
    said: str
    """What was found, without a full stop."""
    remedy: str = ""
    """What to do about it, without a full stop."""
    place: str = ""
    """The setting by its file and line, `conf/hub/globals.yml:14`."""
    facts: tuple[tuple[str, str], ...] = ()
    """Details by name."""
    rows: tuple[MarkedRow, ...] = ()
    """Rows to look at."""

    @property
    def line(self) -> str:
        """The whole in one line, as an error of a run would say it."""
        where = f"{self.place}: " if self.place else ""
        return f"{where}{self.subject}: {self.said}" + (f"; {self.remedy}" if self.remedy else "")


def good(subject: str, said: str, *, facts: Sequence[tuple[str, str]] = (), rows: Sequence[MarkedRow] = ()) -> Finding:
    """A finding that needs nothing."""
    return Finding(grade="good", subject=subject, said=said, facts=tuple(facts), rows=tuple(rows))


def fault(subject: str, said: str, remedy: str = "", place: str = "") -> Finding:
    """A finding that keeps the run from working."""
    return Finding(grade="fault", subject=subject, said=said, remedy=remedy, place=place)


def warning(subject: str, said: str, remedy: str = "", place: str = "") -> Finding:
    """A finding that the run works with, perhaps not as it was meant."""
    return Finding(grade="warning", subject=subject, said=said, remedy=remedy, place=place)
