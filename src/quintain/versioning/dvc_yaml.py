"""dvc.yaml, written from the project's pipelines, catalog and parameters."""

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import yaml
from kedro.pipeline import Pipeline

from quintain.environment import as_everybody_reads, versioned_environment
from quintain.errors import ConfigError
from quintain.versioning.configuration import Configuration
from quintain.versioning.stages import Project, Stage, lifecycle_stages

_HEADER = """\
# Written by `quintain dvc-sync` from the pipelines and the configuration of the environment that pyproject.toml names.
# Edits are lost; a test compares.
"""


def dvc_yaml(project: Project) -> str:
    """Write dvc.yaml for a project; see `lifecycle_stages` for what goes in."""
    return render(lifecycle_stages(project))


def render(stages: Sequence[Stage]) -> str:
    """Lay out stages as the text of dvc.yaml."""
    document = {"stages": {stage.name: _fields(stage) for stage in stages}}
    return _HEADER + yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=120)


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
    import importlib.util

    from kedro.framework.project import pipelines, settings
    from kedro.framework.startup import bootstrap_project
    from kedro.io.catalog_config_resolver import DEFAULT_RUNTIME_PATTERN, CatalogConfigResolver

    from quintain.hooks.lifecycle import LifecycleHook

    metadata = bootstrap_project(root)
    loader = settings.CONFIG_LOADER_CLASS(
        conf_source=str(root / settings.CONF_SOURCE), env=environment, **settings.CONFIG_LOADER_ARGS
    )
    if "lifecycle" in loader.keys():  # noqa: SIM118 - the loader's own `in` looks at what was set by hand
        LifecycleHook().after_context_created(SimpleNamespace(config_loader=loader, env=environment))
    spec = importlib.util.find_spec(metadata.package_name)
    if spec is None or spec.origin is None:
        raise ConfigError(f"{root}/pyproject.toml names package {metadata.package_name!r}, which cannot be imported")
    return Project(
        root=root,
        package=Path(spec.origin).resolve().parent,
        pipelines=_lifecycle(dict(pipelines)),
        catalog=CatalogConfigResolver(loader["catalog"], default_runtime_patterns=DEFAULT_RUNTIME_PATTERN),
        configuration=Configuration.read(root, environment),
        parameters=loader["parameters"],
    )


def _lifecycle(pipelines: dict[str, Pipeline]) -> dict[str, Pipeline]:
    # What a plain `kedro run` runs; a pipeline beside it belongs to another environment.
    whole = set(pipelines.get("__default__", sum(pipelines.values(), Pipeline([]))).nodes)
    return {name: each for name, each in pipelines.items() if name != "__default__" and set(each.nodes) <= whole}
