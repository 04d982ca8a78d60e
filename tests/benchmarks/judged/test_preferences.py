"""Reviews in both orders come to one outcome; a judge that fails its controls is not believed."""

import pytest

from quintain.benchmarks.judged.instruction_set import InstructionSet
from quintain.benchmarks.judged.preferences import Trial, control_matchups, preferences, read_trial
from quintain.methods import lion
from quintain.methods.lion import LionParams
from quintain.records import Completion, Instruction, Response

PARAMS = LionParams(controls=4)
INSTRUCTIONS = tuple(Instruction(text=f"Write about {word}.") for word in ("salt", "wool", "rope", "ink"))
SET = InstructionSet("set", INSTRUCTIONS, {each.id: each.text for each in INSTRUCTIONS})


def responses(*texts):
    return {
        each.id: Response(instruction_id=each.id, role="student", text=text, finish_reason="stop")
        for each, text in zip(INSTRUCTIONS, texts, strict=True)
    }


def reviews(matchups, score):
    """What a judge says who gives `score(text)` to what it sees, with the place where it stands."""
    asked = lion.ask_referee(matchups, PARAMS)
    said = [
        f"Assistant 1: {score(each.fields['first'], 1)}\nAssistant 2: {score(each.fields['second'], 2)}"
        for each in asked
    ]
    return lion.read_reviews(
        matchups,
        [
            Completion(request_id=each.id, text=text, finish_reason="stop")
            for each, text in zip(asked, said, strict=True)
        ],
        PARAMS,
    )


def outcomes(first, second, score):
    return preferences(SET, first, second, reviews(lion.matchups(INSTRUCTIONS, first, second, PARAMS), score), PARAMS)


def test_the_higher_mean_score_wins_and_a_preference_for_a_place_cancels_out():
    first, second = responses("aaaa", "b", "cc", "d"), responses("a", "bb", "cc", "d")
    # one point for every character, and two more for standing first
    found = outcomes(first, second, lambda text, place: 1 + len(text) + (2 if place == 1 else 0))
    assert [each.value for each in found] == [1.0, 0.0, 0.5, 0.5]
    assert [each.longer_chars for each in found] == [3, -1, 0, 0]
    # 4 against 1 characters stand in either order, 1 against 2 turn round with the place
    assert [each.conflict for each in found] == [False, True, True, True]


def test_what_cannot_be_read_has_no_outcome():
    found = outcomes(responses(*"abcd"), responses(*"efgh"), lambda text, _: "good" if text in "ae" else 5)
    assert [each.value for each in found] == [None, 0.5, 0.5, 0.5]


def test_a_judge_that_tells_a_response_from_one_to_another_instruction_passes_its_trial():
    first = responses(*(each.text for each in INSTRUCTIONS))
    controls = control_matchups(SET, first, PARAMS)
    assert len(controls) == 2 * 4

    def honest(matchups):
        texts = lion.ask_referee(matchups, PARAMS)
        said = [
            "Assistant 1: 9\nAssistant 2: 2" if each.fields["first"] == each.fields["instruction"] else
            "Assistant 1: 2\nAssistant 2: 9"
            for each in texts
        ]  # fmt: skip
        answers = [
            Completion(request_id=each.id, text=text, finish_reason="stop")
            for each, text in zip(texts, said, strict=True)
        ]
        return lion.read_reviews(matchups, answers, PARAMS)

    trial = read_trial(controls, honest(controls), PARAMS)
    assert (trial.controls, trial.correct, trial.complaint) == (4, 4, "")


@pytest.mark.parametrize(
    ("score", "said"),
    [
        (lambda _, place: 9 if place == 1 else 1, "0 of 4 controls, 70% are asked for, it favoured a place in 4"),
        (lambda *_: "good", "8 reviews could not be read"),
    ],
    ids=["favours a place", "cannot be read"],
)
def test_a_judge_that_fails_its_trial_is_told_why(score, said):
    first = responses(*"abcd")
    controls = control_matchups(SET, first, PARAMS)
    assert said in read_trial(controls, reviews(controls, score), PARAMS).complaint


def test_without_two_responses_there_is_no_trial():
    assert Trial(controls=0, correct=0, conflicts=0, unread=0).complaint.startswith("there is no response to try it on")
