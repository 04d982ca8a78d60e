"""Every distinct prompt is asked once: in words, or by likelihoods where an item gives its responses."""

import json

import pytest

from quintain.benchmarks import Benchmark, Item
from quintain.errors import ConfigError
from quintain.models.language_model import Likelihood
from quintain.models.ledger import Ledger
from quintain.models.ledgered_model import LedgeredModel
from quintain.pipelines.evaluation.asking import ask_student
from quintain.records import Completion
from tests.scripted_model import Scripted


class Mixed(Benchmark):
    """One item with choices, and two that ask the same of different clusters."""

    name = "mixed"

    def load_items(self):
        return [
            Item(prompt="A or B?", target=["A", "B"]),
            Item(prompt="Say.", cluster="x"),
            Item(prompt="Say.", cluster="y"),
        ]

    def candidates(self, item):
        return [(self.ask(item), choice) for choice in item.target]

    def judge(self, item, response):
        return self.judged(item, response, score=1.0)


class Asked:
    """Counts what it is asked."""

    name = "scripted:asked"
    scores_responses = True

    def __init__(self):
        self.written = []

    def generate(self, requests):
        self.written += requests
        return [Completion(request_id=each.id, text="said", finish_reason="stop") for each in requests]

    def score_responses(self, requests, responses):
        return [Likelihood(-float(len(text)), greedy=False) for text in responses]


def test_a_shared_prompt_is_asked_once_and_choices_are_weighed():
    student, benchmark = Asked(), Mixed()
    by_request = {each.request_id: each.text for each in ask_student(benchmark, student)}
    choice, *said = benchmark.items
    assert json.loads(by_request.pop(benchmark.ask(choice).id)) == [[-1.0, False], [-1.0, False]]
    assert by_request == {benchmark.ask(item).id: "said" for item in said}
    assert len(student.written) == len(by_request) == 1


class Written(Mixed):
    """The same without choices."""

    def candidates(self, item):
        return []


def test_a_student_behind_an_address_writes_all_where_no_item_gives_its_responses(tmp_path):
    student = LedgeredModel(Scripted("said"), Ledger(tmp_path / "ledger.sqlite"), "student")
    assert {each.text for each in ask_student(Written(), student)} == {"said"}
    with pytest.raises(ConfigError, match="1 of 3 items of mixed .* bind the student to the backend `local`"):
        ask_student(Mixed(), student)
