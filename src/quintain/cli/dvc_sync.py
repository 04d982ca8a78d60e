"""`quintain dvc-sync [--check]`: keep dvc.yaml in step with the pipelines."""

import difflib
from pathlib import Path

import click

from quintain.errors import ConfigError


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
def command(check: bool) -> None:
    """Write dvc.yaml from the Kedro pipelines, the catalog and the parameters."""
    root = project_root(Path.cwd())
    from quintain.datasets import atomic
    from quintain.versioning.dvc_yaml import dvc_yaml, read_project

    target = root / "dvc.yaml"
    wanted = dvc_yaml(read_project(root))
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
