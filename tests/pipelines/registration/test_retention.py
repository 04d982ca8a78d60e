"""A student is held against its start on every benchmark that both were scored on."""

import dataclasses

import pytest

from quintain.benchmarks import Benchmark, Item
from quintain.benchmarks.scoring import make_scorecard
from quintain.pipelines.registration.retention import report_retention
from quintain.registry.description import _against_start
from quintain.statistics.resampling import Resampling

POLICY = {"benchmarks": {"default": {"margin": 0.05}}, "most_unread": 0.01, "replicates": 200}


class Sums(Benchmark):
    name = "sums"

    def load_items(self):
        return [Item(prompt=f"What is 2 + {n}?") for n in range(20)]

    def judge(self, item, response):
        return self.judged(item, response, score=float(response == "right"))


def scored(benchmark, passes, student):
    judgements = [benchmark.judge(item, "right" if passes(n) else "wrong") for n, item in enumerate(benchmark.items)]
    card = make_scorecard(
        benchmark, judgements, model=student, model_digest=student, resampling=Resampling(replicates=50)
    )
    return card, judgements


@pytest.fixture
def evidence():
    """The student passes all but the last item, its start the first half of them."""
    benchmark = Sums()
    card, judgements = scored(benchmark, lambda n: n < 19, "webr")
    parent_card, parent_judgements = scored(benchmark, lambda n: n < 10, "base")
    return {
        "sums.scorecard": card,
        "sums.judgements": judgements,
        "sums.parent_scorecard": parent_card,
        "sums.parent_judgements": parent_judgements,
        "sums.items": benchmark,
    }


def test_the_report_says_what_was_gained_and_on_which_items(evidence):
    document, report = report_retention(POLICY, **evidence)
    found = document["benchmarks"]["sums"][""]
    assert (document["student"], document["start"]) == ("webr", "base")
    # 19 of 20 after, 10 of 20 before: 45 points
    assert (found["difference"], found["outcome"]) == (pytest.approx(0.45), "gained")
    assert (len(found["gained"]), len(found["lost"])) == (9, 0)
    assert "What is 2 + 18?" in report
    assert "What is 2 + 19?" not in report
    assert "## Against base, its start" in _against_start(document)


def test_prompts_that_do_not_travel_stay_out(evidence):
    evidence["sums.items"].travels = False
    _, report = report_retention(POLICY, **evidence)
    assert "What is" not in report
    assert "sums: gained" in report


def test_another_pack_is_named_and_nothing_said_of_it(evidence):
    other = dataclasses.replace(evidence["sums.parent_scorecard"], sampling={"seed": 7})
    document, report = report_retention(POLICY, **evidence | {"sums.parent_scorecard": other})
    assert not document["benchmarks"]
    assert "not measured on the same terms: sampling" in document["left_out"]["sums"]
    assert "not measured on the same terms" in report
    assert "is left out" in _against_start(document)
