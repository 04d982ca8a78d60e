"""Train on the pairs, hold BMC beside its parts, and show where the student looks."""

import dataclasses
from pathlib import Path
from typing import Any

from quintain.datasets import ModelRef
from quintain.errors import RecordError
from quintain.pipelines.preference.pairs import PairParams
from quintain.records import TokenizedPair, content_id
from quintain.training.preference.params import PreferenceParams

SCRATCH = Path("scratch/preference")
_SHOWN_PAIRS = 12


def hold_out(rows: list[TokenizedPair], params: PairParams) -> tuple[list[TokenizedPair], list[TokenizedPair]]:
    """Keep a share of the prompts from training; all pairs of a prompt fall on one side.

    Args:
        rows: The pairs.
        params: Share.

    Returns:
        Pairs to learn from and pairs to measure on; which ones is drawn from the tokens of the prompt.

    Raises:
        RecordError: One of the two would be empty.
    """
    prompts = sorted({content_id("held-out", row.prompt_ids) for row in rows})
    kept_out = set(prompts[: max(1, round(params.held_out * len(prompts)))])
    sides: tuple[list[TokenizedPair], list[TokenizedPair]] = ([], [])
    for row in rows:
        sides[content_id("held-out", row.prompt_ids) in kept_out].append(row)
    if not all(sides):
        raise RecordError(f"{len(rows)} pairs of {len(prompts)} prompts cannot be split; find more losing responses")
    return sides


def train_student(
    rows: list[TokenizedPair], start: ModelRef, params: PreferenceParams, pairs: PairParams
) -> tuple[tuple[Any, Any], Any, dict[str, Any]]:
    """Train the start model on the pairs: the student, its curves, and a summary."""
    import pandas as pd

    from quintain.training.preference.train import train_on_preferences

    learned, _ = hold_out(rows, pairs)
    trained = train_on_preferences(Path(start.path), learned, params, SCRATCH)
    summary = {"start": Path(start.path).name, "start_digest": start.digest, "pairs": pairs.pairs, **trained.summary}
    return (trained.model, trained.tokenizer), pd.DataFrame(trained.curve), summary


def show_credit(
    rows: list[TokenizedPair],
    start: ModelRef,
    student: ModelRef,
    curve: Any,
    params: PreferenceParams,
    pairs: PairParams,
) -> tuple[dict[str, float], str, Any]:
    """Measure the student on the pairs it has not seen, and show its weights and rewards token by token."""
    from quintain.models.local import open_model
    from quintain.reporting.preference import draw_training
    from quintain.reporting.token_credit import token_credit_page
    from quintain.training.preference.measures import as_shown, credit_pairs, summarise
    from quintain.training.start_model import open_start

    _, unseen = hold_out(rows, pairs)
    policy, tokenizer = open_model(Path(student.path), "cpu", "float32")
    credit = credit_pairs(policy, open_start(Path(start.path))[0], unseen)
    measures = summarise(credit, params.beta, params.delta)
    shown = as_shown(credit[:_SHOWN_PAIRS], tokenizer, params.beta, params.delta)
    weights = [
        weight
        for pair in credit
        for side in (pair.chosen, pair.rejected)
        for weight, mark in zip(side.weights(params.delta), side.modified, strict=True)
        if mark
    ]
    figure = draw_training({name: curve[name].tolist() for name in curve.columns}, weights)
    return measures, token_credit_page(Path(student.path).name, shown, measures), figure


def compare_arms(
    rows: list[TokenizedPair],
    others: list[TokenizedPair],
    start: ModelRef,
    params: PreferenceParams,
    pairs: PairParams,
    arm_steps: int,
) -> tuple[dict[str, Any], str]:
    """Train DPO, MC, BC, BMC and the two of matched β for a few steps, and hold them against the same unseen pairs.

    Args:
        rows: The pairs that the student learned from.
        others: The same pairs, bridged where those are not, and the other way round.
        start: The student that all arms start from.
        params: Settings of the training; the arms differ from it in pairs, weights and β alone.
        pairs: Which pairs `rows` are, and the share that is held out.
        arm_steps: Optimiser steps of each arm.

    Returns:
        The table as JSON and as Markdown; both empty of rows where arm_steps is 0 or no weights are used.
    """
    from quintain.reporting.preference import arms_table
    from quintain.training.preference import arms

    bridged, original = (rows, others) if pairs.pairs == "bridged" else (others, rows)
    learned, unseen = hold_out(bridged, pairs)
    if arm_steps == 0 or params.delta is None:
        return {"held_out": len(unseen), "arms": {}}, arms_table([], len(unseen))
    settings = dataclasses.replace(params, steps=arm_steps)
    table = arms.compare_arms(Path(start.path), hold_out(original, pairs)[0], learned, unseen, settings, SCRATCH)
    by_name = {row["arm"]: {name: value for name, value in row.items() if name != "arm"} for row in table}
    return {"held_out": len(unseen), "arms": by_name}, arms_table(table, len(unseen))
