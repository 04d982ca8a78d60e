import dataclasses
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
from quintain.benchmarks.judging.calibration import Floor
from quintain.datasets import ModelRef
from quintain.datasets.model_ref import model_ref
from quintain.errors import ConfigError, QualityError, RecordError
from quintain.models.language_model import Sampling
from quintain.models.ledger import Ledger
from quintain.models.roles import Roles
from quintain.pipelines.evaluation import create_pipeline
from quintain.pipelines.evaluation.judges import JudgingParams
from quintain.pipelines.evaluation.nodes import (
    PackParams,
    generate_responses,
    judge_by_rules,
    render_scorecard,
    score_judgements,
)
from quintain.pipelines.evaluation.pipeline import evaluate
from quintain.prompts import request
from quintain.records import Completion, ConstraintItem, Rule
from quintain.statistics.resampling import Resampling
from tests.project_configuration import configuration

_REPOSITORY = Path(__file__).parents[2]
_ALMANAC = PackParams(name="almanac", language="en", rules="almanac")
_REF = ModelRef(path="data/06_models/base", digest="abc", size_bytes=1)


@pytest.fixture(scope="module")
def world():
    return make_world(WorldParams(towns=8, fresh_towns=4, persons=8))


@pytest.fixture(scope="module")
def pack(world):
    return build_pack(world, groups_per_category=2, seed=0)


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

    def run_pipeline(pack: list[ConstraintItem]) -> DataCatalog:
        catalog = DataCatalog.from_config({name: entry for name, entry in entries.items() if name.startswith("{")})
        catalog["pack"] = MemoryDataset(pack)
        catalog["world"] = MemoryDataset(world_as_json(world))
        catalog["tiny.model@ref"] = MemoryDataset(model_ref(tiny_model))
        for name, suite in suites.items():
            catalog[f"{name}_suite"] = MemoryDataset(suite)
        catalog["params:evaluation.pack"] = MemoryDataset(_ALMANAC)
        catalog["params:evaluation.sampling"] = MemoryDataset(Sampling(max_new_tokens=8))
        catalog["params:evaluation.judging"] = MemoryDataset(JudgingParams())
        catalog["params:evaluation.calibration"] = MemoryDataset(Floor())
        catalog["params:roles"] = MemoryDataset(local_student("data/ledger.sqlite"))
        catalog["params:evaluation.resampling"] = MemoryDataset(Resampling(replicates=50))
        SequentialRunner().run(evaluate("tiny"), catalog)
        return catalog

    return run_pipeline


def test_a_student_goes_from_pack_and_folder_to_scorecard_curve_and_pictures(run, pack, tiny_model):
    catalog = run(pack)
    scorecard = catalog.load("tiny.scorecard")
    assert scorecard["model"] == "tiny"
    assert scorecard["model_digest"] == model_ref(tiny_model).digest
    assert (scorecard["n_items"], scorecard["n_scored"], scorecard["n_truncated"]) == (60, 60, 60)
    assert scorecard["macro"]["hsr"] == [0.0] * 5  # noise states no fact
    assert len(catalog.load("tiny.judgements")) == 60
    assert catalog.load("tiny.level_curve")["level"].tolist() == [1, 2, 3, 4, 5]
    assert sorted(str(path) for path in Path("data").rglob("*") if path.is_file() and "ledger" not in path.name) == [
        "data/07_model_output/tiny/judgements.jsonl",
        "data/07_model_output/tiny/responses.jsonl",
        "data/08_reporting/expectations/tiny/judgements.json",
        "data/08_reporting/expectations/tiny/responses.json",
        "data/08_reporting/tiny/judge_calibration.json",
        "data/08_reporting/tiny/judging.json",
        "data/08_reporting/tiny/level_curve.csv",
        "data/08_reporting/tiny/levels.png",
        "data/08_reporting/tiny/radar.png",
        "data/08_reporting/tiny/scorecard.html",
        "data/08_reporting/tiny/scorecard.json",
    ]


def test_every_student_has_a_namespace_of_its_own():
    pipeline = create_pipeline(rounds=1)
    assert pipeline.inputs() == {
        "pack",
        "world",
        "responses_suite",
        "judgements_suite",
        *(f"{student}.model@ref" for student in ("base", "webr", "round_1", "lion", "bmc", "lte")),
        "params:evaluation.pack",
        "params:evaluation.sampling",
        "params:evaluation.judging",
        "params:evaluation.calibration",
        "params:evaluation.resampling",
        "params:roles",
    }
    assert {"base.scorecard", "webr.scorecard"} < pipeline.all_outputs()


def test_kedro_builds_every_parameter_from_its_annotation(caplog):
    types = TypeExtractor({"evaluation": create_pipeline()}).extract_types_from_pipelines()
    assert types == {
        "evaluation.pack": PackParams,
        "evaluation.sampling": Sampling,
        "evaluation.judging": JudgingParams,
        "evaluation.calibration": Floor,
        "evaluation.resampling": Resampling,
        "roles": Roles,
    }
    ours = (
        "generate_responses",
        "judge_by_rules",
        "ask_judges",
        "calibrate_judges",
        "score_judgements",
        "tabulate_levels",
        "plot_",
    )
    assert not [line for line in caplog.messages if any(name in line for name in ours)]


def test_the_oracle_satisfies_everything(pack, world, oracle_responses):
    judgements = judge_by_rules(pack, oracle_responses, world_as_json(world), _ALMANAC)
    card = score_judgements(
        pack, oracle_responses, judgements, {}, _REF, _ALMANAC, Sampling(), Resampling(replicates=10)
    )
    assert card["macro"]["hsr"] == [1.0] * 5
    assert card["macro"]["csl"] == 5.0
    assert (card["base_task"], len(card["macro_categories"])) == (1.0, 6)


def test_a_reasoning_trace_is_not_part_of_the_response(pack, world, oracle_responses):
    thinking = [
        dataclasses.replace(completion, id="", text=f"<think>Gusuham?</think>\n{completion.text}")
        for completion in oracle_responses
    ]
    assert all(judgement.hard for judgement in judge_by_rules(pack, thinking, world_as_json(world), _ALMANAC))


def test_the_page_shows_our_own_instructions_and_no_prompt_of_followbench(pack, world, oracle_responses):
    judgements = judge_by_rules(pack, oracle_responses, world_as_json(world), _ALMANAC)
    card = score_judgements(
        pack, oracle_responses, judgements, {}, _REF, _ALMANAC, Sampling(), Resampling(replicates=10)
    )
    assert pack[0].instruction in render_scorecard(pack, judgements, card)
    # Whoever judges, an item of FollowBench is known by the rules of its pack.
    marked = [dataclasses.replace(item, rules=(Rule(kind="followbench-en", value="E2E"),)) for item in pack[:1]]
    page = render_scorecard([*marked, *pack[1:]], judgements, card)
    assert not [item for item in pack if item.instruction in page]
    assert "quintain scorecard base --pack FOLDER" in page


def test_items_with_one_instruction_are_asked_once(tmp_path, tiny_model):
    pack = [
        ConstraintItem(example_id=str(group), category="style", level=1, instruction="Say something.")
        for group in range(3)
    ]
    params = PackParams(name="followbench", language="en", rules="corrected")
    ledger = tmp_path / "ledger.sqlite"
    responses = generate_responses(pack, model_ref(tiny_model), Sampling(max_new_tokens=2), local_student(ledger))
    assert len(responses) == 1
    assert len(judge_by_rules(pack, responses, None, params)) == 3


def test_another_rule_set_or_a_second_run_generates_nothing_again(tmp_path, tiny_model):
    pack = [ConstraintItem(example_id="1", category="style", level=1, instruction=text) for text in ("Sing.", "Hum.")]
    ledger = tmp_path / "ledger.sqlite"
    asked = (model_ref(tiny_model), Sampling(max_new_tokens=2), local_student(ledger))
    first = generate_responses(pack[:1], *asked)
    assert generate_responses(pack, *asked)[:1] == first
    assert [(account.role, account.calls, account.cached) for account in Ledger(ledger).accounts()] == [
        ("student", 2, 1)
    ]


def test_what_the_student_could_not_complete_is_not_scored(pack, world, oracle_responses):
    failed = dataclasses.replace(oracle_responses[0], id="", text="out of memory", finish_reason="error")
    first, *others = judge_by_rules(pack, [failed, *oracle_responses[1:]], world_as_json(world), _ALMANAC)
    assert (first.by, first.satisfied, first.hard) == ("unscored:error", (None,), None)
    assert all(judgement.hard for judgement in others)


def test_responses_to_another_pack_are_refused(pack, world, oracle_responses):
    with pytest.raises(RecordError, match=r"5 of 60 items of the pack have no response.*from generate_responses"):
        judge_by_rules(pack, oracle_responses[5:], world_as_json(world), _ALMANAC)


def test_a_pack_that_does_not_go_with_the_rules_is_refused(pack, oracle_responses):
    params = PackParams(name="almanac", language="en", rules="corrected")
    with pytest.raises(
        ConfigError, match=r"pack 'almanac' does not go with the rules 'corrected' \(evaluation\.pack\)"
    ):
        judge_by_rules(pack, oracle_responses, None, params)
    with pytest.raises(ConfigError, match="the almanac's rules need the dataset `world`"):
        judge_by_rules(pack, oracle_responses, None, _ALMANAC)


def test_an_unknown_rule_set_is_refused_when_parameters_are_read():
    with pytest.raises(
        ValueError, match=r"evaluation\.pack\.rules must be one of almanac, exact, judge, upstream-parity, corrected"
    ):
        PackParams(name="x", language="en", rules="strict")


def test_a_pack_with_an_item_twice_stops_at_the_gate(run, pack):
    twice = dataclasses.replace(pack[0], id="", target=pack[0].target + " ")
    with pytest.raises(QualityError, match=r"(?s)judgements.*expect_compound_columns_to_be_unique"):
        run([*pack, twice])
    assert Path("data/08_reporting/expectations/tiny/judgements.json").is_file()
    assert not Path("data/08_reporting/tiny/scorecard.json").exists()


# --- the environment that points at the released FollowBench files ---------------------------------------------------


def test_the_followbench_environment_overwrites_no_almanac_scorecard():
    base, ours = configuration("base")["catalog"], configuration("followbench")["catalog"]
    pipeline = create_pipeline()
    written = {name.split(".", 1)[1] for name in pipeline.all_outputs() if name.startswith("base.")}
    persisted = {name for name in written if "filepath" in base.get(f"{{student}}.{name}", {})}
    assert persisted == {
        "responses",
        "judgements",
        "judge_calibration",
        "judging",
        "scorecard",
        "level_curve",
        "radar",
        "levels",
        "scorecard_page",
    }
    for name in persisted:
        assert "/followbench/" in ours[f"{{student}}.{name}"]["filepath"]
    assert "/followbench/" in ours["{student}.{name}_report"]["filepath"]


def test_the_followbench_environment_scores_the_rule_half_of_the_released_files():
    folder = _REPOSITORY.parent / "shared/data/followbench/en"
    if not folder.is_dir():
        pytest.skip(f"the released FollowBench files are not at {folder}")
    read = configuration("followbench")
    parameters = read["parameters"]["evaluation"]
    params, sampling = PackParams(**parameters["pack"]), Sampling(**parameters["sampling"])
    catalog = DataCatalog.from_config({"pack": read["catalog"]["pack"] | {"source": str(folder)}})
    pack = catalog.load("pack")
    responses = [_completion(item, "") for item in pack]
    judgements = judge_by_rules(pack, responses, None, params)
    card = score_judgements(pack, responses, judgements, {}, _REF, params, sampling, Resampling(replicates=10))
    assert (card["n_items"], card["n_scored"], card["n_not_scored"]) == (820, 350, 470)
    assert card["not_scored"] == {"no-judge": 470}
    # silence passes the five levels of the group with a bare wrapper, one of 40
    assert card["categories"]["example"]["hsr"] == [1 / 40] * 5
    assert card["categories"]["style"]["hsr"] == [None] * 5
    assert card["upstream"]["hsr"]["example"] == [2.5] * 5
    assert card["pack"] == {
        "name": "followbench",
        "digest": card["pack"]["digest"],
        "language": "en",
        "rules": "upstream-parity",
    }


def test_the_pack_suite_passes_the_almanacs_pack_and_stops_a_gap_in_the_levels(pack):
    from quintain.quality.check import check

    suite = yaml.safe_load((_REPOSITORY / "conf/base/expectations/pack.yml").read_text())
    assert check("pack", pack, suite)["passed"]
    assert not check("pack", [item for item in pack if item.level != 3], suite)["passed"]
    rule = (Rule(kind="count", value="3"),)
    blank = [dataclasses.replace(item, id="", instruction=" \n", rules=rule) for item in pack]
    assert not check("pack", blank, suite)["passed"]
