"""Every plot has axes with titles, and a legend that covers no data."""

import sys
from pathlib import Path

import pytest
from lxml import etree

sys.path.insert(0, str(Path(__file__).parent))
import test_arms
import test_editing
import test_rounds

from quintain.reporting.arms import draw_sweep
from quintain.reporting.editing import plot_edits
from quintain.reporting.plots import as_svg
from quintain.reporting.preference import draw_pairs, draw_training
from quintain.reporting.rounds import draw_rounds

COLUMNS = ("rewards/margin", "rewards/weighted_margin", "rewards/accuracy", "weights/clamped_share",
           "displacement/chosen", "displacement/rejected", "kl/at_least", "weights/edited_p10", "weights/edited_p50",
           "weights/edited_p90")  # fmt: skip
SWEEP = [test_arms.training(arm, beta, beta) for arm in ("BMC", "DPO") for beta in (0.03, 0.04, 0.1, 0.3, 1.0)]
FIGURES = {
    "training": lambda: draw_training({"step": [1, 2], **{name: [0.2, 0.4] for name in COLUMNS}}, [1.0, 2.0]),
    "pairs": lambda: draw_pairs([0.5, 0.6], [0.1, 0.3], [0.2, 0.1]),
    "sweep": lambda: draw_sweep(SWEEP),
    "edits": lambda: plot_edits(test_editing.METRICS),
    "rounds": lambda: draw_rounds([test_rounds.report(1), test_rounds.report(2)]),
}


@pytest.mark.parametrize("draw", FIGURES.values(), ids=FIGURES)
def test_every_axis_has_a_title_and_no_legend_covers_data(draw):
    figure = draw()
    figure.draw_without_rendering()
    renderer = figure._get_renderer()
    panels = [axes.get_window_extent(renderer) for axes in figure.axes]
    legends = [axes.get_legend() for axes in figure.axes if axes.get_legend()] + figure.legends
    assert legends
    for legend in legends:
        box = legend.get_window_extent(renderer)
        assert not any(box.overlaps(panel) for panel in panels)
        assert box.y0 >= 0
    for axes in figure.axes:
        assert axes.get_xlabel()
        assert axes.get_ylabel()
        labels = [label.get_window_extent(renderer) for label in axes.get_xticklabels() if label.get_text()]
        assert not any(one.overlaps(other) for i, one in enumerate(labels) for other in labels[:i])


def test_an_svg_takes_the_colours_of_the_page():
    svg = as_svg(draw_rounds([test_rounds.report(1)]), "rounds")
    assert etree.fromstring(svg).tag.endswith("svg")
    for variable in ("--text", "--line", "--s0", "--s1"):
        assert f"var({variable})" in svg
    assert "#1c1e21" not in svg


def test_a_round_without_reviews_says_so():
    # nobody reviewed anything and no order could disagree: both lines are missing, and the panel says why
    report = test_rounds.report(1)
    report["referee"] = {**report["referee"], "conflict_rate": None, "parse_failure_rate": None}
    panel = draw_rounds([report]).axes[2]
    assert not panel.lines
    assert [text.get_text() for text in panel.texts] == ["no round has any"]
