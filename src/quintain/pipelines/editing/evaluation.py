"""Put a student and its edits to the test: alone, many at once, one after the other, with and without the gate.

Kedro reads the annotations of nodes at run time to build typed parameters, so types of slow imports are `Any` here.
"""

import logging
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from kedro.pipeline import Pipeline, node
from msgspec import Meta

from quintain.datasets import ModelRef
from quintain.edit_memory import EditMemory
from quintain.edit_memory.costs import measure_costs
from quintain.edit_memory.log import EditLog
from quintain.edit_memory.trials import (
    Answers,
    Examiner,
    Respond,
    Trial,
    ask_aligned,
    ask_original,
    judge_trials,
    token_ratios,
)
from quintain.fields import Count, Natural, NotNegative, Seed, check
from quintain.methods.lte.curves import retention_rows, size_rows
from quintain.methods.lte.edits import edit_of
from quintain.methods.lte.embedding import Embedder
from quintain.methods.lte.metrics import MEASURED_WITH, measure_fluency, score_edits
from quintain.models.language_model import Sampling
from quintain.models.roles import Roles, bind
from quintain.pipelines.editing.provenance import all_drawn_with, drawn_with
from quintain.records import EditCase, EditResult, Request
from quintain.serving.embedders import open_embedder
from quintain.statistics.resampling import Resampling

logger = logging.getLogger(__name__)

_STAGE = "editing"
_TRIALS, _SAMPLING = "params:editing.evaluation.trials", "params:editing.evaluation.sampling"
_EMBEDDER, _ROLES = "params:editing.embedder", "params:roles"


@dataclass(frozen=True)
class TrialParams:
    """Edits to ask and sizes of the memory.

    Raises:
        ValueError: A number is out of range.
    """

    asked: Natural = 100
    """Most held-out edits that are asked; the others only fill the memory. 0 asks all."""
    sizes: Annotated[list[Count], Meta(min_length=1)] = field(default_factory=lambda: [1, 10, 100, 1000])
    """Edits in the memory for `batch`, and after how many all earlier ones are asked again in `sequential`; the number
    of all cases takes the place of those beyond."""
    k: Count = 3
    """Most edits that a question may find."""
    ungated: bool = True
    """Ask without the gate too: the ablation, and what token ratios need."""

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True)
class FluencyParams:
    """Sampling of the texts on which fluency is measured."""

    cases: Natural = 20
    """Edits whose prompt is gone on with, with and without the edit; 0 leaves fluency out."""
    temperature: NotNegative = 1.0
    """Sampling temperature of the texts."""
    max_new_tokens: Count = 64
    """Longest text, in tokens."""
    seed: Seed = 0
    """Seed of the draws."""

    def __post_init__(self) -> None:
        check(self)


def lay_out_trials(cases: list[EditCase], memory: Path, params: TrialParams, embedder: str) -> list[Trial]:
    """Find what every state of a memory finds for every question.

    Args:
        cases: Held-out edits.
        memory: The memory that will be served, asked as it stands.
        params: Which states.
        embedder: What edits are found by.

    Returns:
        The trials: single, batches, the delivered memory, then sequential.
    """
    sizes = sorted({min(size, len(cases)) for size in params.sizes})
    trials: list[Trial] = []
    with _fresh_memories(embedder) as (fresh, embed), EditMemory.open(memory, embed) as delivered:
        examiner = Examiner(cases, fresh, params.k, asked=params.asked or None)
        for gated in (True, False) if params.ungated else (True,):
            trials += examiner.single(gated=gated)
            for size in sizes:
                if size > 1 and not (gated and size == len(delivered)):
                    trials += examiner.batch(size, gated=gated)
        return [*trials, *examiner.standing(delivered), *examiner.sequential(sizes)]


def measure_edit_costs(cases: list[EditCase], params: TrialParams, embedder: str) -> dict[str, float]:
    """Measure what edits cost, the model left out."""
    with _fresh_memories(embedder) as (fresh, _):
        return measure_costs([edit_of(case) for case in cases[: params.asked or None]], fresh, params.k)


@contextmanager
def _fresh_memories(embedder: str) -> Iterator[tuple[Callable[[], EditMemory], Embedder]]:
    """Open empty memories in a folder that goes away."""
    embed = open_embedder(embedder)
    with tempfile.TemporaryDirectory() as scratch:
        yield lambda: EditMemory.open(tempfile.mkdtemp(dir=scratch), embed), embed


def ask_original_student(trials: list[Trial], original: ModelRef, sampling: Sampling, roles: Roles) -> Answers:
    """Ask the untouched student; what it said stands in the ledger, so that a killed run goes on where it stood."""
    return ask_original(trials, _responding(original, sampling, roles))


def ask_aligned_student(trials: list[Trial], aligned: ModelRef, sampling: Sampling, roles: Roles) -> Answers:
    """Ask the student that learned to use edits; what it said stands in the ledger as well."""
    return ask_aligned(trials, _responding(aligned, sampling, roles))


def measure_token_ratios(
    trials: list[Trial], aligned: ModelRef, params: TrialParams, sampling: Sampling, roles: Roles
) -> dict[int, float]:
    """Measure token ratios where edits are asked without the gate too.

    They need the weights in this process: a student with another backend than `local` goes without.
    """
    if not params.ungated:
        return {}
    with bind("student", roles, stage=_STAGE, folder=aligned.path, sampling=sampling) as student:
        if student.predicts_forced:
            return token_ratios(trials, student.predict_forced)
    logger.warning("no token ratios: they need the backend `local` (roles.bindings.student)")
    return {}


def judge_answers(
    trials: list[Trial],
    aligned: Answers,
    original: Answers,
    ratios: dict[int, float],
    aligned_model: ModelRef,
    original_model: ModelRef,
    memory: Path,
) -> list[EditResult]:
    """Hold what both students said against the answers; every result says which weights and memory it is of."""
    with closing(EditLog(memory / "log.sqlite")) as log:
        of = {"student": aligned_model.digest, "original": original_model.digest, "memory": log.head().hex()}
    return drawn_with(judge_trials(trials, aligned, original, ratios), of)


def generate_freely(cases: list[EditCase], aligned: ModelRef, params: FluencyParams, roles: Roles) -> dict[str, float]:
    """Go on with prompts of edits, with and without the edit, and measure how varied the texts are."""
    from quintain.methods.lte import Hit, compose

    if not params.cases:
        return {}
    drawn = Sampling(temperature=params.temperature, max_new_tokens=params.max_new_tokens, seed=params.seed)
    edits = [edit_of(case) for case in cases[: params.cases]]
    with bind("student", roles, stage=_STAGE, folder=aligned.path, sampling=drawn) as student:
        texts = [
            [completion.response for completion in student.generate(requests)]
            for requests in (
                [compose(edit.prompt, [Hit(edit, 1.0, passed=True)]) for edit in edits],
                [compose(edit.prompt, []) for edit in edits],
            )
        ]
    return measure_fluency(*texts)


def score_trials(
    results: list[EditResult], costs: dict[str, float], fluency: dict[str, float], resampling: Resampling
) -> tuple[dict[str, Any], Any, Any]:
    """Measure the results, and lay out the curves over memory size and over edits that came after."""
    import pandas as pd

    metrics = {
        **score_edits(results, resampling),
        "fluency": fluency,
        "cost": costs,
        MEASURED_WITH: all_drawn_with(results),
    }
    return metrics, pd.DataFrame(size_rows(metrics)), pd.DataFrame(retention_rows(metrics))


def report_trials(metrics: dict[str, Any]) -> tuple[Any, str]:
    """Draw the curves and set the numbers in tables."""
    from quintain.reporting.editing import edits_table, plot_edits

    return plot_edits(metrics), edits_table(metrics)


def _responding(model: ModelRef, sampling: Sampling, roles: Roles) -> Respond:
    """Open a student for as long as it is asked, so that no two are open at once."""

    def respond(requests: Sequence[Request]) -> list[str]:
        with bind("student", roles, stage=_STAGE, folder=model.path, sampling=sampling) as student:
            return [completion.response for completion in student.generate(requests)]

    return respond


def create_evaluation(original: str) -> Pipeline:
    """Test a student's edits.

    Args:
        original: Name of the student that it was made from.

    Returns:
        The pipeline: `edit_cases`, `edit_memory` and both students in, results, measures and plots out.
    """
    return Pipeline(
        [
            # Layout, costs and the original's answers need no aligned student: they run beside the alignment.
            node(
                lay_out_trials,
                inputs=["edit_cases", "edit_memory", _TRIALS, _EMBEDDER],
                outputs="edit_trials",
                name="lay_out_trials",
            ),
            node(
                measure_edit_costs,
                inputs=["edit_cases", _TRIALS, _EMBEDDER],
                outputs="edit_costs",
                name="measure_edit_costs",
            ),
            node(
                ask_original_student,
                inputs=["edit_trials", f"{original}.model@ref", _SAMPLING, _ROLES],
                outputs="original_answers",
                name="ask_original_student",
            ),
            node(
                ask_aligned_student,
                inputs=["edit_trials", "model@ref", _SAMPLING, _ROLES],
                outputs="aligned_answers",
                name="ask_aligned_student",
            ),
            node(
                measure_token_ratios,
                inputs=["edit_trials", "model@ref", _TRIALS, _SAMPLING, _ROLES],
                outputs="edit_token_ratios",
                name="measure_token_ratios",
            ),
            node(
                judge_answers,
                inputs=[
                    "edit_trials",
                    "aligned_answers",
                    "original_answers",
                    "edit_token_ratios",
                    "model@ref",
                    f"{original}.model@ref",
                    "edit_memory",
                ],
                outputs="edit_results",
                name="judge_answers",
            ),
            node(
                generate_freely,
                inputs=["edit_cases", "model@ref", "params:editing.evaluation.fluency", _ROLES],
                outputs="edit_fluency",
                name="generate_freely",
            ),
            node(
                score_trials,
                inputs=["edit_results", "edit_costs", "edit_fluency", "params:editing.evaluation.resampling"],
                outputs=["edit_metrics", "edit_curves", "edit_retention"],
                name="score_trials",
            ),
            node(report_trials, inputs="edit_metrics", outputs=["edit_plot", "edit_table"], name="report_trials"),
        ]
    )
