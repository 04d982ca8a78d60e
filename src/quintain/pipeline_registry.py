"""The project's pipelines, in the order in which data flows through a lifecycle."""

import importlib

from kedro.pipeline import Pipeline

from quintain.lifecycle import TRAININGS, Lifecycle

PIPELINES = ("world", "start", "synthesis", "packs", *TRAININGS, "evaluation", "registration")

SYSTEMS = {
    "synthesis": ["WebR"],
    "finetuning": ["WebR"],
    "distillation": ["Lion"],
    "preference": ["BMC"],
    "editing": ["LTE"],
}
"""Pipeline → the system of a paper that it is, for tags: `kedro run --tags Lion`, filters in Kedro-Viz."""

lifecycle: Lifecycle | None = None
"""Family tree of the environment of this run; set by `quintain.hooks.lifecycle` before Kedro asks for pipelines."""


def register_pipelines() -> dict[str, Pipeline]:
    """Map names to pipelines; `__default__` is what the lifecycle needs.

    Every pipeline is always there, whatever the lifecycle needs, so that Kedro can answer a misspelt name with the
    close ones.
    """
    tree = lifecycle or _of_this_project()
    pipelines = pipelines_of(tree)
    return {**pipelines, "__default__": sum((pipelines[name] for name in tree.pipelines), Pipeline([]))}


def pipelines_of(tree: Lifecycle) -> dict[str, Pipeline]:
    """Every pipeline by its name, with what the students of a lifecycle need of it."""
    return {
        name: _tagged(name, importlib.import_module(f"quintain.pipelines.{name}").create_pipeline(tree))
        for name in PIPELINES
    }


def _tagged(name: str, pipeline: Pipeline) -> Pipeline:
    """Tag nodes with their pipeline and, where it is one of the five systems, with that."""
    return Pipeline(pipeline, tags=[name, *SYSTEMS.get(name, ())])


def _of_this_project() -> Lifecycle:
    """The tree of the project around the working directory, for commands of Kedro that make no context."""
    from pathlib import Path

    from kedro.framework.project import settings
    from kedro.utils import find_kedro_project

    from quintain.hooks.lifecycle import lifecycle_of

    root = find_kedro_project(Path.cwd()) or Path.cwd()
    return lifecycle_of(
        settings.CONFIG_LOADER_CLASS(
            conf_source=str(Path(root) / settings.CONF_SOURCE), env=None, **settings.CONFIG_LOADER_ARGS
        )
    )
