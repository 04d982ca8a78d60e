"""Register a student and ask the gate."""

import dataclasses
import io
import logging
import os
from pathlib import Path
from typing import Any

from quintain.datasets import ModelRef
from quintain.edit_memory import EditMemory
from quintain.errors import ConfigError
from quintain.models.roles import Roles
from quintain.records import Judgement
from quintain.registry.editing import Editing
from quintain.registry.settings import find_project, read_settings, tracking_settings

logger = logging.getLogger(__name__)


def register_student(
    model: ModelRef,
    scorecard: dict[str, Any],
    judgements: list[Judgement],
    training: dict[str, Any],
    parent: dict[str, Any] | None,
    roles: Roles,
    editing: Editing | None = None,
    improvement: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Make the student a version of the registered model: pointer, scorecard, lineage, and its memory if it has one."""
    from quintain.pipelines.registration.origins import gather_lineage
    from quintain.registry.description import describe
    from quintain.registry.registration import Candidate, register
    from quintain.registry.runs import maker
    from quintain.registry.store import experiment_id, open_store
    from quintain.reporting.page import Side, scorecard_page
    from quintain.reporting.table import leaderboard_table

    root = find_project(Path.cwd())
    settings = tracking_settings(read_settings(root, "tracking"))
    if not settings.enabled:
        raise ConfigError("registration needs MLflow; set `enabled: true` in tracking.yml, or leave this pipeline out")
    uri = os.environ.get("MLFLOW_TRACKING_URI") or settings.address(root)
    client = open_store(uri)
    student = Path(model.path).name
    run = maker(client, experiment_id(client, settings.experiment, uri), student, model.digest)
    lineage = gather_lineage(root, model, training, parent, roles, run)
    registered = register(
        client,
        uri,
        settings.experiment,
        settings.model_name,
        Candidate(
            student=student,
            path=lineage.dvc_path,
            digest=model.digest,
            size_bytes=model.size_bytes,
            scorecard=scorecard,
            judgements=judgements,
            stage_metrics={f"training.{k}": float(v) for k, v in training.items() if isinstance(v, int | float)},
            lineage=lineage,
            description=describe(
                student, leaderboard_table([scorecard]), scorecard, lineage, settings, run, editing, improvement
            ),
            # The registry holds ids and verdicts of items, never their text.
            page=scorecard_page(
                [Side(student, scorecard, judgements)],
                no_items="`quintain scorecard VERSION` in the project folder shows the instructions as well.",
            ),
            project=root if settings.with_weights else None,
            editing=editing,
        ),
    )
    logger.info(
        "%s is version %s of %s%s",
        student, registered.version, registered.name, "" if registered.created else " (registered before)",
    )  # fmt: skip
    return dataclasses.asdict(registered)


def register_edited_student(
    model: ModelRef,
    scorecard: dict[str, Any],
    judgements: list[Judgement],
    training: dict[str, Any],
    parent: dict[str, Any],
    roles: Roles,
    improvement: dict[str, Any],
    original: ModelRef,
    memory: Path,
    metrics: dict[str, Any],
    embedder: str,
    k: int,
) -> dict[str, Any]:
    """Register a student with its edits: what is served is student, memory, and the original model for all else."""
    from quintain.pipelines.registration.origins import path_from, weights_of
    from quintain.registry.dvc_stages import dvc_md5
    from quintain.reporting.editing import edits_table, plot_edits
    from quintain.serving.embedders import open_embedder

    root = find_project(Path.cwd())
    plot = io.BytesIO()
    plot_edits(metrics).savefig(plot, format="png")
    with EditMemory.open(memory, open_embedder(embedder)) as opened:
        head, edits = opened.head, len(opened)
    editing = Editing(
        memory_path=path_from(root, memory.resolve()),
        memory_md5=dvc_md5(memory.resolve()),
        memory_head=head,
        memory_edits=edits,
        embedder=embedder,
        k=k,
        original=weights_of(root, Path(original.path).resolve(), original.digest),
        metrics=metrics,
        table=edits_table(metrics),
        plot=plot.getvalue(),
    )
    return register_student(model, scorecard, judgements, training, parent, roles, editing, improvement)


def register_first_student(
    model: ModelRef, scorecard: dict[str, Any], judgements: list[Judgement], training: dict[str, Any], roles: Roles
) -> dict[str, Any]:
    """Register a student that was trained from scratch."""
    return register_student(model, scorecard, judgements, training, None, roles)


def ask_gate(registration: dict[str, Any], policy: dict[str, Any]) -> dict[str, Any]:
    """Hold the student against the champion; move the title when the gate agrees, go on when it refuses."""
    from quintain.registry.gate import promotion_policy
    from quintain.registry.promotion import promote
    from quintain.registry.store import open_store

    root = find_project(Path.cwd())
    settings = tracking_settings(read_settings(root, "tracking"))
    uri = os.environ.get("MLFLOW_TRACKING_URI") or settings.address(root)
    promotion = promote(
        open_store(uri),
        uri,
        registration["name"],
        promotion_policy(policy),
        str(registration["version"]),
        # An experiment of DVC is compared, but never takes the title.
        dry_run=bool(os.environ.get("DVC_EXP_NAME")),
    )
    logger.info(
        "The gate on version %s: %s\n%s",
        promotion.version, promotion.decision.outcome, "\n".join(promotion.decision.lines()),
    )  # fmt: skip
    return dataclasses.asdict(promotion)


def compare_with_parent(
    scorecard: dict[str, Any],
    judgements: list[Judgement],
    parent_scorecard: dict[str, Any],
    parent_judgements: list[Judgement],
    policy: dict[str, Any],
) -> dict[str, Any]:
    """Say whether a stage made its student better than the one it started from, beyond chance."""
    from quintain.benchmarks.satisfaction.comparison import compare
    from quintain.registry.gate import promotion_policy

    found = compare(judgements, parent_judgements, promotion_policy(policy).resampling)
    outcome = "better" if found.low > 0 else "worse" if found.high < 0 else "not better, not worse"
    student, parent = scorecard["model"], parent_scorecard["model"]
    logger.info(
        "%s is %s than %s beyond chance: macro HSR %+.3f [%+.3f, %+.3f] on %d items",
        student, outcome, parent, found.difference, found.low, found.high, found.n_items,
    )  # fmt: skip
    return {
        "over": parent,
        "outcome": outcome,
        "difference": round(found.difference, 4),
        "low": round(found.low, 4),
        "high": round(found.high, 4),
        "items": found.n_items,
    }
