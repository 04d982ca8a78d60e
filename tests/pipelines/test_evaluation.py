import dataclasses
import json
import random
from pathlib import Path

import pytest
import yaml
from kedro.io import DataCatalog, MemoryDataset
from kedro.runner import SequentialRunner
from kedro.validation.type_extractor import TypeExtractor

from quintain.almanac.pack import build_pack, task_of
from quintain.almanac.responses import respond
from quintain.almanac.world import WorldParams, make_world, world_as_json
from quintain.benchmarks import Benchmark, Item
from quintain.benchmarks.almanac import AlmanacBenchmark
from quintain.benchmarks.constraints import GivenItems
from quintain.benchmarks.exact.benchmark import ExactBenchmark
from quintain.benchmarks.judging.calibration import Floor
from quintain.datasets import ModelRef, RecordsDataset
from quintain.datasets.model_ref import model_ref
from quintain.errors import ConfigError, QualityError, RecordError
from quintain.lifecycle import Lifecycle, Student
from quintain.models.language_model import Sampling
from quintain.models.ledger import Ledger
from quintain.models.roles import Roles
from quintain.pipelines.evaluation import create_pipeline
from quintain.pipelines.evaluation.judges import JudgingParams
from quintain.pipelines.evaluation.nodes import (
    generate_responses,
    judge_responses,
    render_scorecard,
    score_judgements,
)
from quintain.pipelines.evaluation.pipeline import evaluate
from quintain.pipelines.evaluation.settings import own
from quintain.prompts import request
from quintain.records import Completion, ConstraintItem, Rule
from quintain.statistics.resampling import Resampling
from tests.project_configuration import configuration

_REPOSITORY = Path(__file__).parents[2]
_REF = ModelRef(path="data/06_models/base", digest="abc", size_bytes=1)
_FAST = Resampling(replicates=10)


class Echo(Benchmark):
    """Ten lines of somebody else: does the response hold a word?"""

    name = "echo"

    def __init__(self, by="rule:echo"):
        self.by = by

    def load_items(self):
        return [Item(prompt=f"Say {word}.", target=word, category=word[0]) for word in ("ant", "asp", "bee")]

    def judge(self, item, response):
        return dataclasses.replace(self.judged(item, response, score=float(item.target in response)), id="", by=self.by)


@pytest.fixture(scope="module")
def world():
    return make_world(WorldParams(towns=8, fresh_towns=4, persons=8))


@pytest.fixture(scope="module")
def almanac(world, tmp_path_factory):
    folder = tmp_path_factory.mktemp("almanac")
    (folder / "world.json").write_text(json.dumps(world_as_json(world)))
    RecordsDataset(filepath=str(folder / "pack.jsonl"), record="ConstraintItem").save(
        build_pack(world, groups_per_category=2, seed=0)
    )
    return AlmanacBenchmark(filepath=str(folder / "pack.jsonl"), world=str(folder / "world.json"))


@pytest.fixture(scope="module")
def pack(almanac):
    return almanac.items


def _completion(item: ConstraintItem, text: str, finish_reason: str = "stop") -> Completion:
    asked = request("student/instruction", {"instruction": item.instruction})
    return Completion(request_id=asked.id, text=text, finish_reason=finish_reason)


@pytest.fixture(scope="module")
def oracle_responses(world, pack):
    rng = random.Random(0)
    return [_completion(item, respond(task_of(item), world.facts[task_of(item).subject], rng)) for item in pack]


def local_student(ledger):
    return Roles(ledger=str(ledger), bindings={"student": {"backend": "local"}})


@pytest.fixture
def run(monkeypatch, tmp_path, world, tiny_model):
    """Evaluate one student with the real catalog, its files below an empty folder."""
    entries = configuration("base")["catalog"]
    folder = _REPOSITORY / "conf/base/expectations"
    suites = {name: yaml.safe_load((folder / f"{name}.yml").read_text()) for name in ("responses", "judgements")}
    monkeypatch.chdir(tmp_path)

    def run_pipeline(benchmark: Benchmark) -> DataCatalog:
        catalog = DataCatalog.from_config({name: entry for name, entry in entries.items() if name.startswith("{")})
        catalog[f"{benchmark.name}.items@benchmark"] = MemoryDataset(benchmark, copy_mode="assign")
        catalog["tiny.model@ref"] = MemoryDataset(model_ref(tiny_model))
        for name, suite in suites.items():
            catalog[f"{name}_suite"] = MemoryDataset(suite)
        catalog["params:evaluation.by_benchmark"] = MemoryDataset({"echo": {"sampling": {"max_new_tokens": 3}}})
        catalog["params:evaluation.sampling"] = MemoryDataset(Sampling(max_new_tokens=8))
        catalog["params:evaluation.judging"] = MemoryDataset(JudgingParams())
        catalog["params:evaluation.calibration"] = MemoryDataset(Floor())
        catalog["params:roles"] = MemoryDataset(local_student("data/ledger.sqlite"))
        catalog["params:evaluation.resampling"] = MemoryDataset(Resampling(replicates=50))
        SequentialRunner().run(evaluate("tiny", benchmark.name), catalog)
        return catalog

    return run_pipeline


def test_a_student_goes_from_items_and_folder_to_scorecard_curve_and_pictures(run, almanac, tiny_model):
    catalog = run(almanac)
    scorecard = catalog.load("tiny.almanac.scorecard")
    assert scorecard.model == "tiny"
    assert scorecard.model_digest == model_ref(tiny_model).digest
    assert scorecard.benchmark == almanac.identity
    assert (scorecard.n_items, scorecard.n_scored, scorecard.n_truncated) == (60, 60, 60)
    assert [scorecard.estimate("hsr", level=level).value for level in scorecard.levels] == [0.0] * 5  # noise, no fact
    assert len(catalog.load("tiny.almanac.judgements")) == 60
    assert catalog.load("tiny.almanac.level_curve")["level"].tolist() == [1, 2, 3, 4, 5]
    assert sorted(str(path) for path in Path("data").rglob("*") if path.is_file() and "ledger" not in path.name) == [
        "data/07_model_output/tiny/almanac/judgements.jsonl",
        "data/07_model_output/tiny/almanac/responses.jsonl",
        "data/08_reporting/expectations/tiny/almanac/judgements.json",
        "data/08_reporting/expectations/tiny/almanac/responses.json",
        "data/08_reporting/tiny/almanac/judge_calibration.json",
        "data/08_reporting/tiny/almanac/judging.json",
        "data/08_reporting/tiny/almanac/level_curve.csv",
        "data/08_reporting/tiny/almanac/levels.png",
        "data/08_reporting/tiny/almanac/radar.png",
        "data/08_reporting/tiny/almanac/scorecard.html",
        "data/08_reporting/tiny/almanac/scorecard.json",
    ]


def test_a_benchmark_of_ten_lines_runs_through_the_same_nodes_with_its_own_sampling(run):
    catalog = run(Echo())
    scorecard = catalog.load("tiny.echo.scorecard")
    assert (scorecard.headline, scorecard.n_items, scorecard.categories) == ("score", 3, ("a", "b"))
    assert scorecard.sampling["max_new_tokens"] == 3
    assert catalog.load("tiny.echo.level_curve")["score"].tolist() == [scorecard.measures["score"].value]
    assert "score" in catalog.load("tiny.echo.scorecard_page")


def test_every_pair_of_student_and_benchmark_has_a_namespace_of_its_own():
    students = (
        Student(name="base", start="world", benchmarks=("almanac", "core")),
        Student(name="webr", parent="base", by="finetuning", benchmarks=("core",)),
    )
    pipeline = create_pipeline(Lifecycle(students=students, benchmarks=("almanac", "core")))
    assert pipeline.inputs() == {
        "almanac.items@benchmark",
        "core.items@benchmark",
        "responses_suite",
        "judgements_suite",
        "base.model@ref",
        "webr.model@ref",
        "params:evaluation.by_benchmark",
        "params:evaluation.sampling",
        "params:evaluation.judging",
        "params:evaluation.calibration",
        "params:evaluation.resampling",
        "params:roles",
    }
    cards = {name for name in pipeline.all_outputs() if name.endswith(".scorecard")}
    assert cards == {"base.almanac.scorecard", "base.core.scorecard", "webr.core.scorecard"}


def test_kedro_builds_every_parameter_from_its_annotation(caplog):
    types = TypeExtractor({"evaluation": evaluate("base", "almanac")}).extract_types_from_pipelines()
    assert types == {
        "evaluation.sampling": Sampling,
        "evaluation.judging": JudgingParams,
        "evaluation.calibration": Floor,
        "evaluation.resampling": Resampling,
        "roles": Roles,
    }
    ours = (
        "generate_responses",
        "judge_responses",
        "ask_judges",
        "calibrate_judges",
        "score_judgements",
        "tabulate_levels",
        "plot_",
    )
    assert not [line for line in caplog.messages if any(name in line for name in ours)]


def score(benchmark, responses):
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


def test_items_with_one_instruction_are_asked_once(tmp_path, tiny_model):
    pack = GivenItems(
        ConstraintItem(example_id=str(group), category="style", level=1, instruction="Say something.")
        for group in range(3)
    )
    roles = local_student(tmp_path / "ledger.sqlite")
    responses = generate_responses(pack, model_ref(tiny_model), Sampling(max_new_tokens=2), {}, roles)
    assert len(responses) == 1
    assert len(judge_responses(pack, responses)) == 3


def test_another_rule_set_or_a_second_run_generates_nothing_again(tmp_path, tiny_model):
    pack = [ConstraintItem(example_id="1", category="style", level=1, instruction=text) for text in ("Sing.", "Hum.")]
    ledger = tmp_path / "ledger.sqlite"
    asked = (model_ref(tiny_model), Sampling(max_new_tokens=2), {}, local_student(ledger))
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


def test_settings_of_a_benchmark_that_nobody_reads_are_refused():
    with pytest.raises(ConfigError, match=r"evaluation\.by_benchmark\.core has scoring; a benchmark has its own sampl"):
        own(Sampling(), "sampling", "core", {"core": {"scoring": {}}})
    with pytest.raises(ConfigError, match=r"by_benchmark\.core\.sampling has tokens; there are .*max_new_tokens"):
        own(Sampling(), "sampling", "core", {"core": {"sampling": {"tokens": 3}}})


def test_judgements_that_nobody_signed_stop_at_the_gate(run):
    with pytest.raises(QualityError, match=r"(?s)judgements.*expect_column_values_to_match_regex"):
        run(Echo(by="me"))
    assert Path("data/08_reporting/expectations/tiny/echo/judgements.json").is_file()
    assert not Path("data/08_reporting/tiny/echo/scorecard.json").exists()


# --- the environments of other benchmarks ----------------------------------------------------------------------------


@pytest.mark.parametrize("env", ["core", "followbench", "ifeval"])
def test_an_environment_of_a_benchmark_is_its_lifecycle(env):
    read = configuration(env)
    assert yaml.safe_load((_REPOSITORY / f"conf/{env}/lifecycle.yml").read_text()) == {"benchmarks": [env]}
    entry = read["catalog"][f"{env}.items@benchmark"]
    assert (entry["type"], entry["name"]) == ("quintain.datasets.BenchmarkDataset", env)
    own(Sampling(**read["parameters"]["evaluation"]["sampling"]), "sampling", env, _by_benchmark(read))
    own(JudgingParams(**read["parameters"]["evaluation"]["judging"]), "judging", env, _by_benchmark(read))


def _by_benchmark(read):
    return read["parameters"]["evaluation"]["by_benchmark"]


def test_the_followbench_environment_scores_the_rule_half_of_the_released_files():
    folder = _REPOSITORY.parent / "shared/data/followbench/en"
    if not folder.is_dir():
        pytest.skip(f"the released FollowBench files are not at {folder}")
    read = configuration("followbench")
    name = "followbench.items@benchmark"
    catalog = DataCatalog.from_config({name: read["catalog"][name] | {"source": str(folder)}})
    benchmark = catalog.load(name)
    _, card = score(benchmark, [_completion(item, "") for item in benchmark.items])
    assert (card.n_items, card.n_scored, card.not_scored) == (820, 350, {"no-judge": 470})
    # silence passes the five levels of the group with a bare wrapper, one of 40
    assert [card.estimate("hsr", category="example", level=level).value for level in card.levels] == [1 / 40] * 5
    assert [card.estimate("hsr", category="style", level=level).value for level in card.levels] == [None] * 5
    assert card.published["hsr"]["example"] == [2.5] * 5
    assert (card.benchmark.name, card.benchmark.language, card.benchmark.rules) == (
        "followbench", "en", "upstream-parity",
    )  # fmt: skip


def test_the_pack_suite_passes_the_almanacs_pack_and_stops_a_gap_in_the_levels(pack):
    from quintain.quality.check import check

    suite = yaml.safe_load((_REPOSITORY / "conf/base/expectations/pack.yml").read_text())
    assert check("pack", pack, suite)["passed"]
    assert not check("pack", [item for item in pack if item.level != 3], suite)["passed"]
    rule = (Rule(kind="count", value="3"),)
    blank = [dataclasses.replace(item, id="", instruction=" \n", rules=rule) for item in pack]
    assert not check("pack", blank, suite)["passed"]
