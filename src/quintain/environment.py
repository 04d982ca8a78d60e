"""The environment that a project versions: `[tool.quintain] environment` in its pyproject.toml.

```toml
[tool.quintain]
environment = "hub"
```

A plain `kedro run`, the stages of dvc.yaml and the lineage of students all go by it; `--env`, or else the variable
KEDRO_ENV, wins for one run.

conf/local is the last layer under every environment, for Kedro and for our commands. Git ignores it, so what others get
must not follow from it: neither dvc.yaml nor a stage that DVC runs (`dvc repro`, `dvc exp run`) reads it.
"""

import os
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from quintain.errors import ConfigError

BASE = "base"
"""The environment that every other one is merged over; the one versioned where pyproject.toml names none."""

LOCAL = "local"
"""The layer over every environment: one person's own settings, which git ignores."""

_DVC_STAGE = "DVC_STAGE"
"""Variable that DVC sets for the command of a stage."""

_shared: list[Path] = []
"""Projects that this process reads as everybody else would."""
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
        known = ", ".join([*environments(root), LOCAL])
        raise ConfigError(f"KEDRO_ENV is {name!r}, which is no folder of conf/; there are {known}: correct or unset it")
    return name


def environments(root: Path) -> list[str]:
    """Names of the folders of conf/ that can be versioned."""
    return sorted(path.name for path in (root / "conf").glob("*/") if path.name != LOCAL and path.name[0] != ".")


@contextmanager
def as_everybody_reads(root: Path) -> Iterator[None]:
    """Leave conf/local of a project out for a while: what is written down for others must not follow from it.

    Args:
        root: The project's folder.
    """
    _shared.append(root.resolve())
    try:
        yield
    finally:
        _shared.pop()


def reads_local(root: Path) -> bool:
    """True where conf/local counts: everywhere but in a stage that DVC runs, and in what is written for others.

    Args:
        root: The project's folder.

    Returns:
        Whether it does.
    """
    return not os.environ.get(_DVC_STAGE) and root.resolve() not in _shared


def layers(root: Path, environment: str = "") -> list[str]:
    """Folders of conf/ that a run of a project merges, each over those before.

    Args:
        root: The project's folder.
        environment: The environment of the run; by default the one asked for, or else the one that is versioned.

    Returns:
        `base`, the environment unless it is base, and `local` where it counts.
    """
    named = environment or asked_environment(root) or versioned_environment(root)
    return list(dict.fromkeys([BASE, named, *([LOCAL] if reads_local(root) else [])]))
