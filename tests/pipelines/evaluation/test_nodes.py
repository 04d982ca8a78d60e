"""Every prompt is asked once, every response judged and scored, and what was not is said."""

import dataclasses

import pytest
from kedro.io import DataCatalog

from quintain.benchmarks.constraints import GivenItems
from quintain.benchmarks.exact.benchmark import ExactBenchmark
from quintain.datasets import ModelRef
from quintain.datasets.model_ref import model_ref
from quintain.errors import ConfigError, RecordError
from quintain.models.language_model import Sampling
from quintain.models.ledger import Ledger
from quintain.pipelines.evaluation.nodes import (
    generate_responses,
    judge_responses,
    render_scorecard,
    score_judgements,
)
from quintain.pipelines.evaluation.provenance import drawn_from
from quintain.records import ConstraintItem
from quintain.statistics.resampling import Resampling
from tests.pipelines.evaluation.asking import completion, local_student
from tests.project_configuration import REPOSITORY, configuration

_REF = ModelRef(path="data/06_models/base", digest="abc", size_bytes=1)
_FAST = Resampling(replicates=10)


def score(benchmark, responses):
    responses = drawn_from(responses, _REF, Sampling(), {"engine": "local", "number_format": "float32"})
    judgements = judge_responses(benchmark, responses)
    return judgements, score_judgements(benchmark, responses, judgements, {}, _REF, Sampling(), {}, _FAST)


def test_the_oracle_satisfies_everything(almanac, oracle_responses):
    _, card = score(almanac, oracle_responses)
    assert [card.estimate("hsr", level=level).value for level in card.levels] == [1.0] * 5
    assert (card.measures["csl"].value, card.measures["base_task"].value) == (5.0, 1.0)
    assert len(card.categories) == 6


def test_a_reasoning_trace_is_not_part_of_the_response(almanac, oracle_responses):
    thinking = [
        dataclasses.replace(completion, id="", text=f"<think>Gusuham?</think>\n{completion.text}")
        for completion in oracle_responses
    ]
    assert all(judgement.hard for judgement in judge_responses(almanac, thinking))


def test_the_page_shows_our_own_instructions_and_no_prompt_that_may_not_travel(almanac, pack, oracle_responses):
    judgements, card = score(almanac, oracle_responses)
    assert pack[0].instruction in render_scorecard(almanac, judgements, card)
    theirs = GivenItems(pack)
    theirs.travels = False
    page = render_scorecard(theirs, judgements, card)
    assert not [item for item in pack if item.instruction in page]
    assert "quintain scorecard base --pack FOLDER" in page


def test_items_with_one_instruction_are_asked_once(tmp_path, tiny_student):
    pack = GivenItems(
        ConstraintItem(example_id=str(group), category="style", level=1, instruction="Say something.")
        for group in range(3)
    )
    roles = local_student(tmp_path / "ledger.sqlite")
    responses = generate_responses(pack, model_ref(tiny_student), Sampling(max_new_tokens=2), {}, roles)
    assert len(responses) == 1
    assert len(judge_responses(pack, responses)) == 3


def test_another_rule_set_or_a_second_run_generates_nothing_again(tmp_path, tiny_student):
    pack = [ConstraintItem(example_id="1", category="style", level=1, instruction=text) for text in ("Sing.", "Hum.")]
    ledger = tmp_path / "ledger.sqlite"
    asked = (model_ref(tiny_student), Sampling(max_new_tokens=2), {}, local_student(ledger))
    first = generate_responses(GivenItems(pack[:1]), *asked)
    assert generate_responses(GivenItems(pack), *asked)[:1] == first
    assert [(account.role, account.calls, account.cached) for account in Ledger(ledger).accounts()] == [
        ("student", 2, 1)
    ]


def test_what_the_student_could_not_complete_is_not_scored(almanac, oracle_responses):
    failed = dataclasses.replace(oracle_responses[0], id="", text="out of memory", finish_reason="error")
    first, *others = judge_responses(almanac, [failed, *oracle_responses[1:]])
    assert (first.unscored_because, first.satisfied, first.hard) == ("error", (None,), None)
    assert all(judgement.hard for judgement in others)


def test_responses_to_other_items_are_refused(almanac, oracle_responses):
    with pytest.raises(RecordError, match=r"5 of 60 items of almanac have no response.*from generate_responses"):
        judge_responses(almanac, oracle_responses[5:])


def test_items_that_do_not_go_with_the_rules_are_refused(almanac, pack, oracle_responses):
    exact = ExactBenchmark()
    exact.items = pack
    with pytest.raises(ConfigError, match=r"of exact does not go with the rules 'exact' \(exact\.items@benchmark"):
        judge_responses(exact, oracle_responses)


def test_the_followbench_environment_scores_the_rule_half_of_the_released_files():
    folder = REPOSITORY.parent / "shared/data/followbench/en"
    if not folder.is_dir():
        pytest.skip(f"the released FollowBench files are not at {folder}")
    read = configuration("followbench")
    name = "followbench.items@benchmark"
    catalog = DataCatalog.from_config({name: read["catalog"][name] | {"source": str(folder)}})
    benchmark = catalog.load(name)
    _, card = score(benchmark, [completion(item, "") for item in benchmark.items])
    assert (card.n_items, card.n_scored, card.not_scored) == (820, 350, {"no-judge": 470})
    # silence passes the five levels of the group with a bare wrapper, one of 40
    assert [card.estimate("hsr", category="example", level=level).value for level in card.levels] == [1 / 40] * 5
    assert [card.estimate("hsr", category="style", level=level).value for level in card.levels] == [None] * 5
    assert card.published["hsr"]["example"] == [2.5] * 5
    assert (card.benchmark.name, card.benchmark.language, card.benchmark.rules) == (
        "followbench", "en", "upstream-parity",
    )  # fmt: skip
