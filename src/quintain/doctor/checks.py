"""Checks of a run, in the order in which a reader wants to know."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from quintain.doctor.committed_tree import committed_tree
from quintain.doctor.disk import room_on_disk
from quintain.doctor.extras import installed_extras
from quintain.doctor.finding import Finding
from quintain.doctor.generation_memory import generation_memory
from quintain.doctor.given_files import present_files, readable_files
from quintain.doctor.others_students import spared_students
from quintain.doctor.plan import Plan
from quintain.doctor.roles import honest_endpoints, ready_roles
from quintain.doctor.starts import found_starts, reported_starts
from quintain.doctor.training_check import checked_trainings


@dataclass(frozen=True)
class Check:
    """One thing to see about a run."""

    title: str
    """Heading of its findings."""
    look: Callable[[Plan], Iterator[Finding]]
    """Yields what it finds, all faults and not only the first."""
    is_free: bool
    """True where it opens no model and asks nobody: seconds, before the first node of any run."""


CHECKS = (
    Check("Files", present_files, is_free=True),
    Check("Start models", found_starts, is_free=True),
    Check("Roles", ready_roles, is_free=True),
    Check("Extras", installed_extras, is_free=True),
    Check("Others' students", spared_students, is_free=True),
    Check("Commit", committed_tree, is_free=True),
    Check("Disk", room_on_disk, is_free=True),
    Check("Records", readable_files, is_free=False),
    Check("Endpoints, asked", honest_endpoints, is_free=False),
    Check("Model reports", reported_starts, is_free=False),
    Check("Generation memory", generation_memory, is_free=False),
    Check("Trainings", checked_trainings, is_free=False),
)


def findings(plan: Plan, checks: Sequence[Check] = CHECKS) -> Iterator[tuple[str, list[Finding]]]:
    """Run checks one after the other.

    Args:
        plan: The run.
        checks: Some of CHECKS.

    Yields:
        tuple[str, list[Finding]]: Title of each check, and what it found.
    """
    for check in checks:
        yield check.title, list(check.look(plan))


def troubles_before(plan: Plan) -> list[Finding]:
    """Faults and warnings that can be known for free, to be said before the first node of a run."""
    free = [check for check in CHECKS if check.is_free]
    return [each for _, found in findings(plan, free) for each in found if each.grade in ("fault", "warning")]
