"""Sources of a task's data: a folder, or a dataset of the hub at a pinned revision; there is no default."""

from dataclasses import dataclass
from pathlib import Path

from quintain.errors import ConfigError


@dataclass(frozen=True)
class Source:
    """Source of a task's data."""

    folder: Path | None = None
    """Folder; None for a dataset of the hub."""
    name: str = ""
    """Name of the dataset."""
    revision: str = ""
    """Its revision."""


def read_source(task: str, given: str | None, released: str = "") -> Source:
    """Read what a benchmark's setting `sources` says of a task.

    Args:
        task: Name of the task.
        given: A folder, or NAME@REVISION; None where the setting does not name the task.
        released: Where the data are released, for the message.

    Returns:
        The source.

    Raises:
        ConfigError: Nothing is given, the folder does not exist, or the dataset has no revision: a branch moves.
    """
    where = f" ({released})" if released else ""
    if not given:
        raise ConfigError(
            f"no source for the task {task}: nothing is downloaded that nobody named. Set `sources: {{{task}: …}}` of "
            f"its benchmark in the catalog to a folder, or to a dataset of the hub as NAME@REVISION{where}"
        )
    if Path(given).is_dir():
        return Source(folder=Path(given))
    name, at, revision = given.partition("@")
    if not at or not revision or name.count("/") != 1:
        raise ConfigError(
            f"sources.{task}: {given} is no folder; name one, or a dataset of the hub with its revision, such as "
            f"NAMESPACE/NAME@REVISION{where}"
        )
    return Source(name=name, revision=revision)
