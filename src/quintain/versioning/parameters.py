"""Which keys of which parameter file a stage reads."""

from collections.abc import Iterable, Mapping
from typing import Any

from quintain.errors import ConfigError

PREFIX = "params:"


def tracked_keys(files: Mapping[str, Mapping[str, Any]], inputs: Iterable[str], *, stage: str) -> dict[str, list[str]]:
    """Find the files that hold the parameters of a stage.

    A group that several files hold parts of is listed under each, since Kedro merges them.

    Args:
        files: Content of each parameter file, by path.
        inputs: Parameters as nodes name them, such as `params:evaluation.sampling`.
        stage: The stage, for messages.

    Returns:
        Sorted keys by file.

    Raises:
        ConfigError: A parameter is in no file, hides its value behind an interpolation, or is all parameters at once.
    """
    keys: dict[str, list[str]] = {}
    for name in inputs:
        if not name.startswith(PREFIX):
            raise ConfigError(f"stage {stage} reads all parameters at once; name the group it needs, `{PREFIX}<group>`")
        key = name.removeprefix(PREFIX)
        found = {path: value for path, content in files.items() if (value := _value(content, key)) is not _MISSING}
        if not found:
            raise ConfigError(f"stage {stage} reads {name}, which is in none of {', '.join(files) or 'no file'}")
        for path, value in found.items():
            if "${" in str(value):
                raise ConfigError(
                    f"{path}: {key} holds an interpolation (`${{…}}`), whose value DVC cannot see; write the value out"
                )
            keys.setdefault(path, []).append(key)
    return {path: sorted(keys[path]) for path in sorted(keys)}


_MISSING = object()


def _value(content: Any, key: str) -> Any:
    for part in key.split("."):
        if not isinstance(content, Mapping) or part not in content:
            return _MISSING
        content = content[part]
    return content
