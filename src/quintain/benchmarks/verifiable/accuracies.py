"""IFEval's accuracies: by prompt and by instruction, strict and loose, each with a bootstrap interval over prompts.

Source: IFEval, arXiv:2311.07911, section 2.2.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from quintain.benchmarks.benchmark import Measured
from quintain.benchmarks.scorecard import Cell, Estimate
from quintain.benchmarks.verifiable.prompts import VerifiablePrompt
from quintain.records import Judgement
from quintain.statistics.bootstrap import Rates, percentile_interval, ratios, resampled_sums
from quintain.statistics.resampling import Resampling

_READINGS = ("strict", "loose")


def measure_accuracies(
    prompts: Mapping[str, VerifiablePrompt], judgements: Sequence[Judgement], resampling: Resampling
) -> Measured:
    """Turn judgements into accuracies.

    Args:
        prompts: By item id.
        judgements: At most one per prompt; those that nobody scored are in no accuracy.
        resampling: How the prompts are drawn.

    Returns:
        `prompt_strict`, `instruction_strict`, `prompt_loose`, `instruction_loose`; in the tables the accuracies of
        instructions by family, such as `keywords`, and by kind, such as `keywords:existence`.
    """
    judged = [judgement for judgement in judgements if judgement.is_scored]
    asked = [[each.kind for each in prompts[judgement.item_id].instructions] for judgement in judged]
    kinds = sorted({kind for each in asked for kind in each})
    families = sorted({_family(kind) for kind in kinds})
    names = ["prompt", "instruction", *families, *kinds]
    estimates = _estimates(_tabulate(judged, asked, names), resampling)
    of = dict(zip(names, estimates, strict=True)) if judged else {}
    return Measured(
        measures={
            f"{unit}_{reading}": of[unit][i] if of else Estimate(value=None)
            for i, reading in enumerate(_READINGS)
            for unit in ("prompt", "instruction")
        },
        tables=tuple(
            Cell(measure=f"instruction_{reading}", category=name, estimate=of[name][i])
            for name in (*families, *kinds)
            for i, reading in enumerate(_READINGS)
        ),
    )


def _family(kind: str) -> str:
    return kind.partition(":")[0]


def _tabulate(judged: Sequence[Judgement], asked: Sequence[Sequence[str]], names: Sequence[str]) -> Rates:
    """Count what each prompt adds to each accuracy: followed strictly, followed loosely, asked. Shape (P, A, 3)."""
    place = {name: column for column, name in enumerate(names)}
    table = np.zeros((len(judged), len(names), 3))
    for row, (judgement, kinds) in enumerate(zip(judged, asked, strict=True)):
        table[row, 0] = all(judgement.satisfied), all(judgement.loose), 1
        for kind, strict, loose in zip(kinds, judgement.satisfied, judgement.loose, strict=True):
            for column in (1, place[_family(kind)], place[kind]):
                table[row, column] += bool(strict), bool(loose), 1
    return table


def _estimates(table: Rates, resampling: Resampling) -> list[list[Estimate]]:
    """Strict and loose estimate of each accuracy."""
    n_prompts, n_accuracies, _ = table.shape
    if not n_prompts:
        return []
    totals = table.sum(axis=0)
    points = totals[:, :2] / totals[:, 2:]
    sums = resampled_sums(table.reshape(n_prompts, -1), resampling).reshape(-1, n_accuracies, 3)
    # A draw without any instruction of a rare kind says nothing about it.
    draws = ratios(sums[..., :2], np.repeat(sums[..., 2:], 2, axis=-1))
    low, high = (
        ends.reshape(n_accuracies, 2)
        for ends in percentile_interval(draws.reshape(len(draws), -1), resampling.confidence)
    )
    return [
        [
            Estimate(value=float(points[a, i]), low=float(low[a, i]), high=float(high[a, i]), n=int(totals[a, 2]))
            for i in range(len(_READINGS))
        ]
        for a in range(n_accuracies)
    ]
