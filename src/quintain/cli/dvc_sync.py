"""`quintain dvc-sync [--check | --why PATH_OR_PARAMETER]`: keep dvc.yaml in step with the pipelines."""

import difflib
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from quintain.errors import ConfigError

if TYPE_CHECKING:
    from quintain.versioning.stages import Project


def project_root(start: Path) -> Path:
    """The Kedro project that a folder belongs to.

    Args:
        start: The folder.

    Returns:
        The project's root, the folder itself or one above it.

    Raises:
        ConfigError: There is none.
    """
    from kedro.utils import find_kedro_project

    root = find_kedro_project(start.resolve())
    if root is None:
        raise ConfigError(
            f"{start.resolve()} is not in a Kedro project; go to one, or make one with `quintain new FOLDER`"
        )
    return Path(root)


@click.command("dvc-sync")
@click.option("--check", is_flag=True, help="Change nothing; exit 1 and show the difference when dvc.yaml is behind.")
@click.option(
    "--why",
    metavar="PATH_OR_PARAMETER",
    help="Change nothing; name the stages that a change of this file, folder or parameter makes stale.",
)
def command(check: bool, why: str | None) -> None:
    """Write dvc.yaml from the Kedro pipelines, the catalog and the parameters.

    The environment is the one that pyproject.toml names, `[tool.quintain] environment`.
    """
    root = project_root(Path.cwd())
    from quintain.versioning.dvc_yaml import dvc_yaml, read_project

    project = read_project(root)
    if why:
        _explain(project, why)
    else:
        _keep_in_step(root / "dvc.yaml", dvc_yaml(project), check)


def _keep_in_step(target: Path, wanted: str, check: bool) -> None:
    from quintain.datasets import atomic

    present = target.read_text(encoding="utf-8") if target.is_file() else ""
    if present == wanted:
        click.echo("dvc.yaml is in step with the pipelines")
    elif check:
        difference = difflib.unified_diff(
            present.splitlines(keepends=True), wanted.splitlines(keepends=True), "dvc.yaml", "pipelines"
        )
        click.echo("".join(difference), nl=False)
        click.echo("dvc.yaml is behind the pipelines; run `quintain dvc-sync` and commit it", err=True)
        raise SystemExit(1)
    else:
        with atomic.written(target) as temporary:
            temporary.write_text(wanted, encoding="utf-8")
        click.echo(f"dvc.yaml written: {wanted.count('cmd: ')} stages; `dvc repro` runs what is out of date")


def _explain(project: "Project", changed: str) -> None:
    from quintain.versioning.stages import lifecycle_stages
    from quintain.versioning.staleness import paths_of, stale_after_file, stale_after_parameter

    stages = lifecycle_stages(project)
    path = Path(os.path.relpath(changed, project.root)).as_posix()
    known = paths_of(stages)
    is_path = Path(changed).exists() or path in known
    if not is_path and "/" in changed:
        close = difflib.get_close_matches(path, known, n=3, cutoff=0.5)
        raise ConfigError(
            f"there is no {changed}, and no stage reads or writes it"
            + (f"; did you mean {', '.join(close)}?" if close else "")
        )
    stale = stale_after_file(stages, path) if is_path else stale_after_parameter(stages, project.configuration, changed)
    direct = sum(each.is_direct for each in stale)
    if not stale:
        click.echo(f"{changed}: no stage of {len(stages)} depends on it")
        return
    click.echo(f"{changed}: {direct} of {len(stages)} stages depend on it, {len(stale) - direct} come after them")
    width = max(len(each.stage) for each in stale)
    for each in stale:
        click.echo(f"  {each.stage.ljust(width)}  {'; '.join(each.reasons)}")
