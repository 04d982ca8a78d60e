"""Items needed for a difference, and the difference that items show."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quintain.statistics.power import effective_items, items_needed, minimum_detectable_effect


@pytest.mark.parametrize(
    ("effect", "discordant", "two_sided", "one_sided"),
    [
        (0.05, 0.08, 249, 196),
        (0.05, 0.10, 312, 246),
        (0.05, 0.15, 469, 369),
        (0.05, 0.20, 626, 493),
        (0.05, 0.25, 783, 617),
        (0.05, 0.30, 940, 740),
        (0.10, 0.10, 77, None),
        (0.10, 0.30, 234, None),
    ],
)
def test_items_needed_for_a_paired_comparison(effect, discordant, two_sided, one_sided):
    """The table of our design note on statistical power, made independently of this code."""
    assert items_needed(effect, discordant) == two_sided
    if one_sided:
        assert items_needed(effect, discordant, significance=0.10) == one_sided


@settings(deadline=None)
@given(n_items=st.integers(20, 5000), discordant=st.floats(0.02, 1.0))
def test_the_detectable_effect_is_the_one_that_needs_these_items(n_items, discordant):
    effect = minimum_detectable_effect(n_items, discordant)
    assert 0 < effect <= discordant
    if effect < discordant * 0.999:
        assert abs(items_needed(effect, discordant) - n_items) <= 1


def test_the_six_categories_are_worth_fewer_items_than_they_hold():
    # 36 / (1/125 + 1/110 + 2/150 + 1/200 + 1/85) = 763 of 820; at 20% discordance that shows 4.5 points
    worth = effective_items([125, 110, 150, 150, 200, 85])
    assert worth == pytest.approx(763, abs=1)
    assert minimum_detectable_effect(worth, 0.2) == pytest.approx(0.045, abs=0.001)
    assert effective_items([10, 10, 0]) == 20


def test_an_effect_beyond_the_discordance_is_refused():
    with pytest.raises(ValueError, match=r"at most the discordant share 0\.1, got 0\.2"):
        items_needed(0.2, 0.1)
