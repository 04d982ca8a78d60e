"""The stages of a lifecycle: what each command reads and writes, taken from pipelines, catalog and parameters."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kedro.pipeline import Pipeline
from kedro.pipeline.node import Node

from quintain.errors import ConfigError
from quintain.versioning.code import Sources, homes_of
from quintain.versioning.configuration import Configuration
from quintain.versioning.entries import Catalog, Entry, read_entry
from quintain.versioning.imports import Use
from quintain.versioning.named_files import files_of_parameters
from quintain.versioning.parameters import PREFIX, by_file, tracked_keys

_PICTURES = {".png", ".svg", ".jpg", ".jpeg"}
# `_sources`: what a `load` of ours begins with, and a setting that is checked early.
_LOADS, _SAVES = ("load", "_load", "_sources"), ("save", "_save")
# What joins the nodes of a pipeline together; its imports lead to the nodes of every stage.
_WIRING = ("__init__.py", "pipeline.py")


@dataclass(frozen=True, kw_only=True)
class Project:
    """Inputs from which the stages are made."""

    root: Path
    """The project's folder; all paths in dvc.yaml start there."""
    package: Path
    """Source of the package that holds the pipelines; lies outside the root where the package is installed."""
    pipelines: Mapping[str, Pipeline]
    """Pipelines by name, without `__default__`."""
    catalog: Catalog
    """Configuration of the datasets, as a run in the environment sees it."""
    configuration: Configuration
    """The files that the environment is merged from."""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    """All parameters, merged."""


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One stage of dvc.yaml."""

    name: str
    """The pipeline, and the namespace where the pipeline has several."""
    cmd: str
    """The command that makes the outputs."""
    deps: list[str]
    """Files and folders that it reads."""
    params: dict[str, list[str]]
    """Keys that it reads, by parameter file."""
    outs: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Files and folders that it writes, with their settings."""
    metrics: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The same for metrics."""
    plots: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The same for plots."""

    @property
    def written(self) -> list[str]:
        """Everything that it writes."""
        return [*self.outs, *self.metrics, *self.plots]


def lifecycle_stages(project: Project) -> list[Stage]:
    """Make one stage per pipeline and namespace.

    Args:
        project: Pipelines, catalog and configuration.

    Returns:
        Stages in the order of the pipelines; DVC runs them in the order of what they read.

    Raises:
        ConfigError: A dataset between two stages is not kept in a file, two stages write one file or cannot be run
            apart, the catalog asks for versions of Kedro's own, or a parameter is in no file or hidden from DVC.
    """
    # Where the package is installed, the version that the project pins stands for its code.
    sources = Sources(project.package) if project.package.is_relative_to(project.root) else None
    stages = [_stage(project, sources, *part) for part in _parts(project.pipelines)]
    writers: dict[str, str] = {}
    for stage in stages:
        for path in stage.written:
            if path in writers:
                raise ConfigError(f"stages {writers[path]} and {stage.name} both write {path}; give each its own file")
            writers[path] = stage.name
    return stages


def _parts(pipelines: Mapping[str, Pipeline]) -> Iterator[tuple[str, str, list[Node]]]:
    """Pipeline, namespace and nodes of each stage; one node outside all namespaces makes it a single stage."""
    for pipeline, all_nodes in pipelines.items():
        nodes_of: dict[str, list[Node]] = {}
        for node in all_nodes.nodes:
            nodes_of.setdefault(node.namespace or "", []).append(node)
        if "" in nodes_of:
            yield pipeline, "", list(all_nodes.nodes)
            continue
        for inner in nodes_of:
            if outer := next((outer for outer in nodes_of if inner.startswith(f"{outer}.")), None):
                raise ConfigError(
                    f"pipeline {pipeline} has nodes in the namespace {outer} and in {inner}: `kedro run --namespaces "
                    f"{outer}` would run both, so DVC cannot have a stage for each; move the nodes of {outer} into a "
                    "namespace of their own inside of it"
                )
        yield from ((pipeline, namespace, nodes_of[namespace]) for namespace in sorted(nodes_of))


def _stage(project: Project, sources: Sources | None, pipeline: str, namespace: str, nodes: list[Node]) -> Stage:
    # DVC's names of stages have no dots.
    name = "-".join((pipeline, *namespace.split("."))) if namespace else pipeline
    read = {dataset for node in nodes for dataset in node.inputs}
    params = {dataset for dataset in read if dataset.startswith(PREFIX) or dataset == "parameters"}
    read -= params
    written = {dataset for node in nodes for dataset in node.outputs}
    entries = {
        dataset: read_entry(project.root, project.catalog, project.configuration, dataset)
        for dataset in sorted(read | written)
    }
    for dataset in sorted(read - written):
        if not entries[dataset].files and not entries[dataset].is_given:
            raise ConfigError(
                f"stage {name} reads dataset {dataset}, which no catalog entry keeps in a file; "
                "give it one, or make it in the same pipeline and namespace"
            )
    # By path, not by name: the views of a model (`@hf`, `@ref`) are one folder, and a stage may read what it wrote.
    made = {path for dataset in written if (path := entries[dataset].path)}
    needed = {path for dataset in read for path in entries[dataset].files}
    needed |= files_of_parameters(project.parameters, params)
    code = _code(sources, pipeline, nodes, _classes(entries.values(), read, written)) if sources else []
    keys = {place for entry in entries.values() for place in entry.places if entry.name not in written or entry.path}
    stage = Stage(
        name=name,
        cmd=_command(pipeline, namespace, project.configuration.environment),
        deps=sorted((needed - made) | {(project.package / file).relative_to(project.root).as_posix() for file in code}),
        params=_together(
            tracked_keys(project.configuration, sorted(params), stage=name),
            by_file(keys),
            {} if sources else {"pyproject.toml": ["project.dependencies"]},
        ),
    )
    for dataset in sorted(written, key=lambda each: entries[each].path or ""):
        if path := entries[dataset].path:
            kind, settings = _output(dataset, entries[dataset].settings)
            getattr(stage, kind)[path] = settings
    return stage


def _command(pipeline: str, namespace: str, environment: str) -> str:
    # `--env`: KEDRO_ENV of whoever runs it must not decide. One thread: the bytes of a trained model depend on the
    # number of threads.
    only = f" --namespaces {namespace}" if namespace else ""
    return f"OMP_NUM_THREADS=1 kedro run --pipelines {pipeline}{only} --env {environment}"


def _classes(entries: Iterable[Entry], read: Collection[str], written: Collection[str]) -> Iterator[Use]:
    """Classes of datasets: what is only written is never loaded, what is only read is never saved."""
    for entry in entries:
        without = () if entry.name in read and entry.name in written else _LOADS if entry.name in written else _SAVES
        for kind in entry.types:
            module, _, name = kind.rpartition(".")
            yield Use(module, name, without)


def _code(sources: Sources, pipeline: str, nodes: list[Node], classes: Iterable[Use]) -> list[str]:
    """Files and folders of the package that nodes and the classes of their datasets run."""
    uses = {use for node in nodes for use in homes_of(node.func)} | set(classes)
    wiring = {file for name in _WIRING if sources.holds(file := f"pipelines/{pipeline}/{name}")}
    return sources.folded(sources.behind(uses) | wiring)


def _together(*parts: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """One mapping of all files, each with all of its keys."""
    keys: dict[str, set[str]] = {}
    for part in parts:
        for path, found in part.items():
            keys.setdefault(path, set()).update(found)
    return {path: sorted(keys[path]) for path in sorted(keys)}


def _output(dataset: str, entry: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Section of the stage that an output stands in, and its settings there; the catalog's `metadata.dvc` decides."""
    role = (entry.get("metadata") or {}).get("dvc")
    if role == "metric":
        return "metrics", {"cache": False}
    if isinstance(role, Mapping) and role.keys() == {"plot"}:
        return "plots", {"cache": False, **role["plot"]}
    if role not in (None, "uncached"):
        raise ConfigError(
            f"dataset {dataset}: metadata.dvc is {role!r}; write metric, uncached or {{plot: {{x: …, y: …}}}}"
        )
    settings = {"cache": False} if role == "uncached" else {}
    return ("plots" if Path(entry["filepath"]).suffix in _PICTURES else "outs"), settings
