"""What a reply that is the same to everything scores is measured on the benchmark's own items."""

import pytest

from quintain.benchmarks.benchmark import Benchmark, Item
from quintain.benchmarks.null_reply import NULL_REPLIES, null_headline
from quintain.benchmarks.scorecard import Scorecard
from quintain.benchmarks.scoring import make_scorecard


class Questions(Benchmark):
    name = "questions"
    targets = ("yes", "no", "yes", "maybe")

    def load_items(self):
        return [Item(prompt=f"Question {n}?", target=target) for n, target in enumerate(self.targets)]

    def judge(self, item, response):
        return self.judged(item, response, score=float(item.target in response.lower()))


class Judged(Questions):
    def judge(self, item, response):
        return self.unscored(item, response, "no-judge")


class Weighed(Questions):
    def judge(self, item, response):
        raise ValueError(f"{response!r} is no JSON")


def test_the_best_of_the_null_replies_counts():
    # "Yes." is right for two of four questions, the others for none.
    assert null_headline(Questions()) == pytest.approx(0.5)
    assert "Yes." in NULL_REPLIES


@pytest.mark.parametrize("kind", [Judged, Weighed])
def test_where_no_rule_judges_a_reply_nothing_is_measured(kind):
    assert null_headline(kind()) is None


def card(**measured):
    benchmark = Questions()
    judgements = [benchmark.judge(item, "yes") for item in benchmark.items]
    return make_scorecard(benchmark, judgements, model="student", **measured)


def test_a_scorecard_keeps_it_and_one_without_has_the_digest_that_it_always_had():
    assert Scorecard.from_dict(card(null_headline=0.5).as_dict()).null_headline == 0.5
    plain = card().as_dict()
    assert "null_headline" not in plain
    assert Scorecard.from_dict(plain).digest == plain["digest"]
