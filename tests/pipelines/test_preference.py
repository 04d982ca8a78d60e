"""From prompts and a student to bridged pairs and the student that prefers them, with the real catalog and oracle."""

import itertools
import json
import random
from pathlib import Path

import pytest
import yaml
from kedro.io import DataCatalog, MemoryDataset
from kedro.runner import SequentialRunner
from kedro.validation.type_extractor import TypeExtractor
from safetensors.torch import load_file

from quintain.almanac.corpus import chat
from quintain.almanac.world import WorldParams, make_world, world_as_json
from quintain.datasets.model_ref import model_ref
from quintain.errors import ConfigError, RecordError
from quintain.methods.bmc.bridge import BridgeParams
from quintain.models.language_model import Sampling
from quintain.models.ledger import Ledger
from quintain.models.roles import Roles
from quintain.pipelines.preference import create_pipeline
from quintain.pipelines.preference.nodes import hold_out
from quintain.pipelines.preference.pairs import LoserParams, PairParams, bridge_losers, find_losers, tokenize_pairs
from quintain.quality.check import check
from quintain.records import Completion, InstructionPair, Origin, PreferencePair, TokenizedPair
from quintain.training.preference.arms import SweepParams
from quintain.training.preference.params import PreferenceParams
from quintain.training.preference.tokenized_pairs import TokenizationParams
from tests.lifecycles import tree
from tests.oracle_binding import oracle_binding
from tests.project_configuration import configuration

REPOSITORY = Path(__file__).parents[2]
ORACLE = {"backend": "oracle", "world": "world.json"}
ROLES = {"bridger": ORACLE, "judge": ORACLE, "student": {"backend": "local"}}
START = "lion"


@pytest.fixture(scope="module")
def world():
    return make_world(WorldParams(towns=8, fresh_towns=4, persons=8))


@pytest.fixture(scope="module")
def gold(world):
    """Instructions with right responses, and for each a response to another instruction about the same town."""
    rng = random.Random(0)
    said = {}
    while len(said) < 60:
        passage = chat(world, rng)
        said[passage.instruction] = passage.text
    return [
        InstructionPair(instruction=instruction, response=text, kind="web-as-response")
        for instruction, text in said.items()
    ]


@pytest.fixture(scope="module")
def student(world, gold, tmp_path_factory):
    """A student with the tokenizer of its world, of random weights."""
    from quintain.training.pretraining import ArchitectureParams, small_llama
    from quintain.training.tokenizer import train_tokenizer

    texts = [text for pair in gold for text in (pair.instruction, pair.response)]
    tokenizer = train_tokenizer(texts * 5, [], vocab_size=600, context_tokens=256)
    folder = tmp_path_factory.mktemp("models") / START
    architecture = ArchitectureParams(hidden_size=32, layers=1, heads=2, feed_forward=32)
    small_llama(architecture, tokenizer, seed=0).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def given(world, gold):
    """What a student of some knowledge says: the response to another instruction."""
    return [
        PreferencePair(prompt=pair.instruction, chosen=pair.response, rejected=other.response)
        for pair, other in itertools.pairwise(gold)
        if pair.response != other.response
    ]


@pytest.fixture
def run(monkeypatch, tmp_path, world, gold, given, student):
    entries = configuration("base")["catalog"]
    suites = {
        name: yaml.safe_load((REPOSITORY / f"conf/base/expectations/{name}.yml").read_text())
        for name in ("bridged_pairs", "preference_tokens")
    }
    monkeypatch.chdir(tmp_path)

    def run_pipeline(pairs=None, losers=None, sweep=None, gold=gold, given=given, refereed=(), **training):
        settings = {"steps": 4, "batch_size": 4, "learning_rate": 1e-3, **training}
        catalog = DataCatalog.from_config(
            {name: entry for name, entry in entries.items() if not name.startswith(("instruction_pairs", "world"))}
        )
        catalog["instruction_pairs"] = MemoryDataset(gold)
        oracle_binding(".", world_as_json(world))
        catalog[f"{START}.model@ref"] = MemoryDataset(model_ref(student))
        catalog.save("synthesis_preferences", given)
        for name in ("lion_round_1", "lion_round_2", "lion_round_3"):
            catalog.save(f"{name}.preference_pairs", list(refereed) if name == "lion_round_2" else [])
        for name, suite in suites.items():
            catalog[f"{name}_suite"] = MemoryDataset(suite)
        for name, value in {
            "roles": Roles(ledger="data/ledger.sqlite", bindings=ROLES),
            "preference.losers": losers or LoserParams(source="both", prompts=50),
            "preference.sampling": Sampling(temperature=1.0, max_new_tokens=8),
            "preference.bridging": BridgeParams(),
            "preference.pairs": pairs or PairParams(),
            "preference.rows": TokenizationParams(max_length=256),
            "preference.training": PreferenceParams(**settings),
            "preference.sweep": sweep or SweepParams(steps=1),
        }.items():
            catalog[f"params:{name}"] = MemoryDataset(value)
        SequentialRunner().run(create_pipeline(tree()), catalog)
        return catalog

    return run_pipeline


def test_pairs_are_bridged_reported_and_learned(run):
    catalog = run()
    rows = catalog.load("bmc.preference_tokens")
    assert rows
    assert all(row.edit_distance <= row.original_distance for row in rows)
    report = catalog.load("bmc.preference_report")
    assert report["edit_distance"]["after_mean"] < report["edit_distance"]["before_mean"]
    assert report["overlap"]["after"] > report["overlap"]["before"]
    # Every stage hands on to the next: what entered is what passed and what was dropped.
    stages = list(report["funnel"].values())
    assert all(stage["entered"] == stage["passed"] + sum(stage["dropped"].values()) for stage in stages)
    assert stages[-1]["passed"] == report["pairs"] == len(rows)
    assert report["edited_share"]["levenshtein"]["same"] == 1
    assert "diff `levenshtein`" in catalog.load("bmc.preference_card")
    assert Path("data/06_models/bmc/model.safetensors").is_file()
    summary = catalog.load("bmc.training")
    assert (summary["start"], summary["pairs"], summary["weighted"]) == (START, "bridged", True)
    assert set(catalog.load("bmc.arms")["arms"]) == {"DPO", "MC", "BC", "BMC", "DPO-matched", "BC-matched"}
    assert "BC-matched" in catalog.load("bmc.arms_table")
    assert len(catalog.load("bmc.sweep")["trainings"]) == 6
    assert 0 <= catalog.load("bmc.preference")["accuracy"] <= 1
    assert "Where bmc looks" in catalog.load("bmc.token_credit")
    for picture in ("bmc/pairs", "bmc/preference", "bmc/arms"):
        assert Path(f"data/08_reporting/{picture}.png").read_bytes()[:4] == b"\x89PNG"


def test_the_same_pairs_can_be_learned_as_they_were_and_without_weights(run):
    catalog = run(PairParams(pairs="original"), delta=None)
    assert catalog.load("bmc.training")["effective_beta"] == 0.1
    rows = catalog.load("bmc.preference_tokens")
    assert all(row.edit_distance == row.original_distance for row in rows)
    assert catalog.load("bmc.arms")["arms"] == {}


def test_a_sweep_chooses_on_one_half_of_the_unseen_pairs_and_reports_on_the_other(run):
    catalog = run(PairParams(held_out=0.3), sweep=SweepParams(steps=1, beta_multiples=[1.0, 3.0]))
    arms = catalog.load("bmc.arms")
    unseen = hold_out(catalog.load("bmc.preference_tokens"), 0.3)[1]
    assert arms["held_out"] + arms["chosen_on"] == len(unseen)
    assert len(catalog.load("bmc.sweep")["trainings"]) == 4 * 2 + 2
    assert f"chosen on {arms['chosen_on']} other unseen pairs" in catalog.load("bmc.arms_table")


def test_what_the_referee_preferred_in_a_round_is_given_beside_the_by_product_of_synthesis(run, given):
    catalog = run(losers=LoserParams(source="given", prompts=50), given=given[:12], refereed=given[10:24])
    assert {pair.id for pair in catalog.load("bmc.original_pairs")} == {pair.id for pair in given[:24]}


def test_a_student_that_is_always_right_is_handed_on_as_it_is(run, gold, student, monkeypatch):
    said = {pair.instruction: pair.response for pair in gold}

    def right(_, requests):
        return [
            Completion(request_id=one.id, text=said[one.fields["instruction"]], finish_reason="stop")
            for one in requests
        ]

    monkeypatch.setattr("quintain.models.local.LocalModel.generate", right)
    catalog = run(losers=LoserParams(prompts=50))
    assert catalog.load("bmc.original_pairs") == catalog.load("bmc.preference_tokens") == []
    summary = catalog.load("bmc.training")
    assert (summary["steps"], summary["rows"]) == (0, 0)
    assert summary["reason"].startswith("0 prompts have a losing response to learn from")
    before, after = (load_file(Path(folder) / "model.safetensors") for folder in (student, "data/06_models/bmc"))
    assert before.keys() == after.keys()
    assert all(weight.equal(after[name]) for name, weight in before.items())
    assert catalog.load("bmc.preference_report")["funnel"]["losers"]["dropped"] == {"gold": 50}
    assert catalog.load("bmc.arms")["arms"] == catalog.load("bmc.preference") == {}
    assert "too few pairs to look at" in catalog.load("bmc.token_credit")


def test_a_student_with_few_faults_is_handed_on_as_it_is(run, given):
    catalog = run(losers=LoserParams(source="given", prompts=50), given=given[:5])
    summary = catalog.load("bmc.training")
    assert 0 < summary["rows"] <= 5
    assert summary["steps"] == 0
    assert "preference.pairs.fewest_prompts asks for 8" in summary["reason"]


def test_a_second_run_asks_no_model_again(run):
    run()
    before = {(account.role, account.calls) for account in Ledger(Path("data/ledger.sqlite")).accounts()}
    run(learning_rate=2e-3)
    after = {(account.role, account.calls) for account in Ledger(Path("data/ledger.sqlite")).accounts()}
    assert {role for role, _ in before} == {"bridger", "judge", "student"}
    assert after == before


def row_of(number, distance=0.4, original=0.5):
    return TokenizedPair(
        pair_id=f"{number:016x}", prompt_ids=(1, number), chosen_ids=(2,), rejected_ids=(3,), chosen_modified=(1,),
        rejected_modified=(1,), edit_distance=distance, original_distance=original,
    )  # fmt: skip


@pytest.mark.parametrize(("distance", "original"), [(0.0, 0.5), (0.6, 0.5)])
def test_the_suite_stops_pairs_that_are_equal_or_were_led_apart(distance, original):
    suite = yaml.safe_load((REPOSITORY / "conf/base/expectations/preference_tokens.yml").read_text())
    assert check("preference_tokens", [row_of(1), row_of(2)], suite)["passed"]
    assert not check("preference_tokens", [row_of(1), row_of(2, distance, original)], suite)["passed"]


def test_pairs_of_one_prompt_fall_on_one_side():
    rows = [row_of(prompt) for prompt in range(20)]
    rows += [TokenizedPair(**{**vars(row), "id": "", "chosen_ids": (9,)}) for row in rows]
    learned, unseen = hold_out(rows, 0.25)
    assert (len(learned), len(unseen)) == (30, 10)
    assert not {row.prompt_ids for row in learned} & {row.prompt_ids for row in unseen}
    with pytest.raises(RecordError, match="1 pairs of 1 prompts cannot be split"):
        hold_out(rows[:1], 0.1)


def test_no_pair_is_an_error_when_the_student_was_not_right(world, gold, student, tmp_path):
    roles = Roles(ledger=str(tmp_path / "ledger.sqlite"), bindings=ROLES)
    with pytest.raises(RecordError, match=r"no losing response was found \(0 given pairs, 60 prompts; dropped: none\)"):
        find_losers(gold, [], model_ref(student), LoserParams(source="given", prompts=9), Sampling(), roles)
    short = Sampling(max_new_tokens=1)
    with pytest.raises(RecordError, match=r"60 prompts; dropped: 9 unfinished\); see preference.losers"):
        find_losers(gold, [], model_ref(student), LoserParams(prompts=9), short, roles)
    with pytest.raises(ConfigError, match="2 samples at temperature 0 are all the same"):
        find_losers(gold, [], model_ref(student), LoserParams(prompts=9, samples=2), Sampling(), roles)


def test_no_bridge_is_an_error_unless_most_responses_were_good_enough(monkeypatch, world, gold, tmp_path):
    oracle_binding(tmp_path, world_as_json(world))
    monkeypatch.chdir(tmp_path)
    roles = Roles(ledger=str(tmp_path / "ledger.sqlite"), bindings=ROLES)
    good = [PreferencePair(prompt=pair.instruction, chosen="Hm.", rejected=pair.response) for pair in gold[:3]]
    bridged, dropped = bridge_losers(good, BridgeParams(), PairParams(), roles)
    assert bridged == []
    assert [one.reason for one in dropped] == ["good-enough"] * 3
    assert bridge_losers([], BridgeParams(), PairParams(), roles) == ([], [])
    short = BridgeParams(most_growth=1)
    bad = [PreferencePair(prompt=pair.instruction, chosen="Yes.", rejected="Hm.") for pair in gold[:3]]
    with pytest.raises(RecordError, match=r"no losing response was bridged \(dropped: 3 overgrown\)"):
        bridge_losers(bad, short, PairParams(), roles)


def test_pairs_that_are_all_too_long_are_an_error(given, student):
    with pytest.raises(RecordError, match=r"none of 3 pairs is a row \(dropped: 3 no-room\); see preference.rows"):
        tokenize_pairs(given[:3], given[:3], model_ref(student), TokenizationParams(max_length=2), PairParams())


@pytest.mark.parametrize(
    ("kind", "settings", "message"),
    [
        (LoserParams, {"prompts": 0}, "prompts and samples must be at least 1"),
        (LoserParams, {"prompts": 1, "source": "web"}, "source must be one of student, given, both"),
        (PairParams, {"pairs": "both"}, "pairs must be bridged, original or unbridged"),
        (PairParams, {"held_out": 1.0}, r"held_out must be in \(0, 1\)"),
        (PairParams, {"fewest_prompts": 1}, "fewest_prompts must be at least 2"),
    ],
)
def test_a_wrong_setting_is_named(kind, settings, message):
    with pytest.raises(ValueError, match=message):
        kind(**settings)


@pytest.mark.parametrize("environment", ["base", "smoke"])
def test_the_parameters_of_each_environment_have_their_types(environment):
    parameters = configuration(environment)["parameters"]["preference"]
    LoserParams(**parameters["losers"])
    Sampling(**parameters["sampling"])
    BridgeParams(**parameters["bridging"])
    PairParams(**parameters["pairs"])
    TokenizationParams(**parameters["rows"])
    PreferenceParams(**parameters["training"])
    SweepParams(**parameters["sweep"])


def test_kedro_finds_a_type_for_every_parameter():
    types = TypeExtractor({"preference": create_pipeline(tree())}).extract_types_from_pipelines()
    assert types == {
        "preference.losers": LoserParams,
        "preference.sampling": Sampling,
        "preference.bridging": BridgeParams,
        "preference.pairs": PairParams,
        "preference.rows": TokenizationParams,
        "preference.training": PreferenceParams,
        "preference.sweep": SweepParams,
        "roles": Roles,
    }


def test_the_origin_of_a_bridge_leads_to_prompt_and_pair(run):
    catalog = run()
    originals = {pair.id for pair in catalog.load("bmc.original_pairs")}
    for line in Path("data/03_primary/bmc/bridged_pairs.jsonl").read_text().splitlines():
        pair = json.loads(line)
        assert pair["origin"]["parents"][0] in originals
        assert pair["origin"]["prompt"].startswith("bmc/bridge_instruction@")
    assert isinstance(catalog.load("bmc.bridged_pairs")[0].origin, Origin)
