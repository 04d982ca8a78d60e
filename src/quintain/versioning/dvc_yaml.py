"""dvc.yaml, written from the project's pipelines, catalog and parameters."""

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import yaml
from kedro.pipeline import Pipeline

from quintain.environment import as_everybody_reads, versioned_environment
from quintain.errors import ConfigError
from quintain.versioning.configuration import Configuration
from quintain.versioning.stages import Project, Stage, lifecycle_stages

if TYPE_CHECKING:
    from kedro.config import AbstractConfigLoader

_HEADER = """\
# Written by `quintain dvc-sync` from the pipelines and the configuration of the environment that pyproject.toml names.
# Edits are lost; a test compares.
"""


def dvc_yaml(project: Project) -> str:
    """Write dvc.yaml for a project; see `lifecycle_stages` for what goes in."""
    return _HEADER + render(lifecycle_stages(project))


def render(stages: Sequence[Stage]) -> str:
    """Lay out stages in the form of dvc.yaml."""
    document = {"stages": {stage.name: _fields(stage) for stage in stages}}
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=120)


def _fields(stage: Stage) -> dict[str, Any]:
    fields = {
        "cmd": stage.cmd,
        "deps": stage.deps,
        "params": [{path: keys} for path, keys in stage.params.items()],
    }
    for section in ("outs", "metrics", "plots"):
        outputs = getattr(stage, section)
        fields[section] = [{path: settings} if settings else path for path, settings in outputs.items()]
    return {name: value for name, value in fields.items() if value}


def read_project(root: Path, environment: str = "") -> Project:
    """Read a Kedro project as a stage in the environment that it versions would: without conf/local.

    Args:
        root: The project's folder, with its pyproject.toml.
        environment: Another environment of it, for those who look at its data.

    Returns:
        What dvc.yaml is made from.

    Raises:
        ConfigError: The environment does not exist, or a file of it holds no mapping.
    """
    root = root.resolve()
    with as_everybody_reads(root):
        return _read(root, environment or versioned_environment(root))


def _read(root: Path, environment: str) -> Project:
    from kedro.framework.project import pipelines, settings
    from kedro.framework.startup import bootstrap_project

    from quintain.hooks.lifecycle import LifecycleHook

    package = bootstrap_project(root).package_name
    loader = settings.CONFIG_LOADER_CLASS(
        conf_source=str(root / settings.CONF_SOURCE), env=environment, **settings.CONFIG_LOADER_ARGS
    )
    if "lifecycle" in loader.keys():  # noqa: SIM118 - the loader's own `in` looks at what was set by hand
        LifecycleHook().after_context_created(SimpleNamespace(config_loader=loader, env=environment))
    return project_of(root, environment, package, dict(pipelines), loader)


def project_of(
    root: Path, environment: str, package: str, pipelines: dict[str, Pipeline], loader: "AbstractConfigLoader"
) -> Project:
    """Put together what dvc.yaml is made from, where pipelines and configuration were read already.

    Args:
        root: The project's folder.
        environment: A folder of its conf/.
        package: Name of the package that holds the pipelines.
        pipelines: Pipelines by name; with `__default__`, those beside it are left out.
        loader: Kedro's loader of the environment's configuration, after the lifecycle's hook.

    Returns:
        The project.

    Raises:
        ConfigError: The package cannot be imported, or a file of the configuration holds no mapping.
    """
    import importlib.util

    from kedro.io.catalog_config_resolver import DEFAULT_RUNTIME_PATTERN, CatalogConfigResolver

    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise ConfigError(f"{root}/pyproject.toml names package {package!r}, which cannot be imported")
    return Project(
        root=root,
        package=Path(spec.origin).resolve().parent,
        pipelines=_lifecycle(pipelines),
        catalog=CatalogConfigResolver(loader["catalog"], default_runtime_patterns=DEFAULT_RUNTIME_PATTERN),
        configuration=Configuration.read(root, environment),
        parameters=loader["parameters"],
    )


def _lifecycle(pipelines: dict[str, Pipeline]) -> dict[str, Pipeline]:
    # What a plain `kedro run` runs; a pipeline beside it belongs to another environment.
    whole = set(pipelines.get("__default__", sum(pipelines.values(), Pipeline([]))).nodes)
    return {name: each for name, each in pipelines.items() if name != "__default__" and set(each.nodes) <= whole}
