"""A line of descent as a tree for the terminal."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich.text import Text
from rich.tree import Tree

from quintain.registry.ancestry import Generation
from quintain.registry.registration import ENVIRONMENT, students_of

if TYPE_CHECKING:
    from quintain.registry.dvc_stages import StageRecord

_LONGEST_VALUE = 100
_CODE = ("src/", "conf/")


def lineage_tree(line: Sequence[Generation], titles: Mapping[str, str]) -> Tree:
    """Lay out a version and all that it goes back to.

    Args:
        line: The version and its ancestors, nearest first.
        titles: Number of a version → its aliases.

    Returns:
        The tree: each version with its own stages, and below it the one that it was trained from.
    """
    root = place = Tree(_heading(line[0], titles))
    told: set[str] = set()
    for position, generation in enumerate(line):
        if position:
            place = place.add(_heading(generation, titles))
        _add_facts(place, generation)
        for stage in reversed(generation.own_stages):
            _add_stage(place, stage)
            pipeline = stage.name.partition("-")[0]
            if pipeline not in told:
                told.add(pipeline)
                _add_calls(place, pipeline, line[0])
    return root


def _heading(generation: Generation, titles: Mapping[str, str]) -> Text:
    version = generation.version
    title = titles.get(str(version.version))
    return Text(
        f"version {version.version}: {' = '.join(students_of(version))}{f' ({title})' if title else ''}", style="bold"
    )


def _add_facts(place: Tree, generation: Generation) -> None:
    lineage, tags = generation.lineage, generation.version.tags
    dirty = ", with uncommitted changes" if lineage.git_dirty else ""
    place.add(Text(f"weights {lineage.dvc_path}, digest {tags['model.digest'][:12]}, DVC {lineage.dvc_md5 or '–'}"))
    if lineage.base:
        place.add(Text(f"adapter on {lineage.base.path}, digest {lineage.base.digest[:12]}"))
    place.add(Text(f"code {lineage.git_commit or 'outside git'}{dirty}"))
    place.add(Text(f"MLflow run {lineage.run_id or 'not known'}, registered by run {generation.version.run_id}"))
    if environment := tags.get(ENVIRONMENT):
        # Those of another environment than the versioned one are no stages of dvc.yaml.
        told = (
            "" if any(stage.parameters for stage in lineage.stages) else "; its parameters are on the MLflow run's page"
        )
        place.add(Text(f"environment {environment}{told}"))
    if not lineage.parents:
        place.add(Text(f"started {lineage.start}"))
    if lineage.parameters:
        shown = ", ".join(f"{name} {_short(value)}" for name, value in lineage.parameters.items())
        place.add(Text(f"training: {shown}"))


def _add_stage(place: Tree, stage: "StageRecord") -> None:
    branch = place.add(Text(f"stage {stage.name}: {stage.command}", style="cyan"))
    code = [path for path in stage.inputs if path.startswith(_CODE)]
    for path, md5 in stage.inputs.items():
        if path not in code:
            branch.add(Text(f"read {path}, DVC {md5 or '–'}"))
    if code:
        branch.add(Text(f"read {len(code)} paths of code and expectations, as the commit has them"))
    for name, value in stage.parameters.items():
        branch.add(Text(f"parameter {name.rpartition(':')[2]}: {_short(str(value))}"))


def _short(value: str) -> str:
    """Whole values are in the lineage.json of the run that registered the version."""
    return value if len(value) <= _LONGEST_VALUE else f"{value[:_LONGEST_VALUE]}…"


def _add_calls(place: Tree, pipeline: str, generation: Generation) -> None:
    calls = [call for call in generation.lineage.calls if call["stage"] == pipeline]
    if not calls:
        return
    # The ledger knows pipelines, not the rounds or students in one.
    branch = place.add(Text(f"calls to models by the pipeline {pipeline}, all its stages together", style="cyan"))
    for call in calls:
        money = "" if call["money"] is None else f", {call['money']:.2f} in money"
        branch.add(
            Text(
                f"{call['calls']:,} to {call['role']} {call['model']} with {call['prompt']}: "
                f"{call['prompt_tokens']:,} tokens read, {call['completion_tokens']:,} written{money}; "
                f"slice {call['digest']}"
            )
        )
