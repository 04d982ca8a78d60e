"""Put a student into the registry: a pointer to its weights, its scorecard, its lineage."""

import json
import logging
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import quintain
from quintain.errors import RecordError
from quintain.registry.editing import Editing
from quintain.registry.evidence import refuse_broken
from quintain.registry.kept import KEPT, keep
from quintain.registry.lineage import LINEAGE, LINEAGE_SEAL, Lineage
from quintain.registry.measured import Measured, identity_tags, score_metrics, seals
from quintain.registry.room import with_room
from quintain.registry.runs import shared_out
from quintain.registry.store import exclusive, experiment_id
from quintain.registry.stored_evidence import log_measured, read_measured

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion

logger = logging.getLogger(__name__)

CHALLENGER = "challenger"
ENVIRONMENT = "environment"
"""Tag of a version with the environment of the run that registered it first; versions of former releases have none."""


@dataclass(frozen=True)
class Candidate:
    """A student that is about to be registered."""

    student: str
    """Its name in the pipelines."""
    path: str
    """Folder of its weights, from the project's root."""
    digest: str
    """SHA-256 of the folder."""
    size_bytes: int
    measured: Mapping[str, Measured]
    """Benchmark → what it scored there, the headline first; at least one."""
    stage_metrics: dict[str, float]
    """Numbers of the stage that made it."""
    lineage: Lineage
    description: str
    """Markdown for the version's page."""
    editing: Editing | None = None
    """The memory that it is served with; None for a student without edits."""
    project: Path | None = None
    """Root of the project whose weights the registry shall keep a copy of; None leaves them to DVC."""
    environment: str = ""
    """Environment of the run that registers it; empty where there is none."""


@dataclass(frozen=True)
class Registration:
    """A student's place in the registry."""

    name: str
    version: str
    model_id: str
    run_id: str
    digest: str
    created: bool
    """False when the same weights with the same scorecard were registered before."""


def own_tags(candidate: Candidate) -> dict[str, str]:
    """Tags by which two registrations are equal: weights, memory; items, rules, judge, sampling of every benchmark."""
    memory = {"memory.head": candidate.editing.memory_head} if candidate.editing else {}
    return memory | {"model.digest": candidate.digest} | identity_tags(candidate.measured)


def register(client: "MlflowClient", uri: str, experiment: str, name: str, candidate: Candidate) -> Registration:
    """Register a student once.

    Nothing is half-registered: the version is created last, and the run that a killed registration leaves, which no
    version points to, is closed by the next one. Two processes take turns; on a server, which knows no turns, the later
    of two versions of one student is taken back.

    Args:
        client: Client of the store.
        uri: Address of the store.
        experiment: Experiment for the scorecard's run.
        name: Name of the registered model.
        candidate: The student.

    Returns:
        Its registration, the former one when there is one.

    Raises:
        RegistryError: A scorecard was made of other weights or other judgements, or the store failed.
    """
    refuse_broken(candidate.measured, candidate.student, candidate.digest)
    home = experiment_id(client, experiment, uri)
    with exclusive(uri):
        known = find(client, name, own_tags(candidate))
        version = _mended(client, name, known, candidate) if known else _create_once(client, home, name, candidate)
        if version.tags.get("git.dirty") == "true" and not candidate.lineage.git_dirty:
            version = _now_committed(client, name, version, candidate)
        if candidate.student not in students_of(version):
            others = ", ".join([*students_of(version)[1:], candidate.student])
            client.set_model_version_tag(name, version.version, "student.also", others)
        # An experiment of DVC must not move what people rely on.
        if not os.environ.get("DVC_EXP_NAME"):
            client.set_registered_model_alias(name, CHALLENGER, version.version)
    return Registration(
        name=name,
        version=str(version.version),
        model_id=str(version.tags.get("model.id", "")),
        run_id=str(version.run_id),
        digest=candidate.digest,
        created=known is None,
    )


def find(client: "MlflowClient", name: str, tags: dict[str, str]) -> "ModelVersion | None":
    """The newest version that carries these tags."""
    found = _same(client, name, tags)
    return found[0] if found else None


def _same(client: "MlflowClient", name: str, tags: dict[str, str]) -> "list[ModelVersion]":
    return [one for one in versions(client, name) if all(one.tags.get(key) == value for key, value in tags.items())]


def students_of(version: "ModelVersion") -> list[str]:
    """Names of the students with these weights, the first registered first: a loop that ends passes its student on."""
    return [version.tags.get("student", "?"), *filter(None, version.tags.get("student.also", "").split(", "))]


def versions(client: "MlflowClient", name: str) -> "list[ModelVersion]":
    """All versions of a model, newest first; none when it is not registered."""
    found = client.search_model_versions(f"name = '{name}'", max_results=10_000)
    return sorted(found, key=lambda version: int(version.version), reverse=True)


def _mended(client: "MlflowClient", name: str, version: "ModelVersion", candidate: Candidate) -> "ModelVersion":
    """The version with its evidence whole: what was damaged or changed since is written anew from the same evidence."""
    try:
        read_measured(client, version)
    except RecordError as error:
        logger.warning("%s", error)
        log_measured(client, str(version.run_id), candidate.measured)
        for key, value in _sealed(candidate).items():
            client.set_model_version_tag(name, version.version, key, value)
        return client.get_model_version(name, version.version)
    return version


def _sealed(candidate: Candidate) -> dict[str, str]:
    return {key: value for tags in seals(candidate.measured).values() for key, value in tags.items()}


def _create_once(client: "MlflowClient", experiment: str, name: str, candidate: Candidate) -> "ModelVersion":
    _close_killed(client, experiment, candidate)
    mine = _create(client, experiment, name, candidate)
    oldest = min(_same(client, name, own_tags(candidate)), key=lambda version: int(version.version))
    if oldest.version == mine.version:
        return mine
    client.delete_model_version(name, mine.version)
    return oldest


def _close_killed(client: "MlflowClient", experiment: str, candidate: Candidate) -> None:
    """Mark runs of this very registration that nobody finished; otherwise they would seem to run for ever."""
    unfinished = f"tags.`model.digest` = '{candidate.digest}' and attributes.status = 'RUNNING'"
    for run in client.search_runs([experiment], unfinished):
        client.set_terminated(run.info.run_id, "KILLED")


def _now_committed(client: "MlflowClient", name: str, version: "ModelVersion", candidate: Candidate) -> "ModelVersion":
    """The same weights made again from a commit: the version is no longer one of uncommitted changes."""
    for key, value in candidate.lineage.tags().items():
        client.set_model_version_tag(name, version.version, key, value)
    client.update_model_version(name, version.version, with_room(candidate.description))
    return client.get_model_version(name, version.version)


def _create(client: "MlflowClient", experiment: str, name: str, candidate: Candidate) -> "ModelVersion":
    import mlflow
    from mlflow.exceptions import MlflowException

    metrics = score_metrics(candidate.measured)
    tags = candidate.lineage.tags() | own_tags(candidate) | {"student": candidate.student}
    headline = next(iter(candidate.measured.values())).scorecard
    model_config = {**candidate.lineage.weights(candidate.digest).config(), "sampling": headline.sampling}
    if candidate.editing:
        metrics |= candidate.editing.headline()
        tags |= candidate.editing.tags()
        model_config["editing"] = candidate.editing.served()
    if candidate.project:
        tags["weights"] = KEPT
    if candidate.environment:
        tags[ENVIRONMENT] = candidate.environment
    tags |= _sealed(candidate) | {LINEAGE_SEAL: candidate.lineage.digest}
    with mlflow.start_run(experiment_id=experiment, run_name=f"register {candidate.student}", tags=tags) as run:
        _log_evidence(client, run.info.run_id, candidate)
        logged = mlflow.pyfunc.log_model(
            name=candidate.student,
            python_model=str(files("quintain.registry") / "pointer.py"),
            model_config=model_config,
            pip_requirements=[f"quintain=={quintain.__version__}"],
        )
        if candidate.editing:
            _take_params(logged.model_id, logged.signature)
        if candidate.project:
            keep(client, logged.model_id, model_config, candidate.project)
        _log_metrics(metrics | candidate.stage_metrics, logged.model_id, candidate)
        mlflow.log_params(candidate.lineage.parameters)
    try:
        client.create_registered_model(name, description="Students and their scorecards.")
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise
    return client.create_model_version(
        name,
        source=f"models:/{logged.model_id}",
        run_id=run.info.run_id,
        model_id=logged.model_id,
        tags=tags | {"model.id": logged.model_id, "size.bytes": str(candidate.size_bytes)},
        description=with_room(candidate.description),
    )


def _log_metrics(metrics: Mapping[str, float], model_id: str, candidate: Candidate) -> None:
    """All of them are the model's; the run under way shows as many as MLflow's pages bear, its children the rest."""
    import mlflow

    run, *children = shared_out(metrics)
    mlflow.log_metrics(run, model_id=model_id)
    for part in children:
        name = f"register {candidate.student}: {next(iter(part)).partition('.')[0]}"
        with mlflow.start_run(run_name=name, nested=True, tags={"model.digest": candidate.digest}):
            mlflow.log_metrics(part, model_id=model_id)


def _log_evidence(client: "MlflowClient", run_id: str, candidate: Candidate) -> None:
    log_measured(client, run_id, candidate.measured)
    client.log_dict(run_id, candidate.lineage.document(), LINEAGE)
    if candidate.editing:
        _log_editing(client, run_id, candidate.editing)


def _log_editing(client: "MlflowClient", run_id: str, editing: Editing) -> None:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "edit_metrics.json").write_text(json.dumps(editing.metrics, indent=1), encoding="utf-8")
        (Path(folder) / "edits.md").write_text(editing.table, encoding="utf-8")
        if editing.plot:
            (Path(folder) / "edits.png").write_bytes(editing.plot)
        client.log_artifacts(run_id, folder, "edits")


def _take_params(model_id: str, signature: Any) -> None:
    """Let `predict` take what a memory can be asked; MLflow reads parameters from no type hint."""
    from mlflow.models import set_signature
    from mlflow.types import ParamSchema, ParamSpec

    params = [ParamSpec("k", "long", 0), ParamSpec("as_of", "string", ""), ParamSpec("explain", "boolean", False)]
    # A new signature would forget that it comes from type hints, and make a table of every chat.
    signature.params = ParamSchema(params)
    set_signature(f"models:/{model_id}", signature)
