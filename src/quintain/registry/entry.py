"""Entry: all that a pipeline knows of a student that shall become a version, and the way into the registry."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from quintain.environment import asked_environment, versioned_environment
from quintain.errors import ConfigError
from quintain.models.finite import require_finite
from quintain.models.roles import Roles
from quintain.registry.description import Origin, describe
from quintain.registry.dvc_stages import dvc_md5
from quintain.registry.editing import Editing, refuse_other_edits
from quintain.registry.evidence import refuse_broken
from quintain.registry.measured import Measured
from quintain.registry.origins import gather_lineage, path_from, weights_of
from quintain.registry.registration import Candidate, Registration, register
from quintain.registry.runs import maker
from quintain.registry.settings import read_settings, tracking_settings
from quintain.registry.store import experiment_id, open_store

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class CarriedMemory:
    """The edit memory beside a student, and what the two scored together."""

    memory: Path
    """Folder of the memory."""
    head: str
    """Hash over all acts of its log."""
    edits: int
    """Edits in force."""
    embedder: str
    """Name of the embedder."""
    k: int
    """Most edits that a question may find."""
    original: Path
    """Folder of the model for questions that no edit passes to."""
    original_digest: str
    """Content hash of that model."""
    metrics: dict[str, Any]
    """JSON of `edit_metrics`."""
    table: str
    """The same in Markdown."""
    plot: bytes
    """The same as PNG."""
    improvement: Mapping[str, Any] | None = None
    """JSON of `compare_with_parent`: what the memory cost in following constraints."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A student on its way into the registry."""

    folder: Path
    """Folder of its weights."""
    digest: str
    """Content hash of the folder."""
    size_bytes: int
    """Size of its files."""
    training: Mapping[str, Any]
    """Report of its training; `source` and `revision` where somebody else made it."""
    roles: Roles
    """Names the ledger and the prices."""
    measured: Mapping[str, Measured]
    """Benchmark → what it scored there, the headline first."""
    tables: Mapping[str, str]
    """Benchmark → the same as a Markdown table."""
    parent: str = ""
    """Version that it was trained from; empty where there is none."""
    carried: CarriedMemory | None = None
    """The memory that it is served with."""
    retention: Mapping[str, Any] = field(default_factory=dict)
    """JSON of what it lost and gained against its start; empty where there is none."""
    match: Mapping[str, Any] = field(default_factory=dict)
    """Judged benchmark → JSON of who its responses were held against; empty where nothing is judged in pairs."""


def enter(root: Path, student: str, entry: Entry) -> Registration:
    """Make a student a version of the registered model: pointer, scorecards, lineage, and its memory if it has one.

    Args:
        root: The project.
        student: Name of the student.
        entry: What is known of it.

    Returns:
        Its registration, the former one where it was registered before.

    Raises:
        ConfigError: MLflow is switched off.
        ModelError: The weights are no numbers.
        RegistryError: A scorecard is of other weights or other judgements, edit metrics are of others or of another
            memory, or the store failed.
    """
    settings = tracking_settings(read_settings(root, "tracking"))
    if not settings.enabled:
        raise ConfigError("registration needs MLflow; set `enabled: true` in tracking.yml, or leave this pipeline out")
    refuse_broken(entry.measured, student, entry.digest)
    if carried := entry.carried:
        with_now = {"student": entry.digest, "original": carried.original_digest, "memory": carried.head}
        refuse_other_edits(carried.metrics, student, with_now)
    require_finite(entry.folder)
    uri = settings.address(root)
    client = open_store(uri)
    run = maker(client, experiment_id(client, settings.experiment, uri), student, entry.digest)
    lineage = gather_lineage(root, entry.folder, entry.training, entry.parent, entry.roles, run)
    editing = _editing(root, entry.carried) if entry.carried else None
    description = describe(
        student,
        {name: each.scorecard for name, each in entry.measured.items()},
        entry.tables,
        Origin(lineage, settings.model_name, run),
        editing,
        entry.carried.improvement if entry.carried else None,
        entry.retention,
        entry.match,
    )
    registered = register(
        client,
        uri,
        settings.experiment,
        settings.model_name,
        Candidate(
            student=student,
            path=lineage.dvc_path,
            digest=entry.digest,
            size_bytes=entry.size_bytes,
            measured=entry.measured,
            stage_metrics=_numbers(entry.training),
            lineage=lineage,
            description=description,
            project=root if settings.with_weights else None,
            editing=editing,
            environment=asked_environment(root) or versioned_environment(root),
        ),
    )
    before = "" if registered.created else " (registered before)"
    logger.info("%s is version %s of %s%s", student, registered.version, registered.name, before)
    return registered


def _numbers(training: Mapping[str, Any]) -> dict[str, float]:
    return {f"training.{name}": float(value) for name, value in training.items() if isinstance(value, int | float)}


def _editing(root: Path, carried: CarriedMemory) -> Editing:
    memory = carried.memory.resolve()
    return Editing(
        memory_path=path_from(root, memory),
        memory_md5=dvc_md5(memory),
        memory_head=carried.head,
        memory_edits=carried.edits,
        embedder=carried.embedder,
        k=carried.k,
        original=weights_of(root, carried.original.resolve(), carried.original_digest),
        metrics=carried.metrics,
        table=carried.table,
        plot=carried.plot,
    )
