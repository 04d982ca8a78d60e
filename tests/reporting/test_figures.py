import io

import numpy as np
import pytest

from quintain.reporting.levels import draw_levels, level_rows
from quintain.reporting.palette import COLOURS, MARKERS, look
from quintain.reporting.radar import draw_radar


def _pixels(figure):
    buffer = io.BytesIO()
    figure.savefig(buffer, format="rgba")
    width, height = (round(side * figure.dpi) for side in figure.get_size_inches())
    return np.frombuffer(buffer.getvalue(), np.uint8).reshape(height, width, 4)


@pytest.mark.parametrize("draw", [draw_radar, draw_levels])
def test_every_model_is_named_in_the_legend_and_the_picture_is_800_pixels_wide(draw, scorecard):
    figure = draw({name: scorecard(name, first) for name, first in (("base", 0.8), ("webr", 0.95))})
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["base", "webr"]
    assert _pixels(figure).shape[1] == 800


@pytest.mark.parametrize("draw", [draw_radar, draw_levels])
def test_no_text_leaves_the_picture_or_covers_another(draw, scorecard):
    cards = {name: scorecard(name, unscored=("style",)) for name in ("base", "webr", "a-model-with-a-long-name")}
    figure = draw(cards)
    figure.draw_without_rendering()
    renderer = figure._get_renderer()
    labels = [*figure.legends[0].get_texts(), *(figure._suptitle,) * bool(figure._suptitle)]
    for axes in figure.axes:
        labels += [*axes.get_xticklabels(), *axes.get_yticklabels(), axes.title, axes.xaxis.label]
    boxes = [label.get_window_extent(renderer) for label in labels if label.get_text() and label.get_visible()]
    width, height = figure.get_size_inches() * figure.dpi
    assert all(box.x0 >= 0 and box.y0 >= 0 and box.x1 <= width and box.y1 <= height for box in boxes)
    assert not any(one.overlaps(other) for i, one in enumerate(boxes) for other in boxes[:i])


def test_the_radar_shows_the_mean_of_each_category_with_its_interval(scorecard):
    (axes,) = draw_radar({"webr": scorecard("webr", 0.9)}).axes
    (line,) = axes.lines
    # mean of .9 .8 .7 .6 .5, six categories and back to the first
    assert line.get_ydata() == pytest.approx([0.7] * 7)
    band = axes.collections[0].get_paths()[0].vertices[:, 1]
    assert (band.min(), band.max()) == pytest.approx((0.6, 0.8))


def test_the_radar_leaves_an_unscored_category_open_and_says_so(scorecard):
    (axes,) = draw_radar({"webr": scorecard("webr", unscored=("style",))}).axes
    assert np.isnan(axes.lines[0].get_ydata()[2])
    assert "style\n(not scored)" in [label.get_text() for label in axes.get_xticklabels()]


def test_the_level_curve_carries_rates_and_interval_ends(scorecard):
    rows = level_rows(scorecard("webr", 0.9))
    assert [row["level"] for row in rows] == [1, 2, 3, 4, 5]
    assert rows[0] == pytest.approx(
        {"level": 1, "hsr": 0.9, "hsr_low": 0.8, "hsr_high": 1.0, "ssr": 0.9, "ssr_low": 0.8, "ssr_high": 1.0}
    )


def test_a_level_that_nobody_scored_is_a_gap_in_the_curve(scorecard):
    hard, _ = draw_levels({"webr": scorecard("webr", holes=(3,))}).axes
    assert np.isnan(hard.lines[0].get_ydata().astype(float)).tolist() == [False, False, True, False, False]


@pytest.mark.parametrize("draw", [draw_radar, draw_levels])
def test_a_benchmark_without_levels_and_categories_is_drawn_as_dots(draw, flat_scorecard):
    (axes,) = draw({"webr": flat_scorecard}).axes
    assert [label.get_text() for label in axes.get_yticklabels()] == [
        "prompt strict", "instruction strict", "prompt loose", "instruction loose",
    ]  # fmt: skip
    (dots,) = [line for line in axes.lines if line.get_marker() not in ("|", "None", "")][:1]
    assert dots.get_xdata() == pytest.approx([0.4, 0.5, 0.45, 0.55])
    assert _pixels(draw({"webr": flat_scorecard})).shape[1] == 800


def test_without_levels_the_measures_are_one_row(flat_scorecard):
    (row,) = level_rows(flat_scorecard)
    assert (row["level"], row["prompt_strict"], row["prompt_strict_low"]) == (0, 0.4, pytest.approx(0.3))


@pytest.mark.parametrize("draw", [draw_radar, draw_levels])
def test_no_scorecard_draws_nothing(draw):
    with pytest.raises(ValueError, match="there is no scorecard to draw"):
        draw({})


def test_models_differ_in_more_than_their_colour():
    looks = [look(position) for position in range(len(COLOURS))]
    assert len(set(MARKERS)) == len(set(COLOURS)) == len({marker for _, marker in looks}) == 7


def test_colours_stay_apart_for_readers_who_cannot_tell_red_from_green():
    # Viénot's 1999 projection for deuteranopia on linear RGB: red and green become one channel.
    def seen(colour):
        red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
        linear = [
            value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in (red, green, blue)
        ]
        return np.array(
            [0.29275 * linear[0] + 0.70725 * linear[1], -0.02234 * linear[0] + 0.02234 * linear[1] + linear[2]]
        )

    views = [seen(colour) for colour in COLOURS]
    assert min(np.linalg.norm(one - other) for i, one in enumerate(views) for other in views[:i]) > 0.08
