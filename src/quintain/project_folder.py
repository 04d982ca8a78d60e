"""The project's folder as the one that `kedro run` works in, from whichever folder below it the command is typed."""

import os
import tomllib
from collections.abc import Sequence
from pathlib import Path

import yaml

_COMMANDS = ("run", "viz")
_PATHS = ("--conf-source", "--config", "-c", "--load-file", "--save-file")
"""Options with a path that is meant from where the user stands."""

_LOGGING = Path("conf/logging.yml")


def enter_project(arguments: Sequence[str]) -> None:
    """Change into the project around the current folder, before a run looks for its files.

    Kedro itself finds the project from below, but every path of the configuration is meant from the project's folder.
    Its logging it has looked for when it was imported, in the current folder, so that is set anew.

    Args:
        arguments: What follows `kedro` on the command line.
    """
    if not arguments or arguments[0] not in _COMMANDS or any(one.partition("=")[0] in _PATHS for one in arguments):
        return
    from kedro.utils import find_kedro_project

    root = find_kedro_project(Path.cwd())
    if root is None or root == Path.cwd():
        return
    settings = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    if settings.get("tool", {}).get("kedro", {}).get("package_name") != "quintain":
        return
    os.chdir(root)
    if _LOGGING.is_file() and "KEDRO_LOGGING_CONFIG" not in os.environ:
        from kedro.framework.project import configure_logging

        configure_logging(yaml.safe_load(_LOGGING.read_text(encoding="utf-8")))
