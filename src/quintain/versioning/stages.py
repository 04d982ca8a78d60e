"""The stages of a lifecycle: what each command reads and writes, taken from pipelines, catalog and parameters."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from kedro.pipeline import Pipeline
from kedro.pipeline.node import Node

from quintain.errors import ConfigError
from quintain.versioning.code import code_dependencies
from quintain.versioning.parameters import PREFIX, tracked_keys

_PICTURES = {".png", ".svg", ".jpg", ".jpeg"}


class Catalog(Protocol):
    """The part of Kedro's CatalogConfigResolver that says what a dataset's name stands for."""

    def resolve_pattern(self, ds_name: str) -> dict[str, Any]:
        """Configuration of a dataset, placeholders filled in."""
        ...


@dataclass(frozen=True, kw_only=True)
class Project:
    """What the stages are made from."""

    root: Path
    """The project's folder; all paths in dvc.yaml start there."""
    package: Path
    """Source of the package that holds the pipelines; lies outside the root where the package is installed."""
    pipelines: Mapping[str, Pipeline]
    """Pipelines by name, without `__default__`."""
    catalog: Catalog
    """Configuration of the datasets, as a run with `--env base` sees it."""
    parameters: Mapping[str, Mapping[str, Any]]
    """Content of each parameter file under conf/base, by its path from the root."""


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One stage of dvc.yaml."""

    name: str
    """The pipeline, and the student where the pipeline has several."""
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


def lifecycle_stages(project: Project) -> list[Stage]:
    """Make one stage per pipeline and student.

    Args:
        project: Pipelines, catalog and parameters.

    Returns:
        Stages in the order of the pipelines; DVC runs them in the order of what they read.

    Raises:
        ConfigError: A dataset between two stages is not kept in a file, two stages write one file, the catalog asks
            for versions of Kedro's own, or a parameter is in no file or hides its value from DVC.
    """
    stages = [_stage(project, *part) for part in _parts(project.pipelines)]
    writers: dict[str, str] = {}
    for stage in stages:
        for path in (*stage.outs, *stage.metrics, *stage.plots):
            if path in writers:
                raise ConfigError(f"stages {writers[path]} and {stage.name} both write {path}; give each its own file")
            writers[path] = stage.name
    return stages


def _parts(pipelines: Mapping[str, Pipeline]) -> Iterator[tuple[str, str, list[Node]]]:
    """Pipeline, top namespace and nodes of each stage; one node outside all namespaces makes it a single stage."""
    for pipeline, all_nodes in pipelines.items():
        nodes_of: dict[str, list[Node]] = {}
        for node in all_nodes.nodes:
            nodes_of.setdefault((node.namespace or "").split(".")[0], []).append(node)
        if "" in nodes_of:
            yield pipeline, "", list(all_nodes.nodes)
        else:
            yield from ((pipeline, namespace, nodes_of[namespace]) for namespace in sorted(nodes_of))


def _stage(project: Project, pipeline: str, namespace: str, nodes: list[Node]) -> Stage:
    name = f"{pipeline}-{namespace}" if namespace else pipeline
    read = {dataset for node in nodes for dataset in node.inputs}
    params = {dataset for dataset in read if dataset.startswith(PREFIX) or dataset == "parameters"}
    read -= params
    written = {dataset for node in nodes for dataset in node.outputs}
    entries = {dataset: project.catalog.resolve_pattern(dataset) for dataset in sorted(read | written)}
    paths = {dataset: entry["filepath"] for dataset, entry in entries.items() if "filepath" in entry}
    for dataset, entry in entries.items():
        if entry.get("versioned"):
            raise ConfigError(f"dataset {dataset} is `versioned: true`, but DVC keeps the versions; take the line out")
        if dataset not in paths and dataset not in written:
            raise ConfigError(
                f"stage {name} reads dataset {dataset}, which no catalog entry keeps in a file; "
                "give it one, or make it in the same pipeline and namespace"
            )
    # By path, not by name: the views of a model (`@hf`, `@ref`) are one folder, and a stage may read what it wrote.
    made = {paths[dataset] for dataset in written & paths.keys()}
    needed = {paths[dataset] for dataset in read & paths.keys()} - made
    stage = Stage(
        name=name,
        cmd=_command(pipeline, namespace),
        deps=sorted(needed | set(_code(project, pipeline))),
        params=tracked_keys(project.parameters, sorted(params), stage=name) | _installed_code(project),
    )
    for dataset in sorted(written & paths.keys(), key=paths.__getitem__):
        kind, settings = _output(dataset, entries[dataset])
        getattr(stage, kind)[paths[dataset]] = settings
    return stage


def _command(pipeline: str, namespace: str) -> str:
    # `--env base`: DVC does not see conf/local, which Kedro would merge in silently. One thread: the bytes of a
    # trained model depend on the number of threads.
    only = f" --namespaces {namespace}" if namespace else ""
    return f"OMP_NUM_THREADS=1 kedro run --pipelines {pipeline}{only} --env base"


def _code(project: Project, pipeline: str) -> list[str]:
    if not project.package.is_relative_to(project.root):
        return []
    return [path.relative_to(project.root).as_posix() for path in code_dependencies(project.package, pipeline)]


def _installed_code(project: Project) -> dict[str, list[str]]:
    # Where the package is installed, the version that the project pins stands for its code.
    return {} if project.package.is_relative_to(project.root) else {"pyproject.toml": ["project.dependencies"]}


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
