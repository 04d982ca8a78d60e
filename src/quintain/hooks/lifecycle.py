"""Lifecycle of an environment, read before Kedro asks for pipelines and parameters: both follow from it."""

import copy
import dataclasses
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from kedro.framework.hooks import hook_impl
from yaml import YAMLError

from quintain import pipeline_registry
from quintain.conf_files import is_given
from quintain.environment import BASE, run_by
from quintain.errors import ConfigError
from quintain.lifecycle import Lifecycle
from quintain.lifecycle.former import as_line, from_left_out
from quintain.lifecycle.overrides import GROUP, own_parameters, put
from quintain.lifecycle.reading import read_lifecycle
from quintain.prompts import fingerprint, use_prompts

logger = logging.getLogger(__name__)

_BENCHMARKS = "benchmarks"
_JUDGED = "judged"


class LifecycleHook:
    """Tells the registry of pipelines which students there are, and gives each its own parameters."""

    @hook_impl(tryfirst=True)
    def after_context_created(self, context: Any) -> None:
        """Check all of the environment's configuration, and read its lifecycle.yml.

        Args:
            context: Kedro's context of the run.

        Raises:
            ConfigError: A setting is unknown, of another type or out of range, or the lifecycle declares no family
                tree.
        """
        from quintain.configuration import check_configuration  # imports every pipeline

        loader = context.config_loader
        run_by(Path(loader.conf_source).parent, loader.env or loader.default_run_env or BASE)
        lifecycle = check_configuration(loader)
        pipeline_registry.lifecycle = lifecycle
        parameters = prefer_given(loader["parameters"], loader.runtime_params or {})
        loader["parameters"] = with_own_parameters(parameters, lifecycle)
        _use_own_prompts(parameters, Path(loader.conf_source).parent)


def _use_own_prompts(parameters: Mapping[str, Any], root: Path) -> None:
    """Let the prompts of `prompts.folder` take the place of ours, for as long as this run lasts and in all of it."""
    folder = (parameters.get("prompts") or {}).get("folder") or ""
    replaced = use_prompts(root / folder if folder else "")
    if replaced:
        logger.info("prompts of %s in place of ours: %s", folder, ", ".join(map(fingerprint, replaced)))


def lifecycle_of(loader: Any) -> Lifecycle:
    """Read the lifecycle of an environment.

    Args:
        loader: Kedro's configuration loader.

    Returns:
        The family tree, with the benchmarks of the parameter `evaluation.benchmarks` where it names some.

    Raises:
        ConfigError: The document declares no family tree.
    """
    file = _file(loader)
    try:
        document = dict(loader["lifecycle"])
    except (YAMLError, ValueError) as error:
        raise ConfigError(
            f"{file} cannot be read: {' '.join(str(error).split())}. Two students of one name? Give each its own"
        ) from None
    if "without" in document:
        left_out = document.pop("without") or []
        document = from_left_out(left_out, document.get(_BENCHMARKS) or [], file)
        logger.warning("%s: `without` is the form of version 0.1; write now  %s", file, as_line(document))
    parameters = loader["parameters"]
    if asked := (parameters.get("evaluation") or {}).get(_BENCHMARKS):
        document[_BENCHMARKS] = asked
        for settings in (document.get("students") or {}).values():
            if isinstance(settings, Mapping):
                settings.pop(_BENCHMARKS, None)  # type: ignore[attr-defined]
    lifecycle = read_lifecycle(
        document,
        parameters,
        file=file,
        starts=[name for name, group in loader["globals"].items() if isinstance(group, Mapping) and "source" in group],
        registers=bool(loader["tracking"].get("enabled", True)),
    )
    return dataclasses.replace(lifecycle, judged=_judged(loader, lifecycle.held_out))


def _judged(loader: Any, benchmarks: Sequence[str]) -> tuple[str, ...]:
    """Those of the benchmarks whose entry in the catalog is of the kind `judged`."""
    found = {name: loader["catalog"].get(f"{name}.items@benchmark") for name in benchmarks}
    return tuple(
        name
        for name, entry in found.items()
        if isinstance(entry, Mapping) and (entry.get("benchmark") or entry.get("name")) == _JUDGED
    )


def prefer_given(parameters: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Let what the command line sets for all benchmarks win over what the configuration sets for one of them.

    Args:
        parameters: Nested parameters.
        given: Those of the command line.

    Returns:
        The parameters, without the values of `evaluation.by_benchmark` that the command line overrules; a log line
        names them.
    """
    found: dict[str, Any] = copy.deepcopy(dict(parameters))
    for group, fields in (given.get("evaluation") or {}).items():
        for benchmark, own in (found["evaluation"].get("by_benchmark") or {}).items():
            for field in fields if isinstance(fields, Mapping) and group in own else ():
                name = ("evaluation", "by_benchmark", benchmark, group, field)
                if field in own[group] and not is_given(given, name):
                    former = own[group].pop(field)
                    logger.warning(
                        "--params evaluation.%s.%s holds for %s too, in place of its own %s", group, field, benchmark,
                        former,
                    )  # fmt: skip
    return found


def with_own_parameters(parameters: Mapping[str, Any], lifecycle: Lifecycle) -> dict[str, Any]:
    """Add the parameters of students with overrides, under `students.<name>`.

    Args:
        parameters: Nested parameters of all students; what stands under `students` came from the command line.
        lifecycle: The students.

    Returns:
        The parameters with the added group; equal to the given ones where no student overrides anything.
    """
    given = parameters.get(GROUP, {})
    shared = {name: value for name, value in parameters.items() if name != GROUP}
    own = {
        student.name: own_parameters(shared, student.overrides) for student in lifecycle.students if student.overrides
    }
    put(own, given)
    return {**shared, GROUP: own} if own else shared


def _file(loader: Any) -> str:
    from quintain.configuration import layers_of  # imports every pipeline

    conf = Path(loader.conf_source)
    named = (each for each in reversed(layers_of(loader)) if (conf / each / "lifecycle.yml").is_file())
    return f"conf/{next(named, loader.base_env)}/lifecycle.yml"
