"""A version and the versions it descends from, each with what it alone was made from."""

import json
import logging
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from quintain.registry.dvc_stages import StageRecord
from quintain.registry.lineage import LINEAGE, LINEAGE_SEAL, Lineage
from quintain.registry.registration import versions

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Generation:
    """One version in a line of descent."""

    version: "ModelVersion"
    lineage: Lineage
    own_stages: tuple[StageRecord, ...]
    """Stages that made it and none of those it descends from."""


def ancestry(client: "MlflowClient", name: str, version: "ModelVersion") -> list[Generation]:
    """Walk from a version over its parents to the one that was trained from scratch.

    Args:
        client: Client of the store.
        name: Name of the registered model.
        version: Where to start.

    Returns:
        The version, then its ancestors, nearest first. A parent that was deleted ends the line.
    """
    known = {str(each.version): each for each in versions(client, name)}
    line = []
    ahead, seen = [version], {str(version.version)}
    while ahead:
        present = ahead.pop(0)
        lineage = read_lineage(client, present)
        line.append((present, lineage))
        for parent in lineage.parents:
            if parent in known and parent not in seen:
                seen.add(parent)
                ahead.append(known[parent])
    return [Generation(each, lineage, _own(lineage, line[i + 1 :])) for i, (each, lineage) in enumerate(line)]


def read_lineage(client: "MlflowClient", version: "ModelVersion") -> Lineage:
    """Fetch what a version was registered with.

    Args:
        client: Client of the store.
        version: The version.

    Returns:
        Its lineage; as much as its tags say where its run keeps no more, or nothing that can be read.
    """
    from mlflow.exceptions import MlflowException

    folder, _, file = LINEAGE.partition("/")
    try:
        if not any(each.path == LINEAGE for each in client.list_artifacts(str(version.run_id), folder)):
            return Lineage.from_tags(version.tags)
        with tempfile.TemporaryDirectory() as temporary:
            home = Path(client.download_artifacts(str(version.run_id), folder, temporary))
            lineage = Lineage.from_document(json.loads((home / file).read_text(encoding="utf-8")))
            if version.tags.get(LINEAGE_SEAL, lineage.digest) != lineage.digest:
                raise ValueError("it was changed after it was written")
            return lineage
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError, MlflowException) as error:
        logger.warning(
            "version %s: the lineage that the registry keeps of it cannot be read (%s); shown is what its tags say",
            version.version, (str(error).splitlines() or [type(error).__name__])[0],
        )  # fmt: skip
        return Lineage.from_tags(version.tags)


def _own(lineage: Lineage, ancestors: "Sequence[tuple[ModelVersion, Lineage]]") -> tuple[StageRecord, ...]:
    theirs = {stage.name for _, each in ancestors for stage in each.stages}
    return tuple(stage for stage in lineage.stages if stage.name not in theirs)
