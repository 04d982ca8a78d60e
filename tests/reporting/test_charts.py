import re

import pytest

from quintain.reporting.charts import Dots, dot_chart, level_curves

TICKS = [(-0.1, "-10"), (0, "0"), (0.1, "+10")]


def numbers(pattern, text):
    return [tuple(map(float, found.groups())) for found in re.finditer(pattern, text)]


def test_a_dot_stands_between_the_ends_of_its_interval_and_zero_has_its_line():
    chart = dot_chart([Dots("style", [(0.05, (0.0, 0.1))])], domain=(-0.1, 0.1), ticks=TICKS, title="t")
    ((left, right),) = numbers(r'whisker s0" x1="([\d.]+)" x2="([\d.]+)"', chart)
    ((dot,),) = numbers(r'circle class="dot s0" cx="([\d.]+)"', chart)
    assert left < dot < right
    assert dot == pytest.approx((left + right) / 2, abs=0.1)
    ((zero,),) = numbers(r'class="zero" x1="([\d.]+)"', chart)
    assert zero == left


def test_two_models_differ_in_shape_and_what_belongs_to_neither_has_a_third():
    both = dot_chart([Dots("a", [(0.0, (0, 0)), (0.05, (0, 0.1))])], domain=(-0.1, 0.1), ticks=TICKS, title="t")
    assert both.count("<circle") == both.count("<rect") == 1
    neither = dot_chart([Dots("a", [(0.0, (0, 0))], of_both=True)], domain=(-0.1, 0.1), ticks=TICKS, title="t")
    assert (neither.count("<circle"), neither.count("<path")) == (0, 1)


def test_what_nobody_scored_is_written_and_not_drawn():
    chart = dot_chart([Dots("a", [(None, (None, None))])], domain=(0, 1), ticks=[], title="t")
    assert "not scored" in chart
    assert "<circle" not in chart


def test_a_level_that_nobody_scored_has_no_point_on_the_curve(scorecard):
    # Levels 1, 2, 4, 5 of both rates remain.
    assert level_curves([scorecard("webr", holes=(3,))]).count("<circle") == 4 + 4


def test_names_are_escaped_and_the_chart_says_what_it_shows():
    chart = dot_chart([Dots("<b>&", [(0.5, (0.4, 0.6))])], domain=(0, 1), ticks=[], title='"quoted"')
    assert "&lt;b&gt;&amp;" in chart
    assert 'role="img" aria-label="&#34;quoted&#34;"' in chart


@pytest.mark.parametrize(
    ("name", "shown", "starts"),
    # 13 px letters are 7.4 px wide: 20 take 148 + 16, 24 take 178 + 16.
    [("style", "style", 92), ("logical_conjunctions", "logical_conjunctions", 164), ("x" * 40, "x" * 23 + "…", 194)],
)
def test_a_long_name_gets_its_room_and_a_very_long_one_is_cut(name, shown, starts):
    chart = dot_chart([Dots(name, [(0.0, (0, 0))])], domain=(0, 1), ticks=[(0, "0")], title="t")
    ((left,),) = numbers(r'class="zero" x1="([\d.]+)"', chart)
    assert left == starts
    assert f'class="name" x="{starts - 12}" y="43.0">{shown}</text>' in chart
