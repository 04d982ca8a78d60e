"""Plan of a run: its nodes, and the configuration that they will read."""

import dataclasses
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, TypeVar

from quintain.conf_files import ConfFiles
from quintain.configuration.check import files_of
from quintain.environment import asked_environment, versioned_environment
from quintain.errors import QuintainError, RecordError
from quintain.lifecycle import Lifecycle
from quintain.lifecycle.overrides import GROUP, touched

if TYPE_CHECKING:
    from kedro.config import AbstractConfigLoader
    from kedro.io import AbstractDataset
    from kedro.io.catalog_config_resolver import CatalogConfigResolver
    from kedro.pipeline import Pipeline

T = TypeVar("T")

PARAMETERS = "params:"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Plan:
    """Nodes of a run and what they will read; paths are seen from the project's root."""

    root: Path
    """The project's folder."""
    environment: str
    """The environment."""
    lifecycle: Lifecycle
    """Its family tree."""
    pipeline: "Pipeline"
    """The nodes that will run."""
    catalog: "CatalogConfigResolver"
    """Entries of the catalog."""
    parameters: Mapping[str, Any]
    """Nested parameters, those of students with overrides under `students`."""
    files: ConfFiles
    """The files that all of it was merged from."""

    def parameter(self, dotted: str) -> Any:
        """A parameter by its dotted name; None where there is none."""
        found: Any = self.parameters
        for part in dotted.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
        return found

    def typed(self, dotted: str, kind: type[T]) -> T:
        """A group of parameters as the type that its node reads; the configuration was checked before."""
        return kind(**(self.parameter(dotted) or {}))

    def place(self, kind: str, *path: str) -> str:
        """File and line that set a value; those of a student's own parameters are found in lifecycle.yml.

        Args:
            kind: `parameters`, `catalog`, `lifecycle` or `globals`.
            *path: Keys from the outermost one.

        Returns:
            Such as `conf/hub/globals.yml:14`.
        """
        if kind == "parameters" and path[:1] == (GROUP,):
            _, student, *rest = path
            own = touched(".".join(rest), self.lifecycle.student(student).overrides)
            return self.files.place(*(("lifecycle", (GROUP, student, "with", *rest)) if own else (kind, tuple(rest))))
        return self.files.place(kind, path)

    def entry(self, name: str) -> Mapping[str, Any]:
        """A dataset's entry in the catalog; empty where there is none and its data stays in memory."""
        found = self.catalog.resolve_pattern(name)
        return found if found and str(found.get("type", "")).rpartition(".")[2] != "MemoryDataset" else {}

    def dataset(self, name: str) -> "AbstractDataset[Any, Any] | None":
        """A dataset that is kept; None for one that stays in memory."""
        from kedro.io import AbstractDataset

        entry = dict(self.entry(name))
        return AbstractDataset.from_config(name, entry) if entry else None

    def path_place(self, name: str) -> str:
        """File and line that say where a dataset lies."""
        return self.place("catalog", self._pattern(name), "filepath")

    def read(self, name: str) -> Any:
        """Load a dataset.

        Args:
            name: Its name in the catalog.

        Returns:
            What it holds.

        Raises:
            QuintainError: It cannot be read.
        """
        from kedro.io import DatasetError

        dataset = self.dataset(name)
        if dataset is None:
            raise RecordError(f"{name} has no entry in the catalog")
        try:
            return dataset.load()
        except DatasetError as error:  # Kedro puts its own around ours
            cause = error.__cause__
            raise cause if isinstance(cause, QuintainError) else RecordError(" ".join(str(error).split())) from None

    def inputs(self) -> list[str]:
        """Datasets that no node of this run makes."""
        return sorted(name for name in self.pipeline.inputs() if not name.startswith(PARAMETERS))

    def output_elsewhere(self, name: str) -> str:
        """The output of the whole lifecycle that a dataset is a view of; empty where no node makes it."""
        from kedro.framework.project import pipelines

        outputs = pipelines["__default__"].all_outputs()
        return next((each for each in sorted(outputs) if each.partition("@")[0] == name.partition("@")[0]), "")

    @property
    def option(self) -> str:
        """Option of Kedro's command line for this environment; empty for the one that it takes by itself."""
        default = os.environ.get("KEDRO_ENV") or versioned_environment(self.root)
        return "" if self.environment == default else f" --env {self.environment}"

    def keeps(self, name: str) -> bool:
        """True where a dataset is kept and there already."""
        dataset = self.dataset(name)
        return dataset is not None and dataset.exists()

    def _pattern(self, name: str) -> str:
        """Name or pattern of a dataset as the catalog has it."""
        return self.catalog.match_dataset_pattern(name) or name


def read_plan(root: Path, environment: str = "") -> Plan:
    """Read what a plain `kedro run` of an environment will do.

    Args:
        root: The project's folder.
        environment: A folder of its conf/; empty: the one that a run without `--env` takes.

    Returns:
        The plan.

    Raises:
        ConfigError: The configuration has faults; the message has a line for each.
    """
    from kedro.framework.project import pipelines, settings
    from kedro.framework.startup import bootstrap_project

    from quintain.hooks.lifecycle import LifecycleHook

    root = root.resolve()
    bootstrap_project(root)
    loader = settings.CONFIG_LOADER_CLASS(
        conf_source=str(root / settings.CONF_SOURCE), env=environment or None, **settings.CONFIG_LOADER_ARGS
    )
    LifecycleHook().after_context_created(SimpleNamespace(config_loader=loader, env=environment))
    return plan_of(loader, pipelines["__default__"], environment)


def plan_of(loader: "AbstractConfigLoader", pipeline: "Pipeline", environment: str = "") -> Plan:
    """Plan of a run whose configuration was read and checked.

    Args:
        loader: Kedro's loader of the configuration, after the lifecycle's hook.
        pipeline: The nodes that will run.
        environment: As of `read_plan`.

    Returns:
        The plan.

    Raises:
        RecordError: The project declares no lifecycle.
    """
    from kedro.io.catalog_config_resolver import DEFAULT_RUNTIME_PATTERN, CatalogConfigResolver

    from quintain import pipeline_registry

    root = Path(loader.conf_source).parent.resolve()
    lifecycle = pipeline_registry.lifecycle
    if lifecycle is None:
        raise RecordError(f"{root} has no lifecycle.yml")
    return Plan(
        root=root,
        environment=environment or asked_environment(root) or versioned_environment(root),
        lifecycle=lifecycle,
        pipeline=pipeline,
        catalog=CatalogConfigResolver(loader["catalog"], default_runtime_patterns=DEFAULT_RUNTIME_PATTERN),
        parameters=loader["parameters"],
        files=files_of(loader),
    )


def groups_read(plan: Plan, node: Any) -> Iterator[str]:
    """Dotted names of the parameters that a node reads."""
    for name in node.inputs:
        if name.startswith(PARAMETERS):
            yield name.removeprefix(PARAMETERS)
