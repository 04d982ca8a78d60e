"""The folder below which an environment writes: `data` in its globals.yml.

Environments that measure the students of the versioned one share its folder; one that makes other students under the
same names has a folder of its own, so that neither writes over the other.
"""

from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from quintain.conf_files import ConfFiles
from quintain.environment import layers

KEY = "data"
"""Its name in globals.yml."""
DEFAULT = "data"
"""Folder of projects whose globals.yml names none."""


def data_root(root: Path, environment: str = "") -> Path:
    """Find the folder below which an environment writes.

    Args:
        root: The project's folder.
        environment: A folder of conf/; by default the one asked for, or else the one that is versioned.

    Returns:
        The folder, below the project's.
    """
    found = DEFAULT
    for file in ConfFiles(root / "conf", layers(root, environment), ("globals",)).of("globals"):
        content = file.content
        named = content.get(KEY) if isinstance(content, Mapping) else None
        found = named if isinstance(named, str) and not fault_of(named) else found
    return root / found


def reports_root(root: Path, environment: str = "") -> Path:
    """Folder of an environment's reports, below its `data_root`."""
    return data_root(root, environment) / "08_reporting"


def fault_of(value: Any) -> str:
    """Say why a value is no folder to write below; empty where it is one.

    >>> fault_of("data/smoke"), fault_of("/data")
    ('', "must be a folder of the project such as data or data/mine, got '/data'")
    """
    path = PurePosixPath(value) if isinstance(value, str) else PurePosixPath()
    if path.parts and not path.is_absolute() and ".." not in path.parts and not set("{}$\\").intersection(str(path)):
        return ""
    return f"must be a folder of the project such as data or data/mine, got {value!r}"
