"""Train on the pairs, hold BMC beside its parts, and show where the student looks."""

import logging
from pathlib import Path
from typing import Any

from quintain.datasets import ModelRef
from quintain.errors import RecordError
from quintain.pipelines.preference.pairs import PairParams
from quintain.records import TokenizedPair
from quintain.training.preference.arms import SweepParams
from quintain.training.preference.params import PreferenceParams
from quintain.training.validation import VALIDATION_COLUMNS, split_off

logger = logging.getLogger(__name__)

SCRATCH = Path("scratch/preference")
_SHOWN_PAIRS = 12


def hold_out(rows: list[TokenizedPair], share: float) -> tuple[list[TokenizedPair], list[TokenizedPair]]:
    """Keep a share of the prompts apart; all pairs of a prompt fall on one side.

    Args:
        rows: The pairs.
        share: Which share, in (0, 1).

    Returns:
        The others, and those kept apart; which ones is drawn from the tokens of the prompt.

    Raises:
        RecordError: One of the two would be empty.
    """
    sides = split_off(rows, lambda row: row.prompt_ids, share, "held-out")
    if not all(sides):
        prompts = len({row.prompt_ids for row in rows})
        raise RecordError(
            f"{len(rows)} pairs of {prompts} prompts cannot be split; find more losing responses, or raise "
            "preference.pairs.held_out"
        )
    return sides


def too_few(rows: list[TokenizedPair], params: PairParams) -> str:
    """Reason why nothing is learned from these pairs; empty when there are enough."""
    prompts = len({row.prompt_ids for row in rows})
    if prompts >= params.fewest_prompts:
        return ""
    return (
        f"{prompts} prompts have a losing response to learn from, preference.pairs.fewest_prompts asks for "
        f"{params.fewest_prompts}"
    )


def train_student(
    rows: list[TokenizedPair], start: ModelRef, params: PreferenceParams, pairs: PairParams
) -> tuple[tuple[Any, Any], Any, Any, dict[str, Any]]:
    """Train the start model on the pairs: the student, its curves, its held-out loss, and a summary.

    Where the start leaves too little to learn, it is handed on as it is.
    """
    import pandas as pd

    from quintain.datasets import HFModelDataset
    from quintain.training.preference.train import train_on_preferences

    summary = {"start": Path(start.path).name, "start_digest": start.digest, "pairs": pairs.pairs}
    if reason := too_few(rows, pairs):
        logger.warning("%s: the student keeps the weights it starts with", reason)
        unchanged = HFModelDataset(filepath=start.path).load()
        none = (pd.DataFrame(columns=["step", "loss", "learning_rate"]), pd.DataFrame(columns=VALIDATION_COLUMNS))
        return unchanged, *none, {**summary, "steps": 0, "rows": len(rows), "reason": reason}
    learned, _ = hold_out(rows, pairs.held_out)
    trained = train_on_preferences(Path(start.path), learned, params, SCRATCH)
    curves = (pd.DataFrame(trained.curve), pd.DataFrame(trained.validation, columns=VALIDATION_COLUMNS))
    return (trained.model, trained.tokenizer), *curves, {**summary, **trained.summary}


def show_credit(
    rows: list[TokenizedPair],
    start: ModelRef,
    student: ModelRef,
    curve: Any,
    params: PreferenceParams,
    pairs: PairParams,
) -> tuple[dict[str, float], str, Any]:
    """Measure the student on the pairs it has not seen, and show its weights and rewards token by token."""
    from quintain.models.open_folder import open_model
    from quintain.reporting.preference import draw_training
    from quintain.reporting.token_credit import token_credit_page
    from quintain.training.preference.measures import as_shown, credit_pairs, summarise
    from quintain.training.start_model import open_start

    columns = {name: curve[name].tolist() for name in curve.columns}
    if too_few(rows, pairs):
        return {}, token_credit_page(Path(student.path).name, [], {}), draw_training(columns, [])
    _, unseen = hold_out(rows, pairs.held_out)
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
    return measures, token_credit_page(Path(student.path).name, shown, measures), draw_training(columns, weights)


def compare_arms(
    rows: list[TokenizedPair],
    others: list[TokenizedPair],
    start: ModelRef,
    params: PreferenceParams,
    pairs: PairParams,
    sweep: SweepParams,
) -> tuple[dict[str, Any], dict[str, Any], str, Any]:
    """Train DPO, MC, BC and BMC at every β and rate of the sweep, and hold the best of each against unseen pairs.

    Where there is a choice, half of the held-out prompts choose and the other half report.

    Args:
        rows: The pairs that the student learned from.
        others: The same pairs, bridged where those are not, and the other way round.
        start: The student that all arms start from.
        params: Settings of the training; the arms differ from it in pairs, weights, β, rate and steps alone.
        pairs: Which pairs `rows` are, and the share that is held out.
        sweep: Steps of each training, multiples of β, rates.

    Returns:
        The chosen trainings, all trainings, a table in Markdown, and a figure; without a row where sweep.steps is 0, no
        weights are used, nothing was bridged, or there are too few pairs.
    """
    from quintain.reporting.arms import arms_table, draw_sweep
    from quintain.training.preference import arms

    if sweep.steps == 0 or params.delta is None or pairs.pairs == "unbridged" or too_few(rows, pairs):
        nothing: list[dict[str, Any]] = []
        return {"held_out": 0, "arms": {}}, {"trainings": nothing}, arms_table(nothing, 0, 0), draw_sweep(nothing)
    bridged, original = (rows, others) if pairs.pairs == "bridged" else (others, rows)
    learned, unseen = hold_out(bridged, pairs.held_out)
    validation, test = hold_out(unseen, 0.5) if sweep.chooses else (unseen, unseen)
    both = arms.ArmPairs(hold_out(original, pairs.held_out)[0], learned, validation, test)
    chosen, tried = arms.compare_arms(Path(start.path), both, params, sweep, SCRATCH)
    by_name = {row["arm"]: {name: value for name, value in row.items() if name != "arm"} for row in chosen}
    chosen_on = len(validation) if sweep.chooses else 0
    return (
        {"held_out": len(test), "chosen_on": chosen_on, "arms": by_name},
        {"trainings": tried},
        arms_table(chosen, len(test), chosen_on),
        draw_sweep(tried),
    )
