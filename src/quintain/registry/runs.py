"""MLflow run that made a model.

A run says at its start which students it will make, and at its end with which digest. So a student is found when it is
registered by the same run, by a later one, and by one that found it in DVC's cache.
"""

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

CURRENT_RUN = "QUINTAIN_RUN_ID"
"""Environment variable with the id of the run that is under way, also for nodes in other processes."""
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
