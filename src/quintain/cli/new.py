"""`quintain new FOLDER`: a project folder for those who installed the package and have no clone."""

import shutil
import subprocess
import sys
from pathlib import Path

import click

import quintain
from quintain.errors import ConfigError

LAYERS = (
    "01_raw", "02_intermediate", "03_primary", "04_feature",
    "05_model_input", "06_models", "07_model_output", "08_reporting",
)  # fmt: skip

_PYPROJECT = """\
[project]
name = "{name}"
version = "0.1.0"
requires-python = ">=3.11"
dependencies = ["quintain=={version}"]

# Kedro finds the pipelines in the installed package and the configuration in conf/ beside this file.
[tool.kedro]
package_name = "quintain"
project_name = "{name}"
kedro_init_version = "1.7.0"
source_dir = "."
"""


def starter() -> Path:
    """Folder that holds conf/ and the ignore files: in the wheel a part of the package, in a clone its root."""
    packaged = Path(quintain.__file__).parent / "starter"
    return packaged if packaged.is_dir() else Path(quintain.__file__).parents[2]


def lay_out(folder: Path) -> None:
    """Write the files of a new project.

    Args:
        folder: Where to; made when it is missing.

    Raises:
        ConfigError: The folder exists and is not empty.
    """
    if folder.exists() and any(folder.iterdir()):
        raise ConfigError(f"{folder} is not empty; name a folder that does not exist yet")
    source = starter()
    shutil.copytree(source / "conf", folder / "conf", ignore=shutil.ignore_patterns("local", ".gitkeep"))
    for layer in (*(f"data/{layer}" for layer in LAYERS), "conf/local"):
        (folder / layer).mkdir(parents=True)
        (folder / layer / ".gitkeep").touch()
    for name in (".gitignore", ".dvcignore", ".telemetry"):
        shutil.copy(source / name, folder / name)
    (folder / "pyproject.toml").write_text(
        _PYPROJECT.format(name=folder.resolve().name, version=quintain.__version__), encoding="utf-8"
    )


@click.command("new")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def command(folder: Path) -> None:
    """Lay out a project in FOLDER: configuration, data layers, git and DVC.

    Then `cd FOLDER` and `kedro run`.
    """
    lay_out(folder)
    # The tools of this very environment, whether or not it is on the path.
    own = [sys.executable, "-m"]
    for tool in (
        ["git", "init", "--quiet"],
        [*own, "dvc", "init", "--quiet"],
        [*own, "dvc", "config", "core.analytics", "false"],
        [*own, "quintain", "dvc-sync"],
    ):
        subprocess.run(tool, cwd=folder, check=True)  # noqa: S603 - fixed commands, no shell
    click.echo(f"{folder} is ready:\n  cd {folder}\n  kedro run\n  quintain leaderboard")
