"""Accuracies by hand, and how sure they are."""

import pytest

from quintain.benchmarks.ifeval.scorecard import RULES, make_scorecard
from quintain.records import IFEvalVerdict


def verdict(key, strict, loose, kinds):
    return IFEvalVerdict(key=key, kinds=tuple(kinds.split()), strict=strict, loose=loose)


VERDICTS = [
    verdict("1", (True, False), (True, True), "keywords:existence punctuation:no_comma"),
    verdict("2", (True,), (True,), "keywords:existence"),
    verdict("3", (False, True, False), (False, True, True), "keywords:frequency keywords:frequency startend:quotation"),
    verdict("4", (None,), (None,), "punctuation:no_comma"),
]


@pytest.fixture(scope="module")
def card():
    return make_scorecard(VERDICTS, n_prompts=6, prompts_digest="d", model="m", replicates=400)


def test_prompts_count_when_all_their_instructions_hold(card):
    # strictly 2 of the prompts 1, 2, 3; loosely 1 and 2
    assert card.prompt_level.strict == 1 / 3
    assert card.prompt_level.loose == 2 / 3
    assert card.prompt_level.n == 3


def test_instructions_count_each_on_their_own(card):
    # strictly 1 + 1 + 1 of 2 + 1 + 3; loosely 2 + 1 + 2
    assert card.instruction_level.strict == 3 / 6
    assert card.instruction_level.loose == 5 / 6
    assert card.instruction_level.n == 6


def test_families_and_kinds_are_counted_apart(card):
    # keywords: existence 2 of 2, frequency 1 of 2; no_comma 0 of 1 strictly, 1 loosely; quotation likewise
    assert {name: (each.strict, each.loose, each.n) for name, each in card.families.items()} == {
        "keywords": (0.75, 0.75, 4),
        "punctuation": (0.0, 1.0, 1),
        "startend": (0.0, 1.0, 1),
    }
    assert {name: (each.strict, each.n) for name, each in card.kinds.items()} == {
        "keywords:existence": (1.0, 2),
        "keywords:frequency": (0.5, 2),
        "punctuation:no_comma": (0.0, 1),
        "startend:quotation": (0.0, 1),
    }


def test_a_prompt_without_a_response_is_in_no_accuracy(card):
    # 6 in the file, of which 3 were judged: one response never came, two are not there
    assert (card.n_prompts, card.n_not_judged) == (6, 3)


def test_an_interval_holds_its_point_and_a_certain_share_has_no_width(card):
    low, high = card.prompt_level.strict_interval
    assert 0 <= low < 1 / 3 < high <= 1
    assert card.kinds["keywords:existence"].strict_interval == (1.0, 1.0)


def test_the_interval_is_that_of_a_share_of_independent_prompts():
    # 400 prompts, half of them followed: standard error sqrt(0.25 / 400) = 0.025, 95% within 1.96 of them
    verdicts = [verdict(str(i), (i % 2 == 0,), (True,), "punctuation:no_comma") for i in range(400)]
    accuracy = make_scorecard(verdicts, n_prompts=400, prompts_digest="d").prompt_level
    assert accuracy.strict == 0.5
    assert accuracy.strict_interval == pytest.approx((0.451, 0.549), abs=0.006)
    assert accuracy.loose_interval == (1.0, 1.0)


def test_instructions_of_one_prompt_are_drawn_together():
    # 100 prompts with three instructions that hold or fail together: as uncertain as 100 prompts, not as 300
    kinds = "punctuation:no_comma startend:quotation keywords:existence"
    verdicts = [verdict(str(i), (i % 2 == 0,) * 3, (True,) * 3, kinds) for i in range(100)]
    card = make_scorecard(verdicts, n_prompts=100, prompts_digest="d")
    assert card.instruction_level.strict_interval == pytest.approx(card.prompt_level.strict_interval)


def test_the_same_verdicts_give_the_same_card(card):
    again = make_scorecard(VERDICTS, n_prompts=6, prompts_digest="d", model="m", replicates=400)
    assert again == card
    assert again.rules == RULES


def test_nothing_judged_gives_no_number():
    card = make_scorecard(VERDICTS[3:], n_prompts=1, prompts_digest="d")
    assert (card.prompt_level.strict, card.prompt_level.strict_interval, card.prompt_level.n) == (None, None, 0)
    assert card.families == {}


def test_the_card_travels_as_plain_json(card):
    plain = card.as_dict()
    assert plain["prompt_level"]["strict_interval"] == list(card.prompt_level.strict_interval)
    assert plain["kinds"]["keywords:existence"] == {
        "strict": 1.0, "strict_interval": [1.0, 1.0], "loose": 1.0, "loose_interval": [1.0, 1.0], "n": 2,
    }  # fmt: skip
