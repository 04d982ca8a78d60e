"""Judgements are those of a scorecard, or one sentence says why not."""

import dataclasses

import pytest
from conftest_registry import DIGEST, half, items, judged, scorecard, sums

from quintain.benchmarks.scorecard import Estimate
from quintain.registry.evidence import broken_evidence, complaint_of
from quintain.registry.measured import Measured

PACK = items(groups=2)
JUDGEMENTS = judged(PACK, half)
CARD = scorecard(PACK, JUDGEMENTS)


def test_all_items_once_in_any_order_are_the_evidence():
    assert complaint_of(CARD, JUDGEMENTS) == ""
    assert complaint_of(CARD, JUDGEMENTS[::-1]) == ""


def test_so_it_is_without_levels_and_categories():
    right = sums(lambda i: i % 4 == 0)
    assert complaint_of(right.scorecard, right.judgements) == ""
    wrong = sums(lambda i: i % 2 == 0)
    # every fourth is 25 of 100, every second 50
    assert complaint_of(right.scorecard, wrong.judgements) == (
        "the judgements give score 0.5000, the scorecard says 0.2500"
    )


@pytest.mark.parametrize(
    ("judgements", "why"),
    [
        (JUDGEMENTS[:-1], "59 judgements for the 60 items of the scorecard"),
        ([*JUDGEMENTS[:-1], JUDGEMENTS[0]], "1 of 60 judgements judge an item a second time"),
        (judged(items(groups=2, name="other"), half), "the judgements are of other items than the scorecard"),
    ],
)
def test_anything_else_is_told(judgements, why):
    assert complaint_of(CARD, judgements).startswith(why)


def forged(place, **fields):
    """The judgements with one that somebody rewrote, and its id as it was unless it is rewritten too."""
    judgements = list(JUDGEMENTS)
    judgements[place] = dataclasses.replace(judgements[place], **fields)
    return judgements


FAILED = next(place for place, judgement in enumerate(JUDGEMENTS) if not judgement.hard)
"""An item that `half` does not pass."""


@pytest.mark.parametrize(
    "fields", [{"satisfied": (True,)}, {"response": "better"}, {"category": "style"}, {"raw": "Y"}]
)
def test_a_judgement_that_was_rewritten_has_another_id(fields):
    found = complaint_of(CARD, forged(FAILED, **fields))
    assert found.startswith(f"1 of 60 judgements were changed after they were written, such as {JUDGEMENTS[FAILED].id}")


def test_a_forged_verdict_with_an_id_of_its_own_gives_another_number():
    # level 2 of a group: one item of 60, and as each level of 12 items counts alike, 1/60 of the headline
    place = next(i for i, one in enumerate(JUDGEMENTS) if one.level == 2 and not one.hard)
    found = complaint_of(CARD, forged(place, id="", satisfied=(True, True)))
    assert found == "the judgements give HSR mean 0.5167, the scorecard says 0.5000"


def test_other_judgements_that_give_the_same_numbers_are_not_those_of_the_scorecard():
    found = complaint_of(CARD, forged(FAILED, id="", raw="a judge that nobody asked"))
    assert found.startswith(f"the scorecard was made of judgements {CARD.judgements_digest}, these are ")
    unknown = dataclasses.replace(CARD, judgements_digest="")
    assert complaint_of(unknown, JUDGEMENTS).startswith("the scorecard was made of judgements unknown")


def moved(name, value):
    return {**CARD.measures, name: dataclasses.replace(CARD.measures[name], value=value)}


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"measures": moved("hsr_mean", 0.9)}, "the judgements give HSR mean 0.5000, the scorecard says 0.9000"),
        ({"measures": moved("ssr_mean", 0.9)}, "the judgements give SSR mean 0.5000, the scorecard says 0.9000"),
        ({"measures": moved("csl", 5.0)}, "the judgements give CSL"),
        ({"measures": moved("micro_hsr_mean", None)}, "the judgements give micro HSR mean 0.5000, the "),
        ({"measures": {**CARD.measures, "bleu": Estimate(value=1.0)}}, "only the scorecard has bleu"),
        ({"n_unread": 3}, "the judgements give n_unread 0, the scorecard says 3"),
        ({"n_empty": 0}, "the judgements give n_empty 60, the scorecard says 0"),
        ({"judge": "gpt"}, "the judgements give judge '', the scorecard says 'gpt'"),
        ({"tables": CARD.tables[1:]}, "only the judgements have HSR content 1"),
        ({"tables": (dataclasses.replace(CARD.tables[0], estimate=Estimate(value=1.0)), *CARD.tables[1:])},
         "the judgements give HSR content 1 0.5000, the scorecard says 1.0000"),
    ],
)  # fmt: skip
def test_every_rewritten_number_of_a_scorecard_is_found(fields, why):
    assert complaint_of(dataclasses.replace(CARD, **fields), JUDGEMENTS).startswith(why)


def test_a_scorecard_belongs_to_one_benchmark_and_one_students_weights():
    measured = Measured(CARD, JUDGEMENTS)
    assert broken_evidence(measured, "pack", "base", DIGEST) == ""
    assert broken_evidence(measured, "other", "base", DIGEST) == (
        "the scorecard of base on other is of the benchmark pack; measure it again with `kedro run --pipelines "
        "evaluation --namespaces base.other`, then register it with `kedro run --pipelines registration`"
    )
    assert "is of weights 000000000000, the student has ffffffffffff" in broken_evidence(
        measured, "pack", "base", "f" * 64
    )
