"""A student is a model of the harness: its own evaluation asks it as a role is asked."""

from dataclasses import dataclass

import pytest

from quintain.benchmarks.harness.student_lm import student_lm
from quintain.errors import ModelError
from quintain.records import Completion
from tests.benchmarks.harness.local_tasks import INSTALLED

pytestmark = INSTALLED


@dataclass
class Told:
    nats: float
    greedy: bool
    fault: str = ""


class Doubling:
    """Writes the number in its question twice; holds what is long to be unlikely."""

    name = "doubling"

    def __init__(self):
        self.asked = []

    def generate(self, requests):
        self.asked += requests
        return [
            Completion(
                request_id=each.id, text=f"<think>x</think>{each.messages[-1].content} STOP 9", finish_reason="stop"
            )
            for each in requests
        ]

    def score_responses(self, requests, responses):
        return [Told(-float(len(text)), len(text) == 1, "" if text else "the response is empty") for text in responses]


def instance(*arguments):
    from lm_eval.api.instance import Instance

    return Instance(request_type="generate_until", doc={}, arguments=arguments, idx=0)


def test_what_is_written_is_cut_at_the_stops_and_asked_once():
    student = Doubling()
    lm = student_lm(student)
    context = lm.apply_chat_template([{"role": "user", "content": "7"}])
    assert lm.generate_until([instance(context, {"until": ["STOP"]})] * 2) == ["7 ", "7 "]
    assert [request.messages[0].content for request in student.asked] == ["7"]


def test_likelihoods_come_from_the_student():
    lm = student_lm(Doubling())
    assert lm.loglikelihood([instance("q", "a"), instance("q", "abc")]) == [(-1.0, True), (-3.0, False)]
    with pytest.raises(ValueError, match="1 of 1 likelihoods could not be told: the response is empty"):
        lm.loglikelihood([instance("q", "")])


def test_whole_texts_are_refused():
    with pytest.raises(ModelError, match="take another task"):
        student_lm(Doubling()).loglikelihood_rolling([])
