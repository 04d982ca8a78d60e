"""A version's model card, and what lies beside it in a folder that goes out: figures, scorecards, lineage."""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from quintain.cli.json_lines import read_lines
from quintain.cli.registry_store import ProjectRegistry
from quintain.reporting.model_card import CardFacts, model_card

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlflow.entities.model_registry import ModelVersion

    from quintain.registry.ancestry import Generation
    from quintain.registry.measured import Measured

_FUNNEL = "data/08_reporting/synthesis_funnel.json"
_PAGES = "data/02_intermediate/pages.jsonl"
_PAIRS = "data/03_primary/instruction_pairs.jsonl"


def card_of(project: ProjectRegistry, version: "ModelVersion") -> str:
    """Write the model card of a version."""
    return model_card(_facts(project, version)[0])


def write_evidence(
    project: ProjectRegistry, version: "ModelVersion", folder: Path, *, merged: bool, loading: str = ""
) -> None:
    """Put card, scorecards, figures and lineage of a version into a folder.

    Args:
        project: The registry.
        version: The version.
        folder: Where its weights lie.
        merged: Whether they are an adapter merged into its base.
        loading: How to load what lies there, in Markdown; by default with transformers.
    """
    from quintain.cli.lineage_graph import lineage_graph
    from quintain.reporting.levels import draw_levels
    from quintain.reporting.lineage_picture import lineage_picture
    from quintain.reporting.radar import draw_radar

    facts, line = _facts(project, version)
    for name, each in facts.scorecards.items():
        home = folder if len(facts.scorecards) == 1 else folder / name
        home.mkdir(exist_ok=True)
        (home / "scorecard.json").write_text(json.dumps(each.as_dict(), indent=1), encoding="utf-8")
    (folder / "lineage.json").write_text(json.dumps(line[0].lineage.document(), indent=1), encoding="utf-8")
    (folder / "figures").mkdir()
    (folder / "figures/lineage.svg").write_text(lineage_picture(*lineage_graph(line)), encoding="utf-8")
    cards = {facts.student: next(iter(facts.scorecards.values()))}
    for name, figure in (("levels", draw_levels(cards)), ("radar", draw_radar(cards))):
        figure.savefig(folder / f"figures/{name}.png")
    figures = [f"figures/{name}" for name in ("levels.png", "radar.png", "lineage.svg")]
    card = model_card(replace(facts, figures=figures, merged=merged, loading=loading))
    (folder / "README.md").write_text(card, encoding="utf-8")


def _facts(project: ProjectRegistry, version: "ModelVersion") -> "tuple[CardFacts, list[Generation]]":
    from quintain.registry.ancestry import ancestry
    from quintain.registry.registration import ENVIRONMENT, students_of
    from quintain.registry.stored_evidence import read_measured

    line = ancestry(project.client, project.model_name, version)
    measured = read_measured(project.client, version)
    lineage = line[0].lineage
    funnel = _as_recorded(project.root, line, _FUNNEL)
    facts = CardFacts(
        name=project.model_name,
        version=str(version.version),
        student=" = ".join(students_of(version)),
        digest=version.tags["model.digest"],
        scorecards={name: each.scorecard for name, each in measured.items()},
        git_commit=lineage.git_commit,
        weights=f"`{lineage.dvc_path}`, DVC `{lineage.dvc_md5 or 'has no hash'}`",
        parents=[f"version {each.version.version} ({' = '.join(students_of(each.version))})" for each in line[1:]],
        start=line[-1].lineage.start,
        stages=[stage.name for stage in lineage.stages],
        parameters=lineage.parameters,
        calls=lineage.calls,
        environment=version.tags.get(ENVIRONMENT, ""),
        funnel=json.loads(funnel.read_text(encoding="utf-8")) if funnel else None,
        licences=_licences(_as_recorded(project.root, line, _PAGES), _as_recorded(project.root, line, _PAIRS)),
        retention=_retention(project, measured, line),
    )
    return facts, line


def _retention(project: ProjectRegistry, measured: "Mapping[str, Measured]", line: "list[Generation]") -> str:
    """Losses and gains of the version against the one before it, as a table; empty where nothing compares."""
    from quintain.benchmarks.satisfaction.comparison import terms
    from quintain.benchmarks.satisfaction.retention import retained
    from quintain.errors import RecordError
    from quintain.registry.stored_evidence import read_measured
    from quintain.reporting.retention import retention_table
    from quintain.statistics.resampling import Resampling

    if len(line) < 2:
        return ""
    try:
        before = read_measured(project.client, line[1].version)
        found = {
            name: retained(each.judgements, before[name].judgements, Resampling())
            for name, each in measured.items()
            if name in before and terms(each.scorecard) == terms(before[name].scorecard)
        }
    except (RecordError, ValueError):
        return ""  # the card tells of this version; that another one cannot be read is said where it is asked for
    return retention_table(found) if found else ""


def _as_recorded(root: Path, line: "list[Generation]", path: str) -> Path | None:
    """A file of the project, if it is still the one that led to the version."""
    from quintain.registry.dvc_stages import dvc_md5
    from quintain.registry.learners import recorded_hashes

    recorded: dict[str, Any] = {}
    for generation in reversed(line):
        recorded |= recorded_hashes(generation.lineage)
    return root / path if path in recorded and dvc_md5(root / path) == recorded[path] != "" else None


def _licences(pages: Path | None, pairs: Path | None) -> dict[str, int]:
    from quintain.records import InstructionPair, WebPage

    if pages is None or pairs is None:
        return {}
    used = {pair.page_id for pair in read_lines(pairs, InstructionPair)}
    return Counter(page.licence for page in read_lines(pages, WebPage) if page.id in used)
