"""Items that give their responses are weighed, beside items whose responses are written."""

import json

import pytest

from quintain.benchmarks import Benchmark, Item
from quintain.datasets.model_ref import model_ref
from quintain.errors import ConfigError
from quintain.models.language_model import Sampling
from quintain.models.roles import Roles
from quintain.pipelines.evaluation.nodes import generate_responses, judge_responses, score_judgements
from quintain.statistics.resampling import Resampling
from tests.pipelines.evaluation.asking import local_student


class Choices(Benchmark):
    """Two items with choices, one of them longer than any context, and one whose response is written."""

    name = "choices"

    def load_items(self):
        return [
            Item(prompt="Mayor?", target=["kind", "town"]),
            Item(prompt="kind " * 500, target=["kind", "town"]),
            Item(prompt="Say something."),
        ]

    def candidates(self, item):
        return [(self.ask(item), choice) for choice in item.target]

    def judge(self, item, response):
        if not item.target:
            return self.judged(item, response, score=1.0)
        (kind, _), (town, _) = json.loads(response)
        return self.judged(item, "kind" if kind > town else "town", score=float(kind > town))


def test_what_is_weighed_and_what_is_written_come_to_one_scorecard(tmp_path, tiny_student):
    benchmark, model, sampling = Choices(), model_ref(tiny_student), Sampling(max_new_tokens=2)
    responses = generate_responses(benchmark, model, sampling, {}, local_student(tmp_path / "ledger.sqlite"))
    by_request = {each.request_id: each for each in responses}
    weighed, too_long, written = (by_request[benchmark.ask(item).id] for item in benchmark.items)
    assert [len(each) for each in json.loads(weighed.text)] == [2, 2]
    assert too_long.finish_reason == "error"
    assert "tokens, the context 256" in too_long.text
    assert written.completion_tokens > 0
    judgements = judge_responses(benchmark, responses)
    card = score_judgements(benchmark, responses, judgements, {}, model, sampling, {}, Resampling(replicates=20))
    # What could not be told is in no rate.
    assert (card.n_items, card.n_scored, card.not_scored) == (3, 2, {"error": 1})


def test_a_student_behind_an_address_is_refused_before_it_is_asked(tmp_path, tiny_student):
    endpoint = {"backend": "openai", "address": "http://localhost:9/v1", "model": "m"}
    roles = Roles(ledger=str(tmp_path / "ledger.sqlite"), bindings={"student": endpoint})
    with pytest.raises(ConfigError, match="2 of 3 items of choices ask how likely given responses are, .*text alone"):
        generate_responses(Choices(), model_ref(tiny_student), Sampling(), {}, roles)
