"""Who differs from whom, looking at all pairs at once."""

import pytest

from quintain.benchmarks.satisfaction.ranking import differing_pairs
from quintain.records import Judgement


def judged(passes, groups=20, category="format"):
    return [
        Judgement(
            item_id=f"{category} {g} {level}", example_id=str(g), category=category, level=level,
            satisfied=(bool(passes(g, level)),) * level, by="rule:test",
        )
        for g in range(groups)
        for level in range(1, 6)
    ]  # fmt: skip


def test_equal_models_do_not_differ_and_clear_losers_do():
    found = differing_pairs(
        {
            "best": judged(lambda g, level: level < 5),
            "twin": judged(lambda g, level: level < 5),
            "worst": judged(lambda g, level: level < 2),
        }
    )
    assert set(found) == {("best", "worst"), ("twin", "worst")}
    # Three of five levels in every group: every draw says the same, so p is the least that 2,000 draws can tell,
    # 2/2001, three times the larger ones after Holm, 2/2001·3 for the first and no less for the second.
    assert found["best", "worst"] == pytest.approx(6 / 2001)


def test_more_models_get_more_draws_so_that_a_difference_can_still_be_told():
    # 40 models: 780 pairs. With 2,000 draws the least p is 0.001, times 780 is 0.78: nothing would ever differ.
    models = {f"m{i}": judged(lambda g, level: level < 5) for i in range(39)}
    found = differing_pairs(models | {"bad": judged(lambda g, level: level < 2)})
    assert len(found) == 39
    assert all("bad" in pair for pair in found)


def test_a_difference_within_chance_is_none():
    # Only group 0 tells them apart: a third of all draws leaves it out.
    found = differing_pairs({"a": judged(lambda g, level: True), "b": judged(lambda g, level: g > 0 or level < 5)})
    assert found == {}


def test_only_items_that_all_were_scored_on_count():
    # On the items that `short` has, the two are equal.
    full = judged(lambda g, level: g < 5)
    assert differing_pairs({"full": full, "short": [each for each in full if int(each.example_id) < 5]}) == {}
    with pytest.raises(ValueError, match="no scored item in common"):
        differing_pairs({"full": full, "other": judged(lambda g, level: True, category="style")})


def test_one_model_alone_differs_from_nobody():
    assert differing_pairs({"one": judged(lambda g, level: True)}) == {}
