"""The gate compares by the headline, or by another measure that every item has a share of."""

import dataclasses

import pytest
from conftest_registry import half, items, judged, scorecard

from quintain.benchmarks.satisfaction.comparison import compare
from quintain.benchmarks.scorecard import Estimate
from quintain.errors import ConfigError
from quintain.registry.compared_measure import by_measure
from quintain.statistics.resampling import Resampling

PACK = items()
FAST = Resampling(replicates=50)


@pytest.fixture(scope="module")
def measured():
    judgements = judged(PACK, half)
    return judgements, scorecard(PACK, judgements)


def test_the_headline_compares_the_verdicts_as_they_are(measured):
    judgements, card = measured
    assert by_measure(judgements, card, "", "pack") is judgements
    assert by_measure(judgements, card, card.headline, "pack") is judgements


def test_ssr_compares_shares_of_constraints(measured):
    judgements, card = measured
    soft = by_measure(judgements, card, "ssr_mean", "pack")
    assert compare(soft, soft, FAST).overall.first.hsr_mean == pytest.approx(card.measures["ssr_mean"].value)


def test_a_response_without_its_base_task_has_no_share_and_an_unread_verdict_counts_as_no(measured):
    judgements, card = measured
    one = next(each for each in judgements if each.level == 4)
    # two of four hold, one is unread
    given = [
        dataclasses.replace(one, satisfied=(True, True, False, None), base_task=None),
        dataclasses.replace(one, satisfied=(True,) * 4, base_task=False),
    ]
    assert [each.score for each in by_measure(given, card, "ssr_mean", "pack")] == [0.5, 0.0]


def test_loose_verdicts_stand_in_for_strict_ones(measured):
    judgements, card = measured
    loose = dataclasses.replace(judgements[0], satisfied=(False,), loose=(True,))
    has_loose = dataclasses.replace(card, measures=card.measures | {"prompt_loose": Estimate(value=1.0)})
    (found,) = by_measure([loose], has_loose, "prompt_loose", "pack")
    assert found.hard is True


def test_a_measure_that_no_item_has_is_refused(measured):
    judgements, card = measured
    for measure in ("csl", "accuracy", "prompt_loose"):
        with pytest.raises(ConfigError, match=rf"compares pack by hsr_mean or ssr_mean, not by {measure}"):
            by_measure(judgements, card, measure, "pack")
