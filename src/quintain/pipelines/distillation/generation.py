"""Generate: whether the loop goes on, and more of what is hard and of what is rare."""

import random
from collections import Counter
from dataclasses import replace

from quintain.benchmarks.benchmark import Benchmark
from quintain.benchmarks.decontamination import Decontamination
from quintain.methods import lion
from quintain.methods.lion import LionParams, NoveltyFilter, Outcome
from quintain.models.language_model import LanguageModel
from quintain.models.roles import Roles, bind
from quintain.pipelines.distillation.discrimination import RefereeTrial
from quintain.pipelines.distillation.rounds import STAGE, Report, by_id, drop_held_out, goes_on
from quintain.records import (
    Completion,
    Difficulty,
    Dropped,
    Gap,
    Instruction,
)
from quintain.usage import RoleUsage

# A seed that is drawn again in a later round must not get the answer of the earlier one from the ledger.
_SAMPLES_PER_ROUND = 10_000


def generate_instructions(
    pool: list[Instruction],
    gaps: list[Gap],
    former_gaps: list[Gap],
    trial: RefereeTrial,
    teacher_spent: RoleUsage,
    before: Report,
    params: LionParams,
    roles: Roles,
    decontamination: Decontamination,
    *benchmarks: Benchmark,
) -> tuple[list[Instruction], list[Dropped], Outcome, RoleUsage]:
    """Decide whether the loop goes on; if so, let the generator write until enough is new, or it was asked enough.

    What a benchmark holds is dropped, and not asked for again.
    """
    calls = before["outcome"]["calls"] + teacher_spent.calls + trial.spent.calls
    outcome = _outcome(pool, gaps, former_gaps, trial, calls, before, params)
    if outcome.status != "went-on":
        return pool, [], outcome, RoleUsage(role="generator")
    model = bind("generator", roles, stage=STAGE)
    most = params.attempts * params.per_round
    if params.most_calls is not None:
        most = min(most, params.most_calls - calls)
    accepted, dropped, completions = _waves(pool, gaps, model, most, before["round"] + 1, params)
    accepted, leaked = drop_held_out(accepted, benchmarks, decontamination)
    outcome = replace(outcome, calls=calls + len(completions))
    if not accepted:
        detail = (
            f"none of {len(completions)} candidates was a new instruction; see dropped_candidates for why "
            "(distillation.method.similarity and attempts)"
        )
        outcome = replace(outcome, status="stopped", reason="nothing-accepted", detail=detail)
    return [*pool, *accepted], [*dropped, *leaked], outcome, RoleUsage.on("generator", completions)


def _outcome(
    pool: list[Instruction],
    gaps: list[Gap],
    former_gaps: list[Gap],
    trial: RefereeTrial,
    calls: int,
    before: Report,
    params: LionParams,
) -> Outcome:
    """Outcome of a round, from the referee's gaps."""
    if not goes_on(pool, before):
        return Outcome(status="passed", reason="ended-before", calls=calls)
    by_id = {gap.instruction_id: gap for gap in gaps}
    former = {gap.instruction_id: gap for gap in former_gaps}
    improvement = lion.gap_improvement(by_id, former, lion.probe_ids(pool, params), params.seed)
    status, reason, detail = lion.decide(gaps, improvement, calls, params)
    if trial.reason:
        status, reason, detail = "failed", trial.reason, trial.detail
    elif status == "went-on" and not any(lion.quotas(gaps, params).values()):
        status, reason = "stopped", "no-seeds"
        detail = "there is no seed of the wanted kind (distillation.method.hard_share)"
    return Outcome(status=status, reason=reason, detail=detail, improvement=improvement, calls=calls)


def _waves(
    pool: list[Instruction], gaps: list[Gap], model: LanguageModel, most: int, number: int, params: LionParams
) -> tuple[list[Instruction], list[Dropped], list[Completion]]:
    """Ask for as many as are still wanted, until enough are new or the generator was asked often enough."""
    gate = NoveltyFilter((one.prompt for one in pool), params.similarity, params.tokens)
    rng = random.Random(f"{params.seed}/seeds/{number}")
    seeds, drawn = by_id(pool), Counter[tuple[str, Difficulty]]()
    left = Counter(lion.quotas(gaps, params))
    accepted: list[Instruction] = []
    dropped: list[Dropped] = []
    completions: list[Completion] = []
    while (left := +left) and len(completions) < most:
        draws = lion.draw_seeds(gaps, seeds, left, drawn, rng, params)[: most - len(completions)]
        draws = [draw._replace(sample=number * _SAMPLES_PER_ROUND + draw.sample) for draw in draws]
        answers = model.generate(lion.ask_generator(draws))
        wave = lion.read_candidates(draws, answers, gate, left, number, params)
        completions += answers
        accepted += wave.accepted
        dropped += wave.dropped
        left.subtract(one.difficulty for one in wave.accepted)
    return accepted, dropped, completions
