"""The environment that a project versions: `[tool.quintain] environment` in its pyproject.toml.

```toml
[tool.quintain]
environment = "hub"
```

A plain `kedro run`, the stages of dvc.yaml and the lineage of students all go by it; `--env`, or else the variable
KEDRO_ENV, wins for one run.
"""

import os
import tomllib
from pathlib import Path

from quintain.errors import ConfigError

BASE = "base"
"""The environment that every other one is merged over; the one versioned where pyproject.toml names none."""

_LOCAL = "local"
_of_runs: dict[Path, str] = {}
"""Project → environment of the run that this process makes there."""


def run_by(root: Path, name: str) -> None:
    """Let everything in this process that reads a project's configuration go by the environment of its run.

    Args:
        root: The project's folder.
        name: What `--env` gave, or what a run goes by without it.
    """
    _of_runs[root.resolve()] = name


def versioned_environment(root: Path) -> str:
    """Read which environment a project versions.

    Args:
        root: The project's folder, with its pyproject.toml.

    Returns:
        Name of a folder of conf/.

    Raises:
        ConfigError: There is no such folder, or it is conf/local, which nobody else has.
    """
    pyproject = root / "pyproject.toml"
    document = tomllib.loads(pyproject.read_text(encoding="utf-8")) if pyproject.is_file() else {}
    name = document.get("tool", {}).get("quintain", {}).get("environment", BASE)
    known = environments(root)
    if name != BASE and name not in known:
        raise ConfigError(
            f"{pyproject}: tool.quintain.environment is {name!r}, which is no environment to version; "
            f"conf/ holds {', '.join(known) or 'none'}"
        )
    return str(name)


def asked_environment(root: Path) -> str:
    """Read which environment was asked for: the one of the run that this process makes, or else KEDRO_ENV.

    Args:
        root: The project's folder.

    Returns:
        Name of a folder of conf/; empty where there is no run and the variable is not set.

    Raises:
        ConfigError: There is no such folder.
    """
    if name := _of_runs.get(root.resolve(), ""):
        return name
    name = os.environ.get("KEDRO_ENV", "")
    if name and not (root / "conf" / name).is_dir():
        known = ", ".join([*environments(root), _LOCAL])
        raise ConfigError(f"KEDRO_ENV is {name!r}, which is no folder of conf/; there are {known}: correct or unset it")
    return name


def environments(root: Path) -> list[str]:
    """Names of the folders of conf/ that can be versioned."""
    return sorted(path.name for path in (root / "conf").glob("*/") if path.name != _LOCAL and path.name[0] != ".")


def layers(root: Path) -> list[str]:
    """Environments that a plain run of a project merges, each over those before: its own over `base`.

    Where `base` itself is versioned, conf/local is the last layer, as Kedro has it; what KEDRO_ENV names takes its
    place.
    """
    if asked := asked_environment(root):
        return [BASE, asked]
    name = versioned_environment(root)
    return [BASE, _LOCAL if name == BASE else name]
