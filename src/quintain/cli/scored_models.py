"""Models as `quintain compare A B` finds them: with scorecards of their own, or as weights that are scored for it."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import click

from quintain.data_root import data_root, reports_root
from quintain.errors import ConfigError, RecordError
from quintain.models.folder import folder_digest, holds_model
from quintain.reporting.page import Side

if TYPE_CHECKING:
    from quintain.benchmarks.benchmark import Benchmark
    from quintain.cli.forecast_project import Project
    from quintain.models.roles import Roles
    from quintain.records import Judgement


@dataclass(frozen=True)
class Model:
    """A model that is compared."""

    name: str
    """How it is called."""
    sides: Mapping[str, Side] = field(default_factory=dict)
    """What it was measured on, the headline first; none for weights alone."""
    folder: Path | None = None
    """Weights without a scorecard; None where there are scorecards."""


def find_model(wanted: str, root: Path) -> Model:
    """Find a model and what it was measured on.

    Args:
        wanted: A model folder, a student of the project, or a version or alias of its registry.
        root: The project.

    Returns:
        The model.

    Raises:
        ConfigError: There is no such model.
        RecordError: Its scorecard is of other weights than it has now, or a file is broken.
    """
    path, weights = Path(wanted), data_root(root) / "06_models" / wanted
    if holds_model(path):
        return Model(path.resolve().name, folder=path.resolve())
    if path.is_dir() or "/" in wanted:
        raise ConfigError(f"{wanted} {'holds no model: it has no config.json' if path.is_dir() else 'does not exist'}")
    if (reports_root(root) / wanted).is_dir() and (sides := _student(wanted, weights, root)):
        return Model(wanted, sides)
    return Model(wanted, folder=weights) if holds_model(weights) else _registered(wanted)


def score_model(project: "Project", model: Model, benchmark: str, *, yes: bool) -> Side:
    """Score weights on a benchmark, as the project's evaluation would; what the ledger knows is not asked again.

    Weights with a memory beside them are asked under it.

    Args:
        project: The opened project, in its folder.
        model: A model with a folder.
        benchmark: Name of the benchmark in the project.
        yes: Whether judges behind an address are asked without asking back.

    Returns:
        The scorecard with its verdicts.

    Raises:
        ConfigError: A setting is wrong, or judges may cost money and nobody agreed.
        RecordError: What the benchmark is read from is missing or broken.
    """
    from quintain.benchmarks.judging.calibration import Floor
    from quintain.datasets.model_ref import model_ref
    from quintain.edit_memory.own_memory import own_memory
    from quintain.models.language_model import Sampling
    from quintain.pipelines.evaluation.judges import ask_judges, calibrate_judges
    from quintain.pipelines.evaluation.nodes import generate_responses, judge_responses, score_judgements
    from quintain.pipelines.evaluation.settings import JudgingParams
    from quintain.pipelines.evaluation.under_edits import generate_under_edits
    from quintain.statistics.resampling import Resampling

    items, roles = project.load(f"{benchmark}.items@benchmark"), project.roles
    ref = model_ref(Path(str(model.folder)))
    own = project.settings(None, "evaluation.by_benchmark")
    sampling = project.params(Sampling, None, "evaluation.sampling")
    judging = project.params(JudgingParams, None, "evaluation.judging")
    floor = project.params(Floor, None, "evaluation.calibration")
    resampling = project.params(Resampling, None, "evaluation.resampling")
    editing = project.settings(None, "editing")
    memory = own_memory(ref.path, editing["embedder"], editing["evaluation"]["trials"]["k"])
    how = "" if memory is None else f", under its edits in {memory.folder}"
    if memory and not items.under_edits:
        how = f", without its edits in {memory.folder}, which contradict what these items check"
    click.echo(f"{model.name} on {benchmark}: {len(items.items):,} items{how}", err=True)
    if memory:
        responses = generate_under_edits(items, ref, memory.folder, memory.embedder, memory.k, sampling, own, roles)
    else:
        responses = generate_responses(items, ref, sampling, own, roles)
    ruled = judge_responses(items, responses)
    if not yes:
        _ask_back(model.name, items, ruled, roles)
    trial = calibrate_judges(items, ruled, judging, own, floor, roles)
    judgements, told = ask_judges(items, ruled, trial, ref, judging, own, roles)
    card = score_judgements(items, responses, judgements, told, ref, sampling, own, resampling)
    return Side(model.name, card, judgements)


def _student(name: str, weights: Path, root: Path) -> dict[str, Side]:
    """Scorecards of a student, the headline first; none where it was never scored."""
    from quintain.cli.scorecard_sides import find_sides, measured_on
    from quintain.registry.measured import other_weights

    sides = {}
    digest = folder_digest(weights) if holds_model(weights) else ""
    for benchmark in measured_on(name, root):
        (side,) = find_sides([f"{name}/{benchmark}"], (), root)
        if digest and (complaint := other_weights(side.scorecard, benchmark, name, digest)):
            raise RecordError(complaint)
        sides[benchmark] = Side(name, side.scorecard, side.judgements)
    return sides


def _registered(wanted: str) -> Model:
    """A version or an alias of the project's registry."""
    from quintain.cli.registry_store import project_registry
    from quintain.registry.stored_evidence import read_measured

    project = project_registry()
    version = project.version(wanted)
    name = f"{version.tags.get('student', 'student')} v{version.version}"
    found = read_measured(project.client, version)
    return Model(name, {each: Side(name, one.scorecard, one.judgements) for each, one in found.items()})


def _ask_back(name: str, benchmark: "Benchmark", ruled: "list[Judgement]", roles: "Roles") -> None:
    """Stop, or ask, before judges behind an address are asked about responses."""
    judges = [each for each in roles.bound_to("judge") if roles.bound[each].get("backend") == "openai"]
    waiting = sum(each.needs_judge for each in ruled)
    if not waiting or not judges:
        return
    told = f"{waiting:,} responses of {name} to {benchmark.name} need a judge: {', '.join(judges)} behind an address"
    if not sys.stdin.isatty():
        raise ConfigError(f"{told} may cost money; say --yes to ask")
    click.confirm(f"{told}. Ask?", abort=True, err=True)
