"""Preference pairs and preference training for people: plots, and the card of the pairs."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from quintain.reporting.palette import COLOURS, DPI, WIDTH_INCHES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
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
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH_INCHES, 4.2), dpi=DPI, layout="constrained")
    left, right = figure.subplots(1, 2)
    bins = [i / _BINS for i in range(_BINS + 1)]
    left.hist([before, after], bins=bins, color=COLOURS[:2], label=["before bridging", "after"])
    left.margins(y=0.3)
    left.legend(fontsize=11, frameon=False)
    caption(left, "Distance of the two responses", "Edit distance over the longer length", "Pairs")
    right.hist(edited, bins=bins, color=COLOURS[2])
    caption(right, "Tokens that the loss may weigh", "Share of edited tokens", "Pairs")
    return figure


def draw_training(curve: Mapping[str, Sequence[float]], weights: Sequence[float]) -> "Figure":
    """Draw rewards with and without weights, displacement, distance from the reference, and how weights spread.

    Args:
        curve: Columns of the loss curve; a reference-free variant has no rewards.
        weights: Weights of edited tokens at the end.

    Returns:
        A figure 800 pixels wide, tied to no screen.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH_INCHES, 9.0), dpi=DPI, layout="constrained")
    (rewards, shares), (displacement, divergence), (spread, histogram) = figure.subplots(3, 2)
    steps = curve["step"]
    panels = (
        (
            rewards,
            "Reward margin",
            (("rewards/margin", "without weights"), ("rewards/weighted_margin", "with weights")),
        ),
        (
            shares,
            "Shares",
            (("rewards/accuracy", "pairs preferred"), ("weights/clamped_share", "edited tokens at the cap")),
        ),
        (
            displacement,
            "Displacement (nats)",
            (("displacement/chosen", "chosen"), ("displacement/rejected", "rejected")),
        ),
        (divergence, "KL to the reference, at least (nats)", (("kl/at_least", "per token"),)),
        (
            spread,
            "Weights of edited tokens",
            (("weights/edited_p10", "10 %"), ("weights/edited_p50", "median"), ("weights/edited_p90", "90 %")),
        ),
    )
    for axes, title, lines in panels:
        for colour, (column, label) in zip(COLOURS, lines, strict=False):
            if column in curve:
                axes.plot(steps, curve[column], color=colour, linewidth=2, label=label)
        if axes.lines:
            axes.margins(y=0.35)
            axes.legend(fontsize=10, frameon=False, loc="upper left")
        caption(axes, title, "Step", "")
    histogram.hist(weights, bins=_BINS, color=COLOURS[2])
    caption(histogram, "The same at the end, on unseen pairs", "λ", "Tokens")
    return figure


def caption(axes: "Axes", title: str, x: str, y: str) -> None:
    """Give a panel its title and its names, in the look of all figures of the preference training."""
    axes.set_title(title, fontsize=13)
    axes.set_xlabel(x, fontsize=11)
    axes.set_ylabel(y, fontsize=11)
    axes.grid(color="#dddddd")
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


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
