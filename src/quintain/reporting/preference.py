"""Preference pairs and preference training for people: plots, and the card of the pairs."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from quintain.reporting.palette import COLOURS, look
from quintain.reporting.plots import dress, in_percent, legend_below, new_figure, nothing_to_draw

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_BINS = 20


def draw_pairs(before: Sequence[float], after: Sequence[float], edited: Sequence[float]) -> "Figure":
    """Draw how far the two responses of a pair stand from each other, before and after bridging.

    Args:
        before: Normalised edit distance of each pair with its original winner, in [0, 1].
        after: The same with the bridged winner.
        edited: Share of edited tokens of each pair, in [0, 1].

    Returns:
        A figure 800 pixels wide, tied to no screen.
    """
    figure = new_figure(4.2)
    left, right = figure.subplots(1, 2)
    bins = [i / _BINS for i in range(_BINS + 1)]
    left.hist([before, after], bins=bins, color=COLOURS[:2], label=["before bridging", "after"])
    dress(left, "Distance of the two responses", "Edit distance / longer length (0 to 1)", "Pairs")
    right.hist(edited, bins=bins, color=COLOURS[2])
    dress(right, "Tokens that the loss may weigh", "Edited tokens, share of the response (0 to 1)", "Pairs")
    legend_below(figure, left)
    return figure


def draw_training(curve: Mapping[str, Sequence[float]], weights: Sequence[float]) -> "Figure":
    """Draw rewards with and without weights, displacement, distance from the reference, and how weights spread.

    Args:
        curve: Columns of the loss curve; a reference-free variant has no rewards.
        weights: Weights of edited tokens at the end.

    Returns:
        A figure 800 pixels wide, tied to no screen.
    """
    figure = new_figure(10.0)
    (rewards, shares), (displacement, divergence), (spread, histogram) = figure.subplots(3, 2)
    steps = curve["step"]
    panels = (
        (rewards, "Reward margin", "Chosen minus rejected (nats)",
         (("rewards/margin", "without weights"), ("rewards/weighted_margin", "with weights"))),
        (shares, "Shares", "Share",
         (("rewards/accuracy", "pairs preferred"), ("weights/clamped_share", "edited tokens at the cap"))),
        (displacement, "Displacement", "Log-probability gained (nats)",
         (("displacement/chosen", "chosen"), ("displacement/rejected", "rejected"))),
        (divergence, "Distance from the reference", "KL per token, at least (nats)", (("kl/at_least", ""),)),
        (spread, "Weights of edited tokens", "Weight λ",
         (("weights/edited_p10", "10 %"), ("weights/edited_p50", "median"), ("weights/edited_p90", "90 %"))),
    )  # fmt: skip
    for axes, title, y, lines in panels:
        for position, (column, label) in enumerate(lines):
            if column in curve:
                colour, marker = look(position)
                axes.plot(steps, curve[column], color=colour, linewidth=2, label=label or "_nolegend_",
                          marker=marker if len(steps) == 1 else "")  # fmt: skip
        dress(axes, title, "Optimiser step", y)
        axes.xaxis.get_major_locator().set_params(integer=True)
        if not axes.lines:
            nothing_to_draw(axes, "this variant has none")
        legend_below(axes, columns=3)
    in_percent(shares)
    histogram.hist(weights, bins=_BINS, color=COLOURS[2])
    dress(histogram, "Weights at the end", "Weight λ of edited tokens, unseen pairs", "Tokens")
    histogram.yaxis.get_major_locator().set_params(integer=True)
    return figure


def pairs_card(report: Mapping[str, Any]) -> str:
    """Say in Markdown what the pairs are: how many, from where, how close, which diff marks them.

    Args:
        report: JSON of `preference_report`.

    Returns:
        The card, with a final newline.
    """
    lines = [
        "# Preference pairs",
        "",
        f"{report['pairs']} pairs; the better response is {report['chosen_source']}.",
        "",
    ]
    if report["pairs"]:
        lines += [*_before_and_after(report), "", *_diffs(report), ""]
    lines += [
        "| stage | entered | passed | dropped |",
        "| :- | -: | -: | :- |",
        *(
            f"| {stage} | {count['entered']} | {count['passed']} | "
            f"{', '.join(f'{n} {why}' for why, n in count['dropped'].items()) or '–'} |"
            for stage, count in report["funnel"].items()
        ),
    ]
    return "\n".join(lines) + "\n"


def _before_and_after(report: Mapping[str, Any]) -> list[str]:
    distance, overlap, ratio = report["edit_distance"], report["overlap"], report["length_ratio"]
    return [
        "| measure | before bridging | after |",
        "| :- | -: | -: |",
        f"| edit distance, mean (0-1) | {distance['before_mean']:.3f} | {distance['after_mean']:.3f} |",
        f"| edit distance, median | {distance['before_median']:.3f} | {distance['after_median']:.3f} |",
        f"| share of tokens in common | {overlap['before']:.3f} | {overlap['after']:.3f} |",
        f"| tokens of the better over those of the worse response | {ratio['before']:.3f} | {ratio['after']:.3f} |",
    ]


def _diffs(report: Mapping[str, Any]) -> list[str]:
    return [
        f"Tokens are marked as edited by the diff `{report['diff']}`. The diffs mark different shares of these pairs:",
        "",
        "| diff | edited tokens | pairs with the same marks as the one used |",
        "| :- | -: | -: |",
        *(f"| {diff} | {one['share']:.1%} | {one['same']:.0%} |" for diff, one in report["edited_share"].items()),
    ]
