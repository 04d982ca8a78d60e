"""Parameters of a stage: the keys that it reads, by file."""

from collections.abc import Iterable

from quintain.errors import ConfigError
from quintain.versioning.configuration import Configuration, Place

PREFIX = "params:"


def tracked_keys(configuration: Configuration, inputs: Iterable[str], *, stage: str) -> dict[str, list[str]]:
    """Find the files that hold the parameters of a stage.

    A group that several files hold parts of is listed under each, since Kedro merges them, and so is what a value
    refers to.

    Args:
        configuration: The files of the environment.
        inputs: Parameters as nodes name them, such as `params:evaluation.sampling`.
        stage: The stage, for messages.

    Returns:
        Sorted keys by file.

    Raises:
        ConfigError: A parameter is in no file, refers to something that DVC cannot see, or is all parameters at once.
    """
    places: set[Place] = set()
    for name in inputs:
        if not name.startswith(PREFIX):
            raise ConfigError(f"stage {stage} reads all parameters at once; name the group it needs, `{PREFIX}<group>`")
        found = configuration.parameter(name.removeprefix(PREFIX))
        if not found:
            files = ", ".join(configuration.parameters) or "no file"
            raise ConfigError(f"stage {stage} reads {name}, which is in none of {files}")
        places |= found
    return by_file(places)


def by_file(places: Iterable[Place]) -> dict[str, list[str]]:
    """Sort places into keys by file, as dvc.yaml lists them."""
    keys: dict[str, list[str]] = {}
    for place in sorted(places):
        keys.setdefault(place.path, []).append(place.key)
    return keys
