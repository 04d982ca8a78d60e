"""MLflow run that made a model.

A run says at its start which students it will make, and at its end with which digest. So a student is found when it is
registered by the same run, by a later one, and by one that found it in DVC's cache.
"""

import os
from collections.abc import Iterable, Mapping
from itertools import islice, zip_longest
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

CURRENT_RUN = "QUINTAIN_RUN_ID"
"""Environment variable with the id of the run that is under way, also for nodes in other processes."""
MOST_METRICS = 40
"""Metrics of one run: MLflow draws a chart for each, and nobody finds one among hundreds."""
MAKES = "makes"
"""Tag of a run with the names of the students that it makes."""


def made_tag(student: str) -> str:
    """Tag of a run with the digest of a student that it made."""
    return f"made.{student}"


def maker(client: "MlflowClient", experiment: str, student: str, digest: str) -> "Run | None":
    """Find the run that trained a student.

    Args:
        client: Client of the store.
        experiment: Id of the experiment that runs are logged to.
        student: Its name in the pipelines.
        digest: SHA-256 of its folder.

    Returns:
        The run under way when it is the one, otherwise the latest that made this digest; None when there is none.
    """
    current = os.environ.get(CURRENT_RUN)
    if current:
        run = client.get_run(current)
        if student in run.data.tags.get(MAKES, "").split():
            return run
    found = client.search_runs(
        [experiment], f"tags.`{made_tag(student)}` = '{digest}'", order_by=["attributes.start_time DESC"], max_results=1
    )
    return found[0] if found else None


def shared_out(metrics: Mapping[str, float]) -> list[dict[str, float]]:
    """Share the metrics of a model out to a run and as many children of it as they need.

    Args:
        metrics: All of them; what stands before the first dot says which benchmark or stage each is of.

    Returns:
        Those of the run, in which every benchmark and stage has its first ones; then further ones, each part of one
        benchmark or stage. None has more than 40.
    """
    if len(metrics) <= MOST_METRICS:
        return [dict(metrics)]
    groups: dict[str, list[str]] = {}
    for name in metrics:
        groups.setdefault(name.partition(".")[0], []).append(name)
    first = in_turns(groups.values(), MOST_METRICS)
    parts = [first]
    for names in groups.values():
        rest = [name for name in names if name not in set(first)]
        parts += [rest[start : start + MOST_METRICS] for start in range(0, len(rest), MOST_METRICS)]
    return [{name: metrics[name] for name in part} for part in parts]


def in_turns(lists: Iterable[Iterable[str]], most: int) -> list[str]:
    """Take the first of each list, the second of each, and so on.

    >>> in_turns(["abc", "d"], most=3)
    ['a', 'd', 'b']
    """
    taken = (name for turn in zip_longest(*lists) for name in turn if name is not None)
    return list(islice(taken, max(0, most)))
