"""Versions that learnt from a row of data."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import TYPE_CHECKING

from quintain.registry.lineage import Lineage
from quintain.registry.registration import students_of

if TYPE_CHECKING:
    from mlflow.entities.model_registry import ModelVersion


@dataclass(frozen=True)
class Learner:
    """Relation of one version to a row, as far as it is known."""

    version: "ModelVersion"
    read: dict[str, int]
    """File that its training read → how many rows in it are the row itself or descend from it."""
    unknown: dict[str, str]
    """File that its training read → DVC's hash of it, where nobody here has that content any more."""
    inherits: tuple[str, ...]
    """Versions that learnt from the row and that it descends from."""


def recorded_hashes(lineage: Lineage) -> dict[str, str]:
    """Path → DVC's hash of everything that the stages behind a version read and wrote."""
    return {
        path: md5 for stage in lineage.stages for found in (stage.outputs, stage.inputs) for path, md5 in found.items()
    }


def find_learners(
    lineages: "Sequence[tuple[ModelVersion, Lineage]]",
    learnt: Mapping[str, Iterable[str]],
    rows_in: Callable[[str, str], AbstractSet[str] | None],
) -> list[Learner]:
    """Say of each version whether its training read a row, or it descends from one whose training did.

    Args:
        lineages: Versions, each after those that it descends from.
        learnt: Student → files of records that its training reads.
        rows_in: Path and DVC's hash of a file → ids in it that are the row or descend from it; None where that content
            is not at hand.

    Returns:
        One per version, in the same order.
    """
    found: list[Learner] = []
    touched: set[str] = set()
    for version, lineage in lineages:
        hashes = recorded_hashes(lineage)
        read, unknown = {}, {}
        # A student that a loop passes on under another name has learnt nothing more.
        for path in sorted(learnt.get(students_of(version)[0], ())):
            rows = rows_in(path, hashes.get(path, ""))
            if rows is None:
                unknown[path] = hashes.get(path, "")
            elif rows:
                read[path] = len(rows)
        inherits = tuple(parent for parent in lineage.parents if parent in touched)
        if read or inherits:
            touched.add(str(version.version))
        found.append(Learner(version, read, unknown, inherits))
    return found
