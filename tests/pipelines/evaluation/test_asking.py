"""Every distinct prompt is asked once: in words, or by likelihoods where an item gives its responses."""

import json

from quintain.benchmarks import Benchmark, Item
from quintain.models.language_model import Likelihood
from quintain.pipelines.evaluation.asking import ask_student
from quintain.records import Completion


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
