"""A suite is a benchmark like any other: items, a judgement per response, a scorecard."""

import json

import pytest

from quintain.almanac.tasks import arithmetic_rows, two_hop_rows
from quintain.almanac.world import WorldParams, make_world
from quintain.benchmarks.harness.benchmark import HarnessBenchmark
from quintain.benchmarks.registry import make_benchmark
from quintain.benchmarks.scoring import make_scorecard
from quintain.errors import ConfigError
from quintain.statistics.resampling import Resampling
from tests.benchmarks.harness.local_tasks import INSTALLED, ROWS, SUMS, lay_out

WRITTEN = {
    "output_type": "generate_until",
    "doc_to_choice": None,
    "doc_to_target": "{{options[gold]}}",
    "generation_kwargs": {"until": ["\n\n"], "do_sample": False},
    "filter_list": [
        {"name": "last", "filter": [{"function": "regex", "group_select": -1, "regex_pattern": "[0-9]+"}]},
    ],
    "metric_list": [{"metric": "exact_match", "aggregation": "mean", "higher_is_better": True}],
}
# a regex gives a list per response, of which the first is compared
WRITTEN["filter_list"][0]["filter"].append({"function": "take_first"})


def sums(tmp_path, rows=ROWS, change=None, **settings):
    return HarnessBenchmark(**lay_out(tmp_path, rows, SUMS | (change or {})), **settings)


@INSTALLED
def test_the_likelier_choice_is_what_the_student_says(tmp_path):
    benchmark = sums(tmp_path)
    first, second, third = benchmark.items
    assert benchmark.judge(first, json.dumps([[-2.0, False], [-1.0, True]])).score == 1.0
    assert benchmark.judge(second, json.dumps([[-1.0, True], [-2.0, False]])).score == 0.0
    said = benchmark.judge(third, json.dumps([[-1.5, True], [-2.0, False]])).response
    assert said == "-1.500 '3'\n-2.000 '6'"


@INSTALLED
def test_a_written_response_is_cut_at_the_stop_filtered_and_compared(tmp_path):
    benchmark = sums(tmp_path, change=WRITTEN)
    first = benchmark.items[0]
    scores = [benchmark.judge(first, text).score for text in ("1 and 1 are 2", "2\n\nWhat is 3 plus 3? 6", "3", "")]
    assert scores == [1.0, 1.0, 0.0, 0.0]
    assert not benchmark.candidates(first)


@INSTALLED
def test_a_scorecard_has_a_category_per_task_and_counts_the_empty(tmp_path):
    benchmark = sums(tmp_path, change=WRITTEN)
    texts = ["2", "", "6"]
    judgements = [benchmark.judge(item, text) for item, text in zip(benchmark.items, texts, strict=True)]
    card = make_scorecard(benchmark, judgements, model="m", resampling=Resampling(replicates=50))
    assert (card.headline, card.categories, card.n_empty) == ("score", ("sums",), 1)
    assert card.measures["score"].value == pytest.approx(2 / 3)
    assert card.benchmark.rules.startswith("lm_eval-0.4.")


@INSTALLED
def test_another_wording_gold_or_number_of_rows_is_another_pack(tmp_path):
    digests = {
        sums(tmp_path).digest,
        sums(tmp_path, change={"doc_to_text": "Q: {{question}}"}).digest,
        sums(tmp_path, [ROWS[0] | {"gold": 0}, *ROWS[1:]]).digest,
        sums(tmp_path, limit=2).digest,
    }
    assert len(digests) == 4


@INSTALLED
def test_another_metric_or_filter_is_another_rule_set(tmp_path):
    other = WRITTEN | {"filter_list": [{"name": "first", "filter": [{"function": "take_first"}]}]}
    rules = {
        sums(tmp_path, change=WRITTEN).rules,
        sums(tmp_path, change=other).rules,
        sums(tmp_path, change=WRITTEN, metrics={"sums": "exact_match,last"}).rules,
    }
    assert len(rules) == 3


@INSTALLED
def test_a_metric_that_is_no_share_of_an_item_is_refused(tmp_path):
    change = WRITTEN | {"metric_list": [{"metric": "bleu"}]}
    benchmark = sums(tmp_path, change=change)
    with pytest.raises(ConfigError, match="the metric bleu of the task sums gives .* for an item, and no share"):
        benchmark.judge(benchmark.items[0], "2")


@INSTALLED
def test_the_almanac_s_two_tasks_are_asked_and_judged(tmp_path):
    world = make_world(WorldParams(towns=8, fresh_towns=4, persons=8, rivers=5, regions=5, years=8))
    rows = {"arithmetic": arithmetic_rows(9, seed=1), "two_hop": two_hop_rows(world, 8, seed=1)}
    (tmp_path / "questions.json").write_text(json.dumps(rows))
    sources = dict.fromkeys(("almanac_arithmetic", "almanac_two_hop"), str(tmp_path))
    benchmark = HarnessBenchmark(suite="almanac", sources=sources)
    written = [item for item in benchmark.items if not item.responses]
    weighed = [item for item in benchmark.items if item.responses]
    assert (len(written), len(weighed)) == (len(rows["arithmetic"]), 8)
    for item, row in zip(written, rows["arithmetic"], strict=True):
        assert benchmark.judge(item, f"It is {row['answer']}.").score == 1.0
        assert benchmark.judge(item, f"It is {row['answer']} or 1000.").score == 0.0
    for item, row in zip(weighed, rows["two_hop"], strict=True):
        likely = [[-1.0 - (place != row["gold"]), False] for place in range(len(row["options"]))]
        assert benchmark.judge(item, json.dumps(likely)).score == 1.0


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "nothing is asked: set `suite`"),
        ({"suite": "retentoin"}, "there is no suite 'retentoin'; there are lion"),
        ({"suite": "retention", "tasks": ["bbh"]}, "the suite retention has no bbh; it has mmlu"),
        ({"tasks": ["gsm8k"], "only": {"bbh": ["snarks"]}}, "only name bbh, which is not asked: gsm8k"),
        ({"tasks": ["gsm8k"], "limit": -1}, "limit and shots must not be negative"),
        ({"tasks": ["gsm8k"], "shots": {"gsm8k": -1}}, "must not be negative"),
    ],
)
def test_settings_that_ask_nothing_are_refused(settings, said):
    with pytest.raises(ConfigError, match=said):
        make_benchmark("harness", "retention", settings)


def test_a_source_of_nearly_the_name_of_a_task_is_a_slip_and_one_of_another_benchmark_is_not():
    with pytest.raises(ValueError, match="almanac_two_hopx, which is not asked; did you mean almanac_two_hop"):
        HarnessBenchmark(suite="almanac", sources={"almanac_arithmetic": "a", "almanac_two_hopx": "a"})
    HarnessBenchmark(suite="almanac", sources={"almanac_arithmetic": "a", "almanac_two_hop": "a", "gsm8k": "b"})
