"""Prompts that a training does not see: on their loss it is stopped, and its best student is kept."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from quintain.errors import RecordError
from quintain.records import content_id

Item = TypeVar("Item")

VALIDATION_COLUMNS = ["step", "loss"]
"""Columns of the curve of the held-out loss."""


def split_off(
    items: Sequence[Item], prompt_of: Callable[[Item], Any], share: float, drawn_by: str
) -> tuple[list[Item], list[Item]]:
    """Keep a share of the prompts apart; all items of a prompt fall on one side.

    Args:
        items: Pairs or rows.
        prompt_of: The prompt of one.
        share: Which share of the prompts, in (0, 1); at least one.
        drawn_by: Name of the draw; another one keeps other prompts apart.

    Returns:
        The others, and those kept apart; which ones is drawn from the prompt itself, so the order of the items and
        their number do not matter.
    """
    drawn = [content_id(drawn_by, prompt_of(item)) for item in items]
    apart = set(sorted(set(drawn))[: max(1, round(share * len(set(drawn))))])
    return (
        [item for item, name in zip(items, drawn, strict=True) if name not in apart],
        [item for item, name in zip(items, drawn, strict=True) if name in apart],
    )


def held_out(
    items: Sequence[Item], prompt_of: Callable[[Item], Any], share: float, setting: str
) -> tuple[list[Item], list[Item]]:
    """Split into what is learned and what is held out; nothing is held out where the share is 0.

    Args:
        items: Pairs or rows.
        prompt_of: The prompt of one.
        share: Share of the prompts that is held out, in [0, 1).
        setting: Name under which the user sets the parameters, for messages.

    Returns:
        What is learned, and what is held out.

    Raises:
        RecordError: Nothing would be left to learn from.
    """
    if not share or not items:
        return list(items), []
    learned, unseen = split_off(items, prompt_of, share, "validation")
    if not learned:
        raise RecordError(
            f"all {len(items)} pairs have one prompt, so none can be held out; give more prompts, or set "
            f"{setting}.validation_share to 0"
        )
    return learned, unseen


def curve_of(log_history: Sequence[dict[str, float]]) -> list[dict[str, float]]:
    """Points of the held-out loss in the log of a Trainer: step, loss."""
    return [{"step": entry["step"], "loss": entry["eval_loss"]} for entry in log_history if "eval_loss" in entry]


def best_of(curve: Sequence[dict[str, float]]) -> dict[str, float]:
    """Step and loss of the student that is kept, for a summary; empty where nothing was held out."""
    if not curve:
        return {}
    best = min(curve, key=lambda point: point["loss"])
    return {"best_step": best["step"], "validation_loss": best["loss"]}
