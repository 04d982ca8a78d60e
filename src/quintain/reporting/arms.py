"""BMC beside its own parts, for people: the chosen trainings in a table, all of them in a figure."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from quintain.reporting.palette import look
from quintain.reporting.plots import dress, in_percent, legend_below, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_MEASURES = {
    "accuracy": ("Pairs preferred", "Share of pairs"),
    "dpo_loss": ("DPO loss", "Loss (nats)"),
    "kl_nats_per_token": ("KL to the start", "KL per token (nats)"),
}
_TICKS_APART = 0.25
"""Least distance of two ticks, as a part of the axis: what a label takes of a panel, and some room."""


def arms_table(arms: Sequence[Mapping[str, Any]], held_out: int, chosen_on: int) -> str:
    """Set the arms in a Markdown table.

    Args:
        arms: The chosen trainings, as `quintain.training.preference.arms.compare_arms` gives them.
        held_out: Number of pairs they are held against.
        chosen_on: Number of pairs that chose β and rate; 0 where there was no choice.

    Returns:
        The table under a sentence that says what it shows, with a final newline.
    """
    if not arms:
        return "# BMC and its parts\n\nNot compared: no steps, no weights, or too few pairs.\n"
    choice = f"β and rate of each were chosen on {chosen_on} other unseen pairs. " if chosen_on else ""
    head = (
        f"All arms start from the same student and are held against the same {held_out} pairs that none has seen. "
        f"{choice}Weights act partly as a larger β; the last two rows have BMC's rate and its β in effect.\n\n"
        "| arm | β | rate | β in effect | pairs preferred | margin | DPO loss | chosen displaced (nats) "
        "| KL per token (nats) |\n"
        "| :- | -: | -: | -: | -: | -: | -: | -: | -: |\n"
    )
    return (
        "# BMC and its parts\n\n"
        + head
        + "".join(
            f"| {arm['arm']} | {arm['beta']:.3f} | {arm['learning_rate']:.1e} | {arm['effective_beta']:.3f} "
            f"| {arm['accuracy']:.1%} | {arm['margin']:.3f} | {arm['dpo_loss']:.3f} "
            f"| {arm['displacement_chosen']:+.2f} | {arm['kl_nats_per_token']:.4f} |\n"
            for arm in arms
        )
    )


def draw_sweep(trainings: Sequence[Mapping[str, Any]]) -> "Figure":
    """Draw how each arm fares against its β in effect; arms that differ by it alone lie on one line.

    Args:
        trainings: All of them, as `quintain.training.preference.arms.compare_arms` gives them; of several rates the
            better one at each β is drawn.

    Returns:
        A figure 800 pixels wide, tied to no screen, of the measures on validation pairs.
    """
    figure = new_figure(3.6)
    panels = figure.subplots(1, len(_MEASURES))
    for position, arm in enumerate(dict.fromkeys(one["arm"] for one in trainings)):
        colour, marker = look(position)
        best: dict[float, Mapping[str, Any]] = {}
        for one in sorted((one for one in trainings if one["arm"] == arm), key=_accuracy):
            best[one["beta"]] = one
        points = sorted(best.values(), key=lambda one: one["effective_beta"])
        betas = [one["effective_beta"] for one in points]
        for axes, measure in zip(panels, _MEASURES, strict=True):
            values = [one["validation"][measure] for one in points]
            axes.plot(betas, values, color=colour, marker=marker, markersize=6, linewidth=1.5, label=arm)
    betas = sorted({one["effective_beta"] for one in trainings})
    for axes, (title, y) in zip(panels, _MEASURES.values(), strict=True):
        dress(axes, title, "β in effect (log scale)", y)
        axes.set_xscale("log")
        # A tick at each power of ten alone would often be one; one at each β prints over the next.
        axes.set_xticks(_apart(betas), [f"{beta:.2g}" for beta in _apart(betas)])
        axes.minorticks_off()
    in_percent(panels[0])
    legend_below(figure, columns=6)
    return figure


def _apart(betas: Sequence[float]) -> list[float]:
    """The first, and of the others those that stand far enough from the last that was kept, on a log scale."""
    kept: list[float] = []
    for beta in betas:
        if not kept or math.log(beta / kept[-1]) >= _TICKS_APART * math.log(betas[-1] / betas[0]):
            kept.append(beta)
    return kept


def _accuracy(one: Mapping[str, Any]) -> float:
    return float(one["validation"]["accuracy"])
