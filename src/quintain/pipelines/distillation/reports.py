"""Report: a round in numbers, whether its student goes on, and the page over all rounds."""

import logging
from typing import Any

from quintain.errors import ModelError
from quintain.methods import lion
from quintain.methods.lion import LionParams, Outcome
from quintain.pipelines.distillation.discrimination import RefereeTrial
from quintain.pipelines.distillation.rounds import Report, by_id, by_instruction
from quintain.records import (
    Dropped,
    Gap,
    Instruction,
    Response,
    Review,
)
from quintain.usage import RoleUsage

logger = logging.getLogger(__name__)


def report_round(
    pool: list[Instruction],
    teacher: list[Response],
    student: list[Response],
    reviews: list[Review],
    gaps: list[Gap],
    dropped: list[Dropped],
    trial: RefereeTrial,
    outcome: Outcome,
    teacher_spent: RoleUsage,
    generator_spent: RoleUsage,
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
        "controls": {"asked": trial.controls, "correct": trial.correct},
        "gaps": {
            "kept": len(kept),
            **lion.gap_numbers(gaps, by_id(pool), by_instruction(teacher), by_instruction(student), params.seed),
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


def _short(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.3f}"
