"""Benchmarks by the name that a user types: of the project around, of this package, or of another one."""

import inspect
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from quintain.benchmarks.benchmark import Benchmark
from quintain.benchmarks.constraints import ConstraintBenchmark
from quintain.benchmarks.registry import find_benchmark, make_benchmark
from quintain.errors import ConfigError, RecordError
from quintain.records import ConstraintItem

if TYPE_CHECKING:
    from quintain.conf_files import ConfFiles

_KNOWN: Mapping[str, tuple[str, dict[str, Any]]] = {
    "starter": ("exact", {"size": "starter"}),
    "core": ("exact", {"size": "core"}),
    "extended": ("exact", {"size": "extended"}),
    "followbench_zh": ("followbench", {"language": "zh"}),
    "followbench_corrected": ("followbench", {"rules": "corrected"}),
}
"""Names of the catalog that stand for another benchmark with settings."""
_GLOBAL = re.compile(r"\$\{globals:\s*([^,}$\s]+)\s*\}")
_PATHS = ("source", "filepath", "world")
"""Settings that may be paths, meant from the project's root."""
_ALMANAC = ("data/05_model_input/pack.jsonl", "data/01_raw/world.json")


def named_benchmark(name: str, source: str | None, given: Mapping[str, str]) -> Benchmark:
    """Make a benchmark and read its items.

    Args:
        name: Name in lifecycle.yml, or one that some package offers.
        source: File, folder or dataset of the hub that it is read from; None: what the project's catalog says.
        given: Further settings, such as `language`.

    Returns:
        The benchmark, its items read.

    Raises:
        ConfigError: Nobody offers it, or a setting is unknown or missing.
        RecordError: What it reads is missing or broken.
    """
    kind, settings = _settings(name)
    known = inspect.signature(find_benchmark(kind)).parameters
    if source is not None:
        settings |= _from(source, kind, known)
    for setting, value in given.items():
        if setting not in known:
            raise ConfigError(
                f"--{setting}: benchmark {name!r} has no {setting}; it takes {', '.join(known) or 'none'}"
            )
        settings[setting] = value
    if "source" in known and not (settings.get("source") or settings.get("filepath")):
        raise ConfigError(f"benchmark {name!r} is read from a file or folder of yours; name it with --source")
    made = make_benchmark(kind, name, settings)
    try:
        made.items  # noqa: B018 - reads them
    except ValueError as error:
        raise RecordError(f"benchmark {name!r}: {error}") from None
    return made


def named_constraints(name: str) -> list[ConstraintItem]:
    """Items of a benchmark of instructions with constraints, as the project's catalog has it.

    Args:
        name: Its name.

    Returns:
        The items; none where it is a benchmark of another kind, or cannot be read on this machine.
    """
    try:
        if not issubclass(find_benchmark(_settings(name)[0]), ConstraintBenchmark):
            return []
        return list(named_benchmark(name, None, {}).items)
    except (ConfigError, RecordError):
        return []


def _from(source: str, kind: str, known: Mapping[str, Any]) -> dict[str, Any]:
    if kind == "almanac" and Path(source).is_dir():
        items, world = (str(Path(source) / part) for part in _ALMANAC)
        return {"filepath": items, "world": world}
    setting = next((name for name in ("source", "filepath") if name in known), None)
    if setting is None:
        raise ConfigError(f"--source: benchmark {kind!r} reads nothing; it takes {', '.join(known) or 'no settings'}")
    return {setting: source, **({"world": str(Path(source).with_name("world.json"))} if kind == "almanac" else {})}


def _settings(name: str) -> tuple[str, dict[str, Any]]:
    """Kind and settings of a name: as the project's catalog has them, else as this package means it."""
    entry = _entry(name)
    if entry is None:
        kind, settings = _KNOWN.get(name, (name, {}))
        return kind, dict(settings)
    kind = entry.get("benchmark") or entry.get("name") or name
    return kind, {key: value for key, value in entry.items() if key not in ("type", "name", "benchmark", "metadata")}


def _entry(name: str) -> dict[str, Any] | None:
    """Entry of a benchmark in the catalog of the project around, paths meant from its root."""
    from quintain.conf_files import ConfFiles
    from quintain.environment import layers
    from quintain.registry.settings import find_project

    try:
        root = find_project(Path.cwd())
    except ConfigError:
        return None
    files = ConfFiles(root / "conf", layers(root), ("catalog", "globals"))
    found = None
    for file in files.of("catalog"):
        found = (file.content or {}).get(f"{name}.items@benchmark", found)
    return None if found is None else {key: _resolved(key, value, files, root) for key, value in found.items()}


def _resolved(key: str, value: Any, files: "ConfFiles", root: Path) -> Any:
    if not isinstance(value, str):
        return value
    if whole := _GLOBAL.fullmatch(value):
        value = _global(whole[1], files)  # a number stays one
        if not isinstance(value, str):
            return value
    text = _GLOBAL.sub(lambda match: str(_global(match[1], files)), value)
    return str(root / text) if key in _PATHS and text and (root / text).exists() else text


def _global(name: str, files: "ConfFiles") -> Any:
    found: Any = ""
    for file in files.of("globals"):
        value = file.content or {}
        for part in name.split("."):
            value = value.get(part, {}) if isinstance(value, Mapping) else {}
        found = value if value != {} else found
    return found
