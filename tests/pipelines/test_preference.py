"""From prompts and a student to bridged pairs and the student that prefers them, with the real catalog and oracle."""

import itertools
import json
import random
from pathlib import Path

import pytest
import yaml
from kedro.config import OmegaConfigLoader
from kedro.io import DataCatalog, MemoryDataset
from kedro.runner import SequentialRunner
from kedro.validation.type_extractor import TypeExtractor

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
from quintain.pipelines.preference.pairs import LoserParams, PairParams, bridge_losers, find_losers
from quintain.quality.check import check
from quintain.records import InstructionPair, Origin, PreferencePair, TokenizedPair
from quintain.students import PREFERENCE_START
from quintain.training.preference.params import PreferenceParams
from quintain.training.preference.rows import RowParams

REPOSITORY = Path(__file__).parents[2]
ROLES = {"bridger": {"backend": "oracle"}, "judge": {"backend": "oracle"}}


def configuration(environment):
    return OmegaConfigLoader(
        conf_source=str(REPOSITORY / "conf"),
        base_env="base",
        default_run_env=environment,
        merge_strategy={"parameters": "soft"},
    )


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
    folder = tmp_path_factory.mktemp("models") / PREFERENCE_START
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

    def run_pipeline(pairs=None, **training):
        settings = {"steps": 4, "batch_size": 4, "learning_rate": 1e-3, **training}
        catalog = DataCatalog.from_config(
            {name: entry for name, entry in entries.items() if not name.startswith(("instruction_pairs", "world"))}
        )
        catalog["instruction_pairs"] = MemoryDataset(gold)
        catalog["world"] = MemoryDataset(world_as_json(world))
        catalog[f"{PREFERENCE_START}.model@ref"] = MemoryDataset(model_ref(student))
        catalog.save("synthesis_preferences", given)
        for name, suite in suites.items():
            catalog[f"{name}_suite"] = MemoryDataset(suite)
        for name, value in {
            "roles": Roles(ledger="data/ledger.sqlite", bindings=ROLES),
            "preference.losers": LoserParams(source="both", prompts=50),
            "preference.sampling": Sampling(temperature=1.0, max_new_tokens=8),
            "preference.bridging": BridgeParams(),
            "preference.pairs": pairs or PairParams(),
            "preference.rows": RowParams(max_length=256),
            "preference.training": PreferenceParams(**settings),
            "preference.arm_steps": 1,
        }.items():
            catalog[f"params:{name}"] = MemoryDataset(value)
        SequentialRunner().run(create_pipeline(), catalog)
        return catalog

    return run_pipeline


def test_pairs_are_bridged_reported_and_learned(run):
    catalog = run()
    rows = catalog.load("preference_tokens")
    assert rows
    assert all(row.edit_distance <= row.original_distance for row in rows)
    report = catalog.load("preference_report")
    assert report["edit_distance"]["after_mean"] < report["edit_distance"]["before_mean"]
    assert report["overlap"]["after"] > report["overlap"]["before"]
    # Every stage hands on to the next: what entered is what passed and what was dropped.
    stages = list(report["funnel"].values())
    assert all(stage["entered"] == stage["passed"] + sum(stage["dropped"].values()) for stage in stages)
    assert stages[-1]["passed"] == report["pairs"] == len(rows)
    assert report["edited_share"]["levenshtein"]["same"] == 1
    assert "diff `levenshtein`" in catalog.load("preference_card")
    assert Path("data/06_models/bmc/model.safetensors").is_file()
    summary = catalog.load("bmc.training")
    assert (summary["start"], summary["pairs"], summary["weighted"]) == (PREFERENCE_START, "bridged", True)
    assert set(catalog.load("bmc.arms")["arms"]) == {"DPO", "MC", "BC", "BMC", "DPO-matched", "BC-matched"}
    assert 0 <= catalog.load("bmc.preference")["accuracy"] <= 1
    assert "Where bmc looks" in catalog.load("bmc.token_credit")
    for picture in ("data/08_reporting/preference/pairs.png", "data/08_reporting/bmc/preference.png"):
        assert Path(picture).read_bytes()[:4] == b"\x89PNG"


def test_the_same_pairs_can_be_learned_as_they_were_and_without_weights(run):
    catalog = run(PairParams(pairs="original"), delta=None)
    assert catalog.load("bmc.training")["effective_beta"] == 0.1
    rows = catalog.load("preference_tokens")
    assert all(row.edit_distance == row.original_distance for row in rows)
    assert catalog.load("bmc.arms")["arms"] == {}


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
    learned, unseen = hold_out(rows, PairParams(held_out=0.25))
    assert (len(learned), len(unseen)) == (30, 10)
    assert not {row.prompt_ids for row in learned} & {row.prompt_ids for row in unseen}
    with pytest.raises(RecordError, match="1 pairs of 1 prompts cannot be split"):
        hold_out(rows[:1], PairParams())


def test_nothing_to_bridge_and_nothing_bridged_are_clear_errors(world, gold, student, tmp_path):
    roles = Roles(ledger=str(tmp_path / "ledger.sqlite"), bindings=ROLES)
    with pytest.raises(RecordError, match=r"no losing response was found \(0 given pairs, 60 prompts"):
        find_losers(gold, [], model_ref(student), LoserParams(source="given", prompts=9), Sampling(), roles)
    with pytest.raises(ConfigError, match="2 samples at temperature 0 are all the same"):
        find_losers(gold, [], model_ref(student), LoserParams(prompts=9, samples=2), Sampling(), roles)
    good = [PreferencePair(prompt=pair.instruction, chosen="Hm.", rejected=pair.response) for pair in gold[:3]]
    with pytest.raises(RecordError, match=r"no losing response was bridged \(bridge: \{'good-enough': 3\}\)"):
        bridge_losers(good, BridgeParams(), PairParams(), roles, world_as_json(world))


@pytest.mark.parametrize(
    ("kind", "settings", "message"),
    [
        (LoserParams, {"prompts": 0}, "prompts and samples must be at least 1"),
        (LoserParams, {"prompts": 1, "source": "web"}, "source must be one of student, given, both"),
        (PairParams, {"pairs": "both"}, "pairs must be bridged or original"),
        (PairParams, {"held_out": 1.0}, r"held_out must be in \(0, 1\)"),
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
    RowParams(**parameters["rows"])
    PreferenceParams(**parameters["training"])


def test_kedro_finds_a_type_for_every_parameter():
    types = TypeExtractor({"preference": create_pipeline()}).extract_types_from_pipelines()
    assert types == {
        "preference.losers": LoserParams,
        "preference.sampling": Sampling,
        "preference.bridging": BridgeParams,
        "preference.pairs": PairParams,
        "preference.rows": RowParams,
        "preference.training": PreferenceParams,
        "roles": Roles,
    }


def test_the_origin_of_a_bridge_leads_to_prompt_and_pair(run):
    catalog = run()
    originals = {pair.id for pair in catalog.load("original_pairs")}
    for line in Path("data/03_primary/bridged_pairs.jsonl").read_text().splitlines():
        pair = json.loads(line)
        assert pair["origin"]["parents"][0] in originals
        assert pair["origin"]["prompt"].startswith("bmc/bridge_instruction@")
    assert isinstance(catalog.load("bridged_pairs")[0].origin, Origin)
