"""From prompts and a student to bridged pairs and the student that prefers them, with the real catalog and oracle."""

from pathlib import Path

import pytest
from kedro.validation.type_extractor import TypeExtractor

from quintain.methods.bmc.bridge import BridgeParams
from quintain.models.language_model import Sampling
from quintain.models.ledger import Ledger
from quintain.models.roles import Roles
from quintain.pipelines.preference import create_pipeline
from quintain.pipelines.preference.losers import LoserParams
from quintain.pipelines.preference.pairs import PairParams
from quintain.quality.check import check
from quintain.training.preference.arms import SweepParams
from quintain.training.preference.params import PreferenceParams
from quintain.training.preference.tokenized_pairs import TokenizationParams
from tests.lifecycles import tree
from tests.pipelines.preference.pairs import START, row_of
from tests.project_configuration import configuration, expectations


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


def test_a_second_run_asks_no_model_again(run):
    run()
    before = {(account.role, account.calls) for account in Ledger(Path("data/ledger.sqlite")).accounts()}
    run(learning_rate=2e-3)
    after = {(account.role, account.calls) for account in Ledger(Path("data/ledger.sqlite")).accounts()}
    assert {role for role, _ in before} == {"bridger", "judge", "student"}
    assert after == before


@pytest.mark.parametrize(("distance", "original"), [(0.0, 0.5), (0.6, 0.5)])
def test_the_suite_stops_pairs_that_are_equal_or_were_led_apart(distance, original):
    suite = expectations("preference_tokens")["preference_tokens"]
    assert check("preference_tokens", [row_of(1), row_of(2)], suite)["passed"]
    assert not check("preference_tokens", [row_of(1), row_of(2, distance, original)], suite)["passed"]


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
