"""IFEval's accuracies: by prompt and by instruction, strict and loose, each with a bootstrap interval over prompts.

Source: IFEval, arXiv:2311.07911, section 2.2.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quintain.records import IFEvalVerdict

RULES = "quintain-ifeval-1"
"""Name of this set of checkers; it changes whenever one of them judges differently."""

# Draws that are summed at once: bounds the memory for large files of prompts.
_DRAWS_AT_ONCE = 64
_Table = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Accuracy:
    """A share, in [0, 1], of prompts or instructions that were followed; None where none was judged."""

    strict: float | None
    """Judged as it was written."""
    strict_interval: tuple[float, float] | None
    """Lower and upper end."""
    loose: float | None
    """Judged with the forgiving readings too; never below `strict`."""
    loose_interval: tuple[float, float] | None
    """Lower and upper end."""
    n: int
    """Prompts or instructions that were judged."""


@dataclass(frozen=True, kw_only=True)
class IFEvalScorecard:
    """What one model scored on one file of prompts."""

    model: str
    """Name of the model; empty where unknown."""
    model_digest: str
    """Hash of its weights; empty where unknown."""
    prompts_digest: str
    """Hash of prompts and parameters; scorecards of different files do not compare."""
    rules: str = RULES
    """Which checkers judged; scorecards of different ones do not compare."""
    sampling: dict[str, Any]
    """How the responses were drawn; empty where unknown."""
    confidence: float
    """Share of the bootstrap draws that an interval holds."""
    n_prompts: int
    """Prompts in the file."""
    n_not_judged: int
    """Prompts without a response; in no accuracy, and never zero."""
    n_empty: int
    """Responses with nothing in them, or nothing but reasoning; they follow no instruction."""
    n_truncated: int
    """Responses cut at the token limit; 0 where unknown."""
    prompt_level: Accuracy
    """Prompts of which every instruction was followed."""
    instruction_level: Accuracy
    """Instructions that were followed."""
    families: dict[str, Accuracy]
    """Instructions by family, such as `keywords`."""
    kinds: dict[str, Accuracy]
    """Instructions by kind, such as `keywords:existence`."""

    def as_dict(self) -> dict[str, Any]:
        """Give plain JSON: intervals as lists, None as null."""
        plain = dataclasses.asdict(self)
        for accuracy in (
            plain["prompt_level"],
            plain["instruction_level"],
            *plain["families"].values(),
            *plain["kinds"].values(),
        ):
            for reading in ("strict_interval", "loose_interval"):
                accuracy[reading] = accuracy[reading] and list(accuracy[reading])
        return plain


def make_scorecard(
    verdicts: Sequence[IFEvalVerdict],
    *,
    n_prompts: int,
    prompts_digest: str,
    model: str = "",
    model_digest: str = "",
    sampling: Mapping[str, Any] | None = None,
    n_empty: int = 0,
    n_truncated: int = 0,
    replicates: int = 2000,
    confidence: float = 0.95,
    seed: int = 0,
) -> IFEvalScorecard:
    """Turn verdicts into accuracies.

    Args:
        verdicts: At most one per prompt.
        n_prompts: Prompts in the file.
        prompts_digest: Hash of the file's content.
        model: Name of the model.
        model_digest: Hash of its weights.
        sampling: How the responses were drawn.
        n_empty: Responses with nothing in them.
        n_truncated: Responses cut at the token limit.
        replicates: How often the prompts are drawn anew.
        confidence: Share of the draws inside an interval, in (0, 1).
        seed: Seed of the draws.

    Returns:
        The scorecard; the same verdicts give the same one.
    """
    judged = [verdict for verdict in verdicts if None not in verdict.strict]
    kinds = sorted({kind for verdict in judged for kind in verdict.kinds})
    families = sorted({_family(kind) for kind in kinds})
    accuracies = _accuracies(_tabulate(judged, families, kinds), replicates, confidence, seed)
    prompt_level, instruction_level, *others = accuracies
    return IFEvalScorecard(
        model=model,
        model_digest=model_digest,
        prompts_digest=prompts_digest,
        sampling=dict(sampling or {}),
        confidence=confidence,
        n_prompts=n_prompts,
        n_not_judged=n_prompts - len(judged),
        n_empty=n_empty,
        n_truncated=n_truncated,
        prompt_level=prompt_level,
        instruction_level=instruction_level,
        families=dict(zip(families, others[: len(families)], strict=True)),
        kinds=dict(zip(kinds, others[len(families) :], strict=True)),
    )


def _family(kind: str) -> str:
    return kind.partition(":")[0]


def _tabulate(judged: Sequence[IFEvalVerdict], families: Sequence[str], kinds: Sequence[str]) -> _Table:
    """What each prompt adds to each accuracy: followed strictly, followed loosely, asked. Shape (P, A, 3).

    The accuracies: prompts, instructions, families, kinds.
    """
    place = {name: column for column, name in enumerate((*families, *kinds), start=2)}
    table = np.zeros((len(judged), 2 + len(place), 3))
    for row, verdict in enumerate(judged):
        table[row, 0] = all(verdict.strict), all(verdict.loose), 1
        for kind, strict, loose in zip(verdict.kinds, verdict.strict, verdict.loose, strict=True):
            for column in (1, place[_family(kind)], place[kind]):
                table[row, column] += bool(strict), bool(loose), 1
    return table


def _accuracies(table: _Table, replicates: int, confidence: float, seed: int) -> list[Accuracy]:
    n_prompts, n_accuracies, _ = table.shape
    if not n_prompts:
        return [Accuracy(strict=None, strict_interval=None, loose=None, loose_interval=None, n=0)] * n_accuracies
    totals = table.sum(axis=0)
    points = totals[:, :2] / totals[:, 2:]
    draws = _draw(table, replicates, seed)
    # A draw without any instruction of a rare kind says nothing about it.
    low, high = np.nanquantile(draws, [(1 - confidence) / 2, (1 + confidence) / 2], axis=0)
    return [
        Accuracy(
            strict=float(points[i, 0]),
            strict_interval=(float(low[i, 0]), float(high[i, 0])),
            loose=float(points[i, 1]),
            loose_interval=(float(low[i, 1]), float(high[i, 1])),
            n=int(totals[i, 2]),
        )
        for i in range(n_accuracies)
    ]


def _draw(table: _Table, replicates: int, seed: int) -> _Table:
    """Draw the prompts with replacement; strict and loose accuracies of each draw. Shape (B, A, 2)."""
    n_prompts, n_accuracies, _ = table.shape
    stream = np.random.default_rng(seed)
    flat = table.reshape(n_prompts, -1)
    sums = []
    for start in range(0, replicates, _DRAWS_AT_ONCE):
        n_draws = min(_DRAWS_AT_ONCE, replicates - start)
        drawn = stream.integers(n_prompts, size=(n_draws, n_prompts))
        times = np.stack([np.bincount(each, minlength=n_prompts) for each in drawn]).astype(np.float64)
        sums.append((times @ flat).reshape(n_draws, n_accuracies, 3))
    followed, asked = np.split(np.concatenate(sums), [2], axis=-1)
    return np.divide(followed, asked, out=np.full(followed.shape, np.nan), where=asked > 0)
