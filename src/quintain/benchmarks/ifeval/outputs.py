"""Outputs made elsewhere: the card that `quintain score-ifeval` writes of their verdicts."""

from collections.abc import Sequence
from typing import Any

from quintain.benchmarks.ifeval.ifeval import RULES
from quintain.benchmarks.scorecard import Estimate
from quintain.benchmarks.verifiable.accuracies import measure_accuracies
from quintain.benchmarks.verifiable.prompts import VerifiablePrompt, prompts_digest
from quintain.benchmarks.verifiable.verdicts import verdicts
from quintain.records import Judgement, by_rules
from quintain.statistics.resampling import Resampling


def judge_output(prompt: VerifiablePrompt, response: str) -> Judgement:
    """Judge a response, its reasoning taken off, to one prompt."""
    strict, loose = verdicts(prompt, response)
    return Judgement(
        item_id=prompt.id,
        example_id=prompt.cluster,
        category=prompt.category,
        level=prompt.level,
        satisfied=strict,
        loose=loose,
        by=by_rules(RULES),
        response=response,
    )


def card(prompts: Sequence[VerifiablePrompt], judgements: Sequence[Judgement]) -> dict[str, Any]:
    """Score judgements to the card that `quintain score-ifeval` writes.

    Args:
        prompts: All prompts of the file.
        judgements: At most one per prompt.

    Returns:
        `prompt_level`, `instruction_level`, `families` and `kinds`, each with strict and loose accuracy, their
        intervals and `n`; how many prompts have no response or an empty one; digest of the prompts and rules.
    """
    resampling = Resampling()
    measured = measure_accuracies({prompt.id: prompt for prompt in prompts}, judgements, resampling)
    tables: dict[str, dict[str, Estimate]] = {}
    for cell in measured.tables:
        tables.setdefault(cell.category, {})[cell.measure.rpartition("_")[2]] = cell.estimate
    levels = {
        f"{unit}_level": _accuracy(measured.measures[f"{unit}_strict"], measured.measures[f"{unit}_loose"])
        for unit in ("prompt", "instruction")
    }
    rows = {name: _accuracy(each["strict"], each["loose"]) for name, each in tables.items()}
    return {
        "model": "",
        "model_digest": "",
        "prompts_digest": prompts_digest(prompts),
        "rules": RULES,
        "sampling": {},
        "confidence": resampling.confidence,
        "n_prompts": len(prompts),
        "n_not_judged": len(prompts) - len(judgements),
        "n_empty": sum(not judgement.response.strip() for judgement in judgements),
        "n_truncated": 0,
        **levels,
        "families": {name: row for name, row in rows.items() if ":" not in name},
        "kinds": {name: row for name, row in rows.items() if ":" in name},
    }


def _accuracy(strict: Estimate, loose: Estimate) -> dict[str, Any]:
    return {
        "strict": strict.value,
        "strict_interval": None if strict.value is None else [strict.low, strict.high],
        "loose": loose.value,
        "loose_interval": None if loose.value is None else [loose.low, loose.high],
        "n": strict.n,
    }
