"""Lifecycle of an environment: read before Kedro asks for pipelines and parameters, which both follow from it."""

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kedro.framework.hooks import hook_impl
from yaml import YAMLError

from quintain import pipeline_registry
from quintain.errors import ConfigError
from quintain.lifecycle import Lifecycle
from quintain.lifecycle.former import as_line, from_left_out
from quintain.lifecycle.overrides import GROUP, leaves, own_parameters, refuse_unknown
from quintain.lifecycle.reading import read_lifecycle

logger = logging.getLogger(__name__)

_BENCHMARKS = "benchmarks"


class LifecycleHook:
    """Tells the registry of pipelines which students there are, and gives each its own parameters."""

    @hook_impl(tryfirst=True)
    def after_context_created(self, context: Any) -> None:
        """Read the environment's lifecycle.yml.

        Args:
            context: Kedro's context of the run.

        Raises:
            ConfigError: The document declares no family tree, or `--params` names a parameter that a student has not.
        """
        loader = context.config_loader
        lifecycle = lifecycle_of(loader)
        pipeline_registry.lifecycle = lifecycle
        loader["parameters"] = with_own_parameters(loader["parameters"], lifecycle)


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
    return read_lifecycle(
        document,
        parameters,
        file=file,
        starts=[name for name, group in loader["globals"].items() if isinstance(group, Mapping) and "source" in group],
        registers=bool(loader["tracking"].get("enabled", True)),
    )


def with_own_parameters(parameters: Mapping[str, Any], lifecycle: Lifecycle) -> dict[str, Any]:
    """Add the parameters of students with overrides, under `students.<name>`.

    Args:
        parameters: Nested parameters of all students; what stands under `students` came from the command line.
        lifecycle: The students.

    Returns:
        The parameters with the added group; equal to the given ones where no student overrides anything.

    Raises:
        ConfigError: The command line names a parameter that no student has of its own.
    """
    given = parameters.get(GROUP, {})
    shared = {name: value for name, value in parameters.items() if name != GROUP}
    own = {
        student.name: own_parameters(shared, student.overrides) for student in lifecycle.students if student.overrides
    }
    refuse_unknown((name for name, _ in leaves({GROUP: given} if given else {})), {**shared, GROUP: own}, "--params")
    for name, value in leaves(given):
        *path, last = name.split(".")
        at: Any = own
        for part in path:
            at = at[part]
        at[last] = value
    return {**shared, GROUP: own} if own else shared


def _file(loader: Any) -> str:
    conf = Path(loader.conf_source)
    own = conf / (loader.env or loader.default_run_env or "base") / "lifecycle.yml"
    return f"conf/{own.parent.name}/lifecycle.yml" if own.is_file() else f"conf/{loader.base_env}/lifecycle.yml"
