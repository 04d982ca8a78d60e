"""The folder in which `make real` ran: its settings, rows and students, and how a new one is kept and scored.

Experiments begin at students that are there, use the nodes and settings of conf/smollm2, and leave the folder alone:
models, ledger and results go to a work folder of their own.
"""

import argparse
import os
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from arms import RESULTS, ROOT, WORK
from kedro.config import OmegaConfigLoader

from quintain import offline
from quintain.benchmarks.benchmark import Benchmark
from quintain.benchmarks.registry import make_benchmark
from quintain.datasets import HFModelDataset, ModelRef, RecordsDataset
from quintain.datasets.model_ref import model_ref
from quintain.edit_memory import EditMemory
from quintain.edit_memory.own_memory import OwnMemory, own_memory
from quintain.models.language_model import Sampling
from quintain.models.roles import Roles
from quintain.pipelines.evaluation.nodes import generate_responses, judge_responses
from quintain.pipelines.evaluation.under_edits import generate_under_edits
from quintain.records import Judgement
from quintain.serving.embedders import open_embedder
from quintain.statistics.bootstrap import mean_interval
from quintain.statistics.resampling import Resampling

VALIDATION_SEED = 4242
"""Starter items of this seed choose settings; those of seed 0 are the test."""
BY_GROUP = "HSR, groups drawn"
_NO_GROUP = "–"


@dataclass(frozen=True)
class RealRun:
    """What an experiment has at hand."""

    project: Path
    work: Path
    parameters: Mapping[str, Any]
    """As `kedro run --env smollm2` reads them in this repository."""
    roles: Roles

    def student(self, name: str) -> ModelRef:
        """A student that `make real` made."""
        return model_ref(self.project / "data/06_models" / name)

    def memory(self, model: ModelRef) -> OwnMemory | None:
        """The memory that a student is asked under; None where it has none."""
        editing = self.parameters["editing"]
        return own_memory(model.path, editing["embedder"], editing["evaluation"]["trials"]["k"])

    @contextmanager
    def edits(self, model: ModelRef) -> Iterator[EditMemory | None]:
        """A student's memory, opened."""
        memory = self.memory(model)
        if memory is None:
            yield None
            return
        with EditMemory.open(memory.folder, open_embedder(memory.embedder)) as opened:
            yield opened

    def records(self, path: str, record: str) -> list[Any]:
        """Records of a file below data/."""
        return list(RecordsDataset(filepath=str(self.project / "data" / path), record=record).load())

    def keep(self, trained: Any, name: str) -> ModelRef:
        """Save a trained student in the work folder."""
        folder = self.work / "models" / name
        HFModelDataset(filepath=str(folder)).save((trained.model, trained.tokenizer))
        return model_ref(folder)


def absolute(path: str) -> Path:
    """The path as it is meant where the command was typed."""
    return Path(path).resolve()


def parser(document: str | None, name: str, seeds: Sequence[int]) -> argparse.ArgumentParser:
    """Options that every experiment on SmolLM2 has."""
    made = argparse.ArgumentParser(
        description=document, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    made.add_argument("--project", type=absolute, required=True, help="folder in which `make real` ran")
    made.add_argument("--work", type=absolute, default=WORK / name, help="results, kept as they come")
    made.add_argument("--seeds", type=int, nargs="+", default=list(seeds))
    made.add_argument("--to", type=absolute, default=RESULTS / f"evidence_{name}.json")
    return made


def open_run(project: Path, work: Path) -> RealRun:
    """Read settings and bind the roles: the packs' oracle is everybody but the student.

    The work goes on inside the project, since the adapters there name their base by its path from there.
    """
    os.chdir(project)
    offline.silence()
    loader = OmegaConfigLoader(
        conf_source=str(ROOT / "conf"),
        base_env="base",
        default_run_env="smollm2",
        merge_strategy={"parameters": "soft"},
    )
    parameters = loader["parameters"]
    work.mkdir(parents=True, exist_ok=True)
    roles = Roles(ledger=str(work / "ledger.sqlite"), bindings=parameters["roles"]["bindings"])
    return RealRun(project, work, parameters, roles)


def starter(seed: int, groups: int) -> Benchmark:
    """The first groups of each category of the starter pack of a seed."""
    return make_benchmark("exact", "starter", {"size": "starter", "seed": seed, "most_groups": groups})


def judgements_of(run: RealRun, model: ModelRef, benchmark: Benchmark, sampling: Mapping[str, Any]) -> list[Judgement]:
    """Ask a student a benchmark and judge what it says, as the evaluation pipeline does: under its memory if any."""
    drawn, memory = Sampling(**sampling), run.memory(model)
    if memory is None:
        said = generate_responses(benchmark, model, drawn, {}, run.roles)
    else:
        said = generate_under_edits(benchmark, model, memory.folder, memory.embedder, memory.k, drawn, {}, run.roles)
    return judge_responses(benchmark, said)


def verdicts_of(judgements: Sequence[Judgement]) -> list[dict[str, Any]]:
    """Verdicts without any text."""
    return [
        {
            "item_id": one.item_id, "example_id": one.example_id, "category": one.category, "level": one.level,
            "satisfied": one.satisfied, "loose": one.loose, "score": one.score, "base_task": one.base_task,
            "by": one.by,
        }
        for one in judgements
    ]  # fmt: skip


def judgements_from(verdicts: Sequence[Mapping[str, Any]]) -> list[Judgement]:
    """Verdicts as records again."""
    return [
        Judgement(**{**one, "satisfied": tuple(one["satisfied"]), "loose": tuple(one["loose"])}) for one in verdicts
    ]


def score_starter(run: RealRun, model: ModelRef, benchmark: Benchmark) -> dict[str, Any]:
    """HSR, SSR and base tasks on starter items, and HSR by group for intervals over groups."""
    sampling = run.parameters["evaluation"]["by_benchmark"]["starter"]["sampling"]
    judgements = judgements_of(run, model, benchmark, sampling)
    measured = benchmark.measure(judgements, Resampling(replicates=1)).measures
    by_group = defaultdict(list)
    for one in judgements:
        by_group[one.category, one.example_id].append(bool(one.hard))
    return {
        "HSR": measured["hsr_mean"].value,
        "SSR, base task no veto": measured["unvetoed_ssr_mean"].value,
        "base task": measured["base_task"].value,
        "groups": {"/".join(group): fmean(held) for group, held in sorted(by_group.items())},
    }


def with_group_intervals(
    content: dict[str, Any],
    runs: Mapping[str, Sequence[Mapping[str, Any]]],
    differences: Sequence[tuple[str, str]],
) -> dict[str, Any]:
    """Put a column beside a table: the mean over seeds with an interval over groups of items, drawn anew.

    Few seeds give wide t intervals; this one takes the seeds as they are and asks whether other items would say so.
    """
    groups = sorted(next(iter(runs.values()))[0]["groups"])
    values = {
        arm: [fmean(one["groups"][group] for one in measured) for group in groups] for arm, measured in runs.items()
    }
    for one, other in differences:
        values[f"{one} − {other}"] = [a - b for a, b in zip(values[one], values[other], strict=True)]
    for row in content["rows"]:
        found = mean_interval(values[row[0]], Resampling())
        sign = "+" if "−" in row[0] else ""
        row.append(f"{found.value:{sign}.3f} [{found.low:{sign}.3f}, {found.high:{sign}.3f}]" if found else _NO_GROUP)
    content["header"].append(BY_GROUP)
    return content
