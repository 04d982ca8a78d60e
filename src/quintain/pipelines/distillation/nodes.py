"""Imitate, discriminate, generate: the steps of a round.

An empty train pool means that the loop has ended: everything after it passes on what it got, and asks nobody.
"""

import logging
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from quintain.datasets import ModelRef
from quintain.errors import ModelError, RecordError
from quintain.methods import lion
from quintain.methods.lion import LionParams, NoveltyFilter, Outcome
from quintain.models.language_model import LanguageModel, Sampling
from quintain.models.ledger import Ledger, LedgeredModel
from quintain.models.roles import Roles, bind
from quintain.records import (
    Completion,
    Difficulty,
    Dropped,
    Gap,
    Instruction,
    InstructionPair,
    PreferencePair,
    Response,
    Review,
)
from quintain.training.sft import SftParams

logger = logging.getLogger(__name__)

SCRATCH = Path("scratch/distillation")
World = dict[str, Any]
Report = dict[str, Any]
_STAGE = "distillation"
# A seed that is drawn again in a later round must not get the answer of the earlier one from the ledger.
_SAMPLES_PER_ROUND = 10_000


@dataclass(frozen=True)
class Spent:
    """What one role was asked in one round, by the model or the ledger."""

    role: str
    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0

    @classmethod
    def on(cls, role: str, completions: Sequence[Completion]) -> "Spent":
        """Count completions."""
        return cls(
            role,
            len(completions),
            sum(completion.prompt_tokens for completion in completions),
            sum(completion.completion_tokens for completion in completions),
        )


@dataclass(frozen=True)
class Trial:
    """How the referee did where the truth is known, and what it cost to ask."""

    spent: Spent
    """All its calls in this round, controls included."""
    controls: int = 0
    told_apart: int = 0
    reason: str = ""
    """Why it is not to be believed, in one word; empty when it is."""
    detail: str = ""
    kept: list[Gap] = field(default_factory=list)
    """Gaps of earlier rounds that stand, since the student still says the same."""


# --- before the first round ----------------------------------------------------------------------------------------


def open_pools(
    seed_instructions: list[Instruction],
) -> tuple[list[Instruction], list[Dropped], list[Response], list[Response], list[Gap], Report]:
    """Start the loop: what users ask becomes the pool; nothing is answered or judged yet."""
    pool, dropped = lion.distinct(seed_instructions)
    if not pool:
        raise RecordError(
            f"seed_instructions holds {len(seed_instructions)} instructions and none that says something; distillation "
            "needs some to start from: run `kedro run --pipelines world`, or name your own (seed_instructions in the "
            "catalog)"
        )
    return pool, dropped, [], [], [], {"round": 0, "outcome": Outcome(status="open").as_dict()}


# --- imitate -------------------------------------------------------------------------------------------------------


def answer_train_pool(
    pool: list[Instruction], former: list[Response], roles: Roles, world: World | None
) -> tuple[list[Response], Spent]:
    """Ask the teacher what it was not asked in an earlier round."""
    known = {response.instruction_id for response in former}
    open_ones = [one for one in pool if one.id not in known]
    if not open_ones:
        return former, Spent("teacher")
    model = bind("teacher", roles, world, stage=_STAGE)
    completions = model.generate(lion.ask_responses(open_ones))
    answered = [
        response
        for response in lion.read_responses(open_ones, completions, "teacher")
        if response.finish_reason != "error"  # a later run asks again
    ]
    if not answered:
        raise ModelError(
            f"the teacher {model.name} answered none of {len(open_ones)} instructions; the first error: "
            f"{completions[0].text[:300]}"
        )
    if len(answered) < len(open_ones):
        logger.warning("the teacher left %d of %d instructions open", len(open_ones) - len(answered), len(open_ones))
    return [*former, *answered], Spent.on("teacher", completions)


def pair_train_pool(
    pool: list[Instruction], teacher: list[Response], before: Report, params: LionParams
) -> list[InstructionPair]:
    """Pair what the student is to learn in this round with the teacher's responses."""
    new = [one for one in pool if one.round == before["round"]]
    earlier = [one for one in pool if one.round < before["round"]]
    pairs = lion.pair(lion.train_pool(new, earlier, before["round"] + 1, params), _by_instruction(teacher))
    if new and not pairs:
        raise RecordError(
            f"none of {len(new)} responses of the teacher is whole; raise max_new_tokens in "
            "roles.bindings.teacher.sampling"
        )
    return pairs


def imitate(
    pairs: list[InstructionPair], start: ModelRef, params: SftParams
) -> tuple[tuple[Any, Any], Any, dict[str, Any]]:
    """Fine-tune the student of the round before on the pairs: the student, its loss curve, a summary."""
    import pandas as pd

    from quintain.datasets import HFModelDataset
    from quintain.training import sft

    summary = {"start": Path(start.path).name, "start_digest": start.digest}
    if not pairs:
        columns = ["step", "loss", "learning_rate", "tokens"]
        return HFModelDataset(filepath=start.path).load(), pd.DataFrame(columns=columns), {**summary, "steps": 0}
    trained = sft.fine_tune(Path(start.path), pairs, params, SCRATCH)
    return (trained.model, trained.tokenizer), pd.DataFrame(trained.curve), {**summary, **trained.summary}


# --- discriminate --------------------------------------------------------------------------------------------------


def answer_cache_pool(
    pool: list[Instruction], model: ModelRef, before: Report, sampling: Sampling, roles: Roles
) -> list[Response]:
    """Let the student answer the whole cache pool."""
    if not _goes_on(pool, before):
        return []
    from quintain.models.local import LocalModel

    student = LedgeredModel(LocalModel(Path(model.path), sampling), Ledger(Path(roles.ledger)), "student", _STAGE)
    return lion.read_responses(pool, student.generate(lion.ask_responses(pool)), "student")


def review_responses(
    pool: list[Instruction],
    teacher: list[Response],
    student: list[Response],
    former_gaps: list[Gap],
    before: Report,
    params: LionParams,
    roles: Roles,
    world: World | None,
) -> tuple[list[Review], Trial]:
    """Try the referee, ask it about teacher and student, and once more where it is unread or contradicts itself."""
    if not student:
        return [], Trial(Spent("referee"))
    by_teacher, by_student = _by_instruction(teacher), _by_instruction(student)
    model = bind("referee", roles, world, stage=_STAGE)
    completions: list[Completion] = []

    def reviews_of(asked: list[lion.Comparison]) -> list[Review]:
        answers = model.generate(lion.ask_referee(asked, params))
        completions.extend(answers)
        return lion.read_reviews(asked, answers, params)

    asked = lion.controls(pool, by_teacher, params)
    tried = reviews_of(asked)
    control_gaps = lion.label_gaps(tried, {one.instruction.id: one.student for one in asked}, params)
    reason, detail = lion.doubt(tried, control_gaps, params)
    told_apart = lion.told_apart(control_gaps)
    if reason:
        return [], Trial(Spent.on("referee", completions), len(control_gaps), told_apart, reason, detail)
    former = {gap.instruction_id: gap for gap in former_gaps}
    judged, kept = lion.choose_judged(pool, by_student, former, before["round"] + 1, params)
    reviews = reviews_of(lion.comparisons(judged, by_teacher, by_student, params))
    if not params.strict:
        again = set(lion.to_ask_again(reviews))
        second = [one for one in judged if one.id in again]
        reviews += reviews_of(lion.comparisons(second, by_teacher, by_student, params, sample=1))
    return reviews, Trial(Spent.on("referee", completions), len(control_gaps), told_apart, kept=kept)


def label_gaps(reviews: list[Review], student: list[Response], trial: Trial, params: LionParams) -> list[Gap]:
    """Label every judged instruction hard, easy or unread; gaps of earlier rounds that stand are among them."""
    return [*lion.label_gaps(reviews, _by_instruction(student), params), *trial.kept]


def pair_preferences(
    pool: list[Instruction], teacher: list[Response], student: list[Response], gaps: list[Gap]
) -> list[PreferencePair]:
    """Keep what the referee put above something else as preference data."""
    return lion.preference_pairs(gaps, _by_id(pool), _by_instruction(teacher), _by_instruction(student))


# --- generate ------------------------------------------------------------------------------------------------------


def generate_instructions(
    pool: list[Instruction],
    gaps: list[Gap],
    former_gaps: list[Gap],
    trial: Trial,
    teacher_spent: Spent,
    before: Report,
    params: LionParams,
    roles: Roles,
    world: World | None,
) -> tuple[list[Instruction], list[Dropped], Outcome, Spent]:
    """Decide whether the loop goes on; if so, let the generator write until enough is new, or it was asked enough."""
    calls = before["outcome"]["calls"] + teacher_spent.calls + trial.spent.calls
    outcome = _outcome(pool, gaps, former_gaps, trial, calls, before, params)
    if outcome.status != "went-on":
        return pool, [], outcome, Spent("generator")
    model = bind("generator", roles, world, stage=_STAGE)
    most = params.attempts * params.per_round
    if params.most_calls is not None:
        most = min(most, params.most_calls - calls)
    accepted, dropped, completions = _waves(pool, gaps, model, most, before["round"] + 1, params)
    outcome = replace(outcome, calls=calls + len(completions))
    if not accepted:
        detail = (
            f"none of {len(completions)} candidates was a new instruction; see dropped_candidates for why "
            "(distillation.method.similarity and attempts)"
        )
        outcome = replace(outcome, status="stopped", reason="nothing-accepted", detail=detail)
    return [*pool, *accepted], dropped, outcome, Spent.on("generator", completions)


def _outcome(
    pool: list[Instruction],
    gaps: list[Gap],
    former_gaps: list[Gap],
    trial: Trial,
    calls: int,
    before: Report,
    params: LionParams,
) -> Outcome:
    """What the referee's gaps mean for the loop."""
    if not _goes_on(pool, before):
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
    seeds, drawn = _by_id(pool), Counter[tuple[str, Difficulty]]()
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


# --- report --------------------------------------------------------------------------------------------------------


def report_round(
    pool: list[Instruction],
    teacher: list[Response],
    student: list[Response],
    reviews: list[Review],
    gaps: list[Gap],
    dropped: list[Dropped],
    trial: Trial,
    outcome: Outcome,
    teacher_spent: Spent,
    generator_spent: Spent,
    before: Report,
    params: LionParams,
) -> Report:
    """Put the round in numbers, a failed one too."""
    number = before["round"] + 1
    kept = {gap.id for gap in trial.kept}
    accepted = [one for one in pool if one.round == number]
    spent = {
        one.role: {
            "calls": one.calls,
            "prompt_tokens": one.prompt_tokens,
            "completion_tokens": one.completion_tokens,
        }
        for one in (teacher_spent, trial.spent, generator_spent)
    }
    calls = sum(one["calls"] for one in spent.values())
    gain = outcome.improvement.mean * 1000 / calls if outcome.improvement and calls else None
    return {
        "round": number,
        "outcome": outcome.as_dict(),
        "pool": len(pool),
        "trial": {"controls": trial.controls, "told_apart": trial.told_apart},
        "gaps": {
            "kept": len(kept),
            **lion.gap_numbers(gaps, _by_id(pool), _by_instruction(teacher), _by_instruction(student), params.seed),
        },
        "referee": lion.review_numbers(reviews, [gap for gap in gaps if gap.id not in kept]),
        "generation": lion.generation_numbers(accepted, dropped),
        "spent": spent,
        "gain_per_1000_calls": gain,
    }


def close_round(report: Report, imitation: dict[str, Any]) -> dict[str, Any]:
    """Let the student of a round go on to the registry, or say why the round has failed."""
    outcome = report["outcome"]
    if outcome["status"] == "failed":
        raise ModelError(f"round {report['round']} has failed, its student goes nowhere: {outcome['detail']}")
    logger.info(
        "round %d %s%s: hard rate %s, mean gap %s, %d accepted",
        report["round"], outcome["status"], f" ({outcome['detail'] or outcome['reason']})" * bool(outcome["reason"]),
        _short(report["gaps"]["hard_rate"]), _short(report["gaps"]["mean_gap"]), report["generation"]["accepted"],
    )  # fmt: skip
    return {**imitation, "round": report["round"], "status": outcome["status"]}


def close_loop(imitation: dict[str, Any], report: Report) -> dict[str, Any]:
    """Say how the last student came about."""
    return {**imitation, "rounds": report["round"], "status": report["outcome"]["status"]}


def collect_rounds(*reports: Report) -> Report:
    """Put the reports of all rounds beside each other, under their names."""
    return {f"round_{report['round']}": report for report in reports}


def write_page(rounds: Report) -> str:
    """Write the page over all rounds."""
    from quintain.reporting.rounds import rounds_page

    return rounds_page(rounds)


def _goes_on(pool: Sequence[Instruction], before: Report) -> bool:
    return any(one.round == before["round"] for one in pool)


def _by_id(pool: Sequence[Instruction]) -> dict[str, Instruction]:
    return {one.id: one for one in pool}


def _by_instruction(responses: Sequence[Response]) -> dict[str, Response]:
    return {response.instruction_id: response for response in responses}


def _short(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.3f}"
