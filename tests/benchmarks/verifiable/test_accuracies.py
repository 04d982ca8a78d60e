"""Accuracies by hand, and how sure they are."""

import pytest

from quintain.benchmarks.ifeval.ifeval import IFEval
from quintain.benchmarks.ifeval.outputs import card as output_card
from quintain.benchmarks.scoring import make_scorecard
from quintain.benchmarks.verifiable.instructions import VerifiableInstruction
from quintain.benchmarks.verifiable.prompts import VerifiablePrompt
from quintain.statistics.resampling import Resampling


def judged(key, strict, loose, kinds):
    """A prompt with these kinds of instruction, and its verdicts."""
    prompt = VerifiablePrompt(key, f"prompt {key}", tuple(VerifiableInstruction(kind, {}) for kind in kinds.split()))
    if None in strict:
        return prompt, IFEval(filepath="").unscored(prompt, "", "error")
    return prompt, IFEval(filepath="").judged(prompt, "said", satisfied=strict, loose=loose)


def score(cases, replicates=2000):
    benchmark = IFEval(filepath="")
    benchmark.items = tuple(prompt for prompt, _ in cases)
    judgements = [judgement for _, judgement in cases]
    return make_scorecard(benchmark, judgements, model="m", resampling=Resampling(replicates=replicates))


CASES = [
    judged("1", (True, False), (True, True), "keywords:existence punctuation:no_comma"),
    judged("2", (True,), (True,), "keywords:existence"),
    judged("3", (False, True, False), (False, True, True), "keywords:frequency keywords:frequency startend:quotation"),
    judged("4", (None,), (None,), "punctuation:no_comma"),
]


@pytest.fixture(scope="module")
def card():
    return score(CASES, replicates=400)


def test_prompts_count_when_all_their_instructions_hold(card):
    # strictly 2 of the prompts 1, 2, 3; loosely 1 and 2
    assert card.headline == "prompt_strict"
    assert (card.measures["prompt_strict"].value, card.measures["prompt_loose"].value) == (1 / 3, 2 / 3)
    assert card.measures["prompt_strict"].n == 3


def test_instructions_count_each_on_their_own(card):
    # strictly 1 + 1 + 1 of 2 + 1 + 3; loosely 2 + 1 + 2
    assert (card.measures["instruction_strict"].value, card.measures["instruction_loose"].value) == (3 / 6, 5 / 6)
    assert card.measures["instruction_strict"].n == 6


def test_families_and_kinds_are_counted_apart(card):
    # keywords: existence 2 of 2, frequency 1 of 2; no_comma 0 of 1 strictly, 1 loosely; quotation likewise
    strict, loose = (
        {name: card.estimate(f"instruction_{reading}", category=name) for name in card.categories}
        for reading in ("strict", "loose")
    )
    assert {name: (strict[name].value, loose[name].value, strict[name].n) for name in card.categories} == {
        "keywords": (0.75, 0.75, 4),
        "punctuation": (0.0, 1.0, 1),
        "startend": (0.0, 1.0, 1),
        "keywords:existence": (1.0, 1.0, 2),
        "keywords:frequency": (0.5, 0.5, 2),
        "punctuation:no_comma": (0.0, 1.0, 1),
        "startend:quotation": (0.0, 1.0, 1),
    }


def test_a_prompt_without_a_response_is_in_no_accuracy(card):
    assert (card.n_items, card.n_scored, card.not_scored) == (4, 3, {"error": 1})


def test_an_interval_holds_its_point_and_a_certain_share_has_no_width(card):
    found = card.measures["prompt_strict"]
    assert 0 <= found.low < 1 / 3 < found.high <= 1
    certain = card.estimate("instruction_strict", category="keywords:existence")
    assert (certain.low, certain.high) == (1.0, 1.0)


def test_the_interval_is_that_of_a_share_of_independent_prompts():
    # 400 prompts, half of them followed: standard error sqrt(0.25 / 400) = 0.025, 95% within 1.96 of them
    card = score([judged(str(i), (i % 2 == 0,), (True,), "punctuation:no_comma") for i in range(400)])
    strict, loose = card.measures["prompt_strict"], card.measures["prompt_loose"]
    assert strict.value == 0.5
    assert (strict.low, strict.high) == pytest.approx((0.451, 0.549), abs=0.006)
    assert (loose.low, loose.high) == (1.0, 1.0)


def test_instructions_of_one_prompt_are_drawn_together():
    # 100 prompts with three instructions that hold or fail together: as uncertain as 100 prompts, not as 300
    kinds = "punctuation:no_comma startend:quotation keywords:existence"
    card = score([judged(str(i), (i % 2 == 0,) * 3, (True,) * 3, kinds) for i in range(100)])
    prompts, instructions = card.measures["prompt_strict"], card.measures["instruction_strict"]
    assert (instructions.low, instructions.high) == pytest.approx((prompts.low, prompts.high))


def test_the_same_verdicts_give_the_same_card(card):
    assert score(CASES, replicates=400) == card


def test_nothing_judged_gives_no_number():
    card = score(CASES[3:])
    found = card.measures["prompt_strict"]
    assert (found.value, found.low, found.n) == (None, None, 0)
    assert card.categories == ()


def test_the_card_of_outputs_made_elsewhere_has_the_same_numbers():
    prompts = [prompt for prompt, _ in CASES]
    plain = output_card(prompts, [judgement for _, judgement in CASES[:3]])
    scored = score(CASES)
    prompt_level = scored.measures["prompt_strict"]
    assert plain["prompt_level"]["strict_interval"] == [prompt_level.low, prompt_level.high]
    assert plain["kinds"]["keywords:existence"] == {
        "strict": 1.0, "strict_interval": [1.0, 1.0], "loose": 1.0, "loose_interval": [1.0, 1.0], "n": 2,
    }  # fmt: skip
    assert sorted(plain["families"]) == ["keywords", "punctuation", "startend"]
    assert (plain["n_prompts"], plain["n_not_judged"]) == (4, 1)
    assert plain["prompts_digest"] == scored.benchmark.digest
