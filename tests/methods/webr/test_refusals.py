"""What is no answer has a name."""

import pytest

from quintain.methods.webr.refusals import fault
from quintain.records import Completion


def completion(text, finish_reason="stop"):
    return Completion(request_id="r", text=text, finish_reason=finish_reason)


REFUSALS = [
    "I'm sorry, but I can't help with that.",
    "I’m sorry, I can’t do this.",
    "  I apologize for the confusion.",
    "Sorry, that is not possible.",
    "I cannot assist with this request.",
    "I can't provide the text.",
    "Unfortunately, I do not have access to the page.",
    "My sincere apologies.",
    "As an AI language model, I do not eat.",
    "I'm just an AI and cannot see it.",
    "“I am unable to open the file.”",
]

ANSWERS = [
    "The ferry leaves at noon.",
    "I can help you with the timetable: it leaves at noon.",
    "Dear Ms Lee, I am sorry that the ferry was late.",
    "Sorryville is a town in the north.",
    "I cannot recommend this ferry enough!",
    "As an airport, it is small.",
    "We do not sell tickets on board.",
]


@pytest.mark.parametrize("text", REFUSALS)
def test_refusals_are_known_whatever_their_punctuation(text):
    assert fault(completion(text), "robust") == "refusal"


@pytest.mark.parametrize("text", ANSWERS)
def test_answers_that_look_a_little_like_refusals_are_kept(text):
    assert fault(completion(text), "robust") == ""


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("I'm sorry, no.", "refusal"),
        ("I apologize.", "refusal"),
        ("I’m sorry, no.", ""),
        (" I'm sorry, no.", ""),
        ("I cannot do it.", ""),
        ("Sorry.", ""),
    ],
)
def test_the_paper_knows_two_openings_letter_by_letter(text, reason):
    assert fault(completion(text), "paper") == reason


@pytest.mark.parametrize("mode", ["paper", "robust"])
@pytest.mark.parametrize("text", ["", " \n\t"])
def test_nothing_is_empty(mode, text):
    assert fault(completion(text), mode) == "empty"


def test_a_text_cut_off_at_the_token_limit_is_an_answer_to_the_paper_alone():
    assert fault(completion("The ferry lea", "length"), "robust") == "truncated"
    assert fault(completion("The ferry lea", "length"), "paper") == ""


@pytest.mark.parametrize("mode", ["paper", "robust"])
def test_the_message_of_an_error_is_no_answer(mode):
    assert fault(completion("the server is gone", "error"), mode) == "model-error"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("<think>\nplan\n</think>\n\nThe ferry leaves at noon.", ""),
        ("<think>\nThey ask of the ferry. Well,", "trace"),
        ("<think>plan</think>\n\nI cannot assist with this request.", "refusal"),
        ("Write <think> before your plan.", ""),
    ],
)
def test_an_answer_is_looked_for_behind_the_reasoning(text, reason):
    assert fault(completion(text), "robust") == reason
