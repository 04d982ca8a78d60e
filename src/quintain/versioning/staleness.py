"""Stages that a change makes stale: those that depend on what changed, and those after them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from quintain.errors import ConfigError
from quintain.versioning.configuration import Configuration
from quintain.versioning.stages import Stage

_MOST_PATHS = 3


@dataclass(frozen=True)
class Stale:
    """A stage that would run again."""

    stage: str
    """Its name."""
    reasons: tuple[str, ...]
    """What it depends on, or the stages that it comes after."""
    is_direct: bool
    """True where it depends on the change itself."""


def stale_after_file(stages: Sequence[Stage], path: str) -> list[Stale]:
    """Tell which stages a change of a file or folder makes stale.

    Args:
        stages: All stages.
        path: The file or folder, from the project's root.

    Returns:
        The stages, each after those that it waits for.
    """
    return _with_later(stages, {stage.name: tuple(_reasons_of_file(stage, path)) for stage in stages})


def stale_after_parameter(stages: Sequence[Stage], configuration: Configuration, name: str) -> list[Stale]:
    """Tell which stages a change of a parameter makes stale.

    Args:
        stages: All stages.
        configuration: The files of the environment.
        name: Dotted name of a parameter or of a group of them, or of a value of globals.yml.

    Returns:
        The stages, each after those that it waits for.

    Raises:
        ConfigError: There is no such parameter; the message offers the close ones.
    """
    known = dict.fromkeys(
        key
        for files in (configuration.parameters, configuration.globals)
        for content in files.values()
        for key in _keys(content)
    )
    if name not in known:
        close = get_close_matches(name, known, n=3) or list(known)[:3]
        raise ConfigError(
            f"{name} is no parameter of the environment {configuration.environment} and no file of this project; "
            f"did you mean {', '.join(close)}?"
        )
    return _with_later(stages, {stage.name: tuple(_reasons_of_parameter(stage, name)) for stage in stages})


def paths_of(stages: Iterable[Stage]) -> list[str]:
    """Everything on disk that a stage reads or writes."""
    return sorted({path for stage in stages for path in (*stage.deps, *stage.params, *stage.written)})


def _reasons_of_file(stage: Stage, path: str) -> Iterator[str]:
    read = [each for each in stage.deps if _overlap(each, path)]
    if read:
        more = f" and {len(read) - _MOST_PATHS} more" if len(read) > _MOST_PATHS else ""
        yield f"depends on {', '.join(read[:_MOST_PATHS])}{more}"
    yield from (f"reads {', '.join(keys)} in {file}" for file, keys in stage.params.items() if _overlap(file, path))
    yield from (f"writes {each}" for each in stage.written if _overlap(each, path))


def _reasons_of_parameter(stage: Stage, name: str) -> Iterator[str]:
    for file, keys in stage.params.items():
        read = [key for key in keys if key == name or key.startswith(f"{name}.") or name.startswith(f"{key}.")]
        if read:
            yield f"reads {', '.join(read)} in {file}"


def _with_later(stages: Sequence[Stage], direct: Mapping[str, tuple[str, ...]]) -> list[Stale]:
    found: dict[str, Stale] = {}
    for stage in in_order(stages):
        before = [other for other in _before(stages, stage) if other.name in found]
        after = (f"after {', '.join(other.name for other in before)}",) if before else ()
        if reasons := (*direct[stage.name], *after):
            found[stage.name] = Stale(stage.name, reasons, bool(direct[stage.name]))
    return list(found.values())


def in_order(stages: Sequence[Stage]) -> list[Stage]:
    """Sort stages so that each stands after those whose outputs it reads."""
    ordered: dict[str, Stage] = {}

    def visit(stage: Stage) -> None:
        if stage.name not in ordered:
            for other in _before(stages, stage):
                visit(other)
            ordered[stage.name] = stage

    for stage in stages:
        visit(stage)
    return list(ordered.values())


def _before(stages: Sequence[Stage], stage: Stage) -> list[Stage]:
    return [
        other
        for other in stages
        if other is not stage and any(_overlap(out, dep) for out in other.written for dep in stage.deps)
    ]


def _overlap(one: str, other: str) -> bool:
    return one == other or one.startswith(f"{other}/") or other.startswith(f"{one}/")


def _keys(content: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    for name, value in content.items():
        yield f"{prefix}{name}"
        if isinstance(value, Mapping):
            yield from _keys(value, f"{prefix}{name}.")
