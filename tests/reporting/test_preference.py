"""Plots and tables of preference training."""

import io

from quintain.reporting.preference import draw_pairs, draw_training, pairs_card

REPORT = {
    "pairs": 12,
    "chosen_source": "bridged",
    "diff": "lcs",
    "edit_distance": {"before_mean": 0.6, "before_median": 0.61, "after_mean": 0.3, "after_median": 0.29},
    "overlap": {"before": 0.4, "after": 0.8},
    "length_ratio": {"before": 1.2, "after": 1.0},
    "edited_share": {"levenshtein": {"share": 0.21, "same": 0.5}, "lcs": {"share": 0.2, "same": 1.0}},
    "funnel": {"bridge": {"entered": 20, "passed": 12, "dropped": {"good-enough": 7, "unread": 1}}},
}


def test_the_card_says_which_diff_marked_the_tokens_and_what_the_others_would_have():
    card = pairs_card(REPORT)
    assert "marked as edited by the diff `lcs`" in card
    assert "| levenshtein | 21.0% | 50% |" in card
    assert "| edit distance, mean (0-1) | 0.600 | 0.300 |" in card
    assert "| bridge | 20 | 12 | 7 good-enough, 1 unread |" in card


def test_without_pairs_the_card_still_says_where_they_went():
    card = pairs_card({"pairs": 0, "chosen_source": "bridged", "diff": "lcs", "funnel": REPORT["funnel"]})
    assert "0 pairs" in card
    assert "before bridging" not in card
    assert "7 good-enough" in card


def png(figure):
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()


def test_plots_are_800_pixels_wide():
    figure = draw_pairs([0.5, 0.6], [0.1, 0.3], [0.2, 0.1])
    assert figure.get_size_inches()[0] * figure.dpi == 800
    assert png(figure)[:4] == b"\x89PNG"


def test_a_reference_free_training_has_no_rewards_to_plot():
    curve = {"step": [1.0, 2.0], "weights/clamped_share": [0.4, 0.5]}
    figure = draw_training(curve, [2.0, 2.5, 3.0])
    assert [len(axes.lines) for axes in figure.axes] == [0, 1, 0, 0, 0, 0]
    assert png(figure)[:4] == b"\x89PNG"


def test_rewards_with_and_without_weights_stand_in_one_panel():
    curve = {"step": [1.0, 2.0], "rewards/margin": [0.0, 0.1], "rewards/weighted_margin": [0.0, 0.2]}
    labels = [line.get_label() for line in draw_training(curve, [2.0]).axes[0].lines]
    assert labels == ["without weights", "with weights"]


def test_distance_and_spread_of_weights_have_panels_of_their_own():
    spread = {f"weights/edited_p{share}": [2.0, 3.0] for share in (10, 50, 90)}
    figure = draw_training({"step": [1.0, 2.0], "kl/at_least": [0.0, 0.1], **spread}, [2.0])
    assert [len(axes.lines) for axes in figure.axes] == [0, 0, 0, 1, 3, 0]


def test_a_student_that_was_not_trained_has_an_empty_figure():
    figure = draw_training({"step": [], "loss": [], "learning_rate": []}, [])
    assert png(figure)[:4] == b"\x89PNG"
