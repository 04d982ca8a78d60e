"""Gather where a student comes from: git, DVC, the ledger, MLflow."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from quintain.environment import versioned_environment
from quintain.models.folder import base_of, folder_digest, is_adapter
from quintain.models.ledger_slice import ledger_slices
from quintain.models.roles import Roles, prices
from quintain.registry.dvc_stages import StageRecord, dvc_md5, stages_behind, stages_file
from quintain.registry.lineage import Lineage, git_state
from quintain.registry.weights import Weights

if TYPE_CHECKING:
    from mlflow.entities import Run


def gather_lineage(
    root: Path,
    folder: Path,
    training: Mapping[str, Any],
    parent: str,
    roles: Roles,
    run: "Run | None",
) -> Lineage:
    """Write down everything that leads back from a student.

    Args:
        root: The project.
        folder: Folder of the student.
        training: Report of its training.
        parent: Version of the student that it was trained from; empty where there is none.
        roles: Names the ledger and the prices.
        run: MLflow run that trained it; None when it is not known.

    Returns:
        Its lineage.
    """
    from quintain import prompts

    folder = folder.resolve()
    path = path_from(root, folder)
    commit, dirty = git_state(root)
    versioned = versioned_environment(root)
    environment = run.data.tags.get("kedro.env", versioned) if run is not None else versioned
    declared_in = stages_file(root, environment)
    stages = stages_behind(root, path, declared_in)
    if environment != versioned and declared_in == root / "dvc.yaml":
        # It has the values of the versioned environment; those of another one are on the run's page.
        stages = tuple(dataclasses.replace(stage, parameters={}) for stage in stages)
    return Lineage(
        git_commit=commit,
        git_dirty=dirty,
        dvc_path=path,
        dvc_md5=dvc_md5(folder),
        base=_base(root, folder),
        run_id=run.info.run_id if run is not None else "",
        prompts=tuple(prompts.fingerprint(name) for name in prompts.names()),
        parents=(parent,) if parent else (),
        parameters={name: str(value) for name, value in training.items()},
        stages=stages,
        calls=tuple(
            dataclasses.asdict(each) for each in ledger_slices(Path(roles.ledger), _pipelines(stages), prices(roles))
        ),
    )


def path_from(root: Path, folder: Path) -> str:
    """Path from the project's root, so that it holds in every clone; a folder elsewhere keeps its own."""
    return (folder.relative_to(root) if folder.is_relative_to(root) else folder).as_posix()


def weights_of(root: Path, folder: Path, digest: str) -> Weights:
    """Place where the weights of a folder are found again, those of an adapter's base too."""
    return Weights(path_from(root, folder), digest, dvc_md5(folder), _base(root, folder))


def _base(root: Path, folder: Path) -> Weights | None:
    if not is_adapter(folder):
        return None
    base = base_of(folder).resolve()
    return Weights(path_from(root, base), folder_digest(base), dvc_md5(base))


def _pipelines(stages: tuple[StageRecord, ...]) -> set[str]:
    """The ledger knows pipelines; DVC's stages are those, with a student's name behind."""
    return {stage.name.partition("-")[0] for stage in stages}
