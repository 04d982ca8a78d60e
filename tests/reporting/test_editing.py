"""Edits for people: nothing that was not measured is drawn or printed as a number."""

import io

from quintain.reporting.editing import edits_table, plot_edits


def share(value):
    return {"value": value, "low": value - 0.1, "high": value + 0.1, "n": 10}


def state(value):
    aspects = {"reasoning": share(value), "mean": share(value)}
    return {
        "edits": 10,
        "success": {"rewrite": share(value), "mean": share(value)},
        "portability": aspects,
        "locality": {"far": share(1.0), "mean": share(1.0)},
    }


METRICS = {
    "headline": {"success": 0.8},
    "gated": {"1": state(0.9), "10": state(0.8), "100": state(0.7)},
    "ungated": {"1": state(0.6)},
    "sequential": {"right_after": state(0.9), "after_all": state(0.5), "retained": {"mean": share(0.55)},
                   "by_age": {"0": state(0.9), "10": state(0.5)}},
    "upstream_parity": {"success": {"mean": share(0.97)}},
    "fluency": {"with_edits": 300.0, "without": 310.0},
    "cost": {"add_ms": 0.4, "search_ms": 0.2, "bytes_per_edit": 4096.0},
}  # fmt: skip


def test_the_tables_say_each_size_each_aspect_and_what_other_measures_say():
    table = " ".join(edits_table(METRICS).split())  # without the padding of columns
    assert "| 100 | 70 [60, 80] |" in table
    assert "| 1, no gate | 60 [50, 70] |" in table
    assert "| reasoning | 10 | 70 [60, 80] |" in table
    assert "(the authors' metric)" in table
    assert "97 [87, 107]" in table
    assert "0.40 ms, 0.20 ms, 4 KiB" in table
    # nobody measured rephrased questions
    assert "70 [60, 80] | – | 70 [60, 80] | 100 [90, 110] |" in table


def test_the_figure_has_a_panel_for_gate_ablation_retrieval_and_retention():
    figure = plot_edits(METRICS)
    assert [axes.get_title() for axes in figure.axes] == [
        "Behind the gate",
        "Without the gate",
        "Retrieval and gate",
        "Retention",
    ]
    success = figure.axes[0].lines[0]
    assert list(success.get_xdata()) == [1, 10, 100]
    assert list(success.get_ydata()) == [0.9, 0.8, 0.7]
    figure.savefig(io.BytesIO(), format="png")


def test_single_edits_alone_are_drawn_too():
    alone = {"gated": {"1": state(0.9)}, "ungated": {}, "sequential": {}, "upstream_parity": {}}
    plot_edits(alone).savefig(io.BytesIO(), format="png")
    assert "What other measures" not in edits_table(alone)
