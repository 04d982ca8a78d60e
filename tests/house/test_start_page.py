"""A newcomer's walk through docs/start.md: every command works, and nothing leaves the machine."""

import json

import pytest
import yaml
from mlflow import MlflowClient

from quintain.registry.ancestry import read_lineage

pytestmark = pytest.mark.timeout(900)


def test_every_command_of_the_start_page_works(walk):
    assert walk.exit_code == 0, walk.output[-6000:]


def test_no_tool_asks_the_network_for_anything(walk):
    assert walk.requests == []


def test_every_pipeline_is_listed(walk):
    for name in ("__default__", "world", "synthesis", "finetuning", "evaluation", "registration"):
        assert f"- {name}" in walk.output


@pytest.mark.parametrize("student", ["base", "webr", "bmc"])
def test_each_student_has_a_scorecard_and_a_version(walk, student):
    reporting = walk.project / "data/smoke/08_reporting" / student
    scorecard = json.loads((reporting / "almanac/scorecard.json").read_text())
    assert scorecard["n_scored"] == scorecard["n_items"] > 0
    assert json.loads((reporting / "registration.json").read_text())["version"]


def test_a_smoke_run_writes_apart_and_crowns_nobody(walk):
    others = {path.name for path in (walk.project / "data").iterdir() if path.name[0] != "0"}
    assert others - {"ledger.sqlite.lock"} == {"ledger.sqlite", "smoke"}
    assert list((walk.project / "data/06_models").iterdir()) == [walk.project / "data/06_models/.gitkeep"]
    # What knows nothing fails every item, or passes one by chance.
    assert "macro HSR of a first champion" in walk.output
    assert "(champion" not in walk.output


def test_the_lineage_of_a_smoke_student_has_the_stages_parameters_and_calls_of_the_smoke_run(walk):
    client = MlflowClient(f"sqlite:///{walk.project}/mlflow.db")
    (version,) = client.search_model_versions("name = 'quintain-student' and tags.student = 'bmc'")
    lineage = read_lineage(client, version)
    assert lineage.dvc_path == "data/smoke/06_models/bmc"
    stages = {stage.name: stage for stage in lineage.stages}
    assert {"world", "synthesis", "finetuning-webr", "preference-bmc"} <= stages.keys()
    assert stages["preference-bmc"].command.endswith("--pipelines preference --namespaces bmc --env smoke")
    assert stages["preference-bmc"].outputs["data/smoke/06_models/bmc"] == lineage.dvc_md5 != ""
    smoke = yaml.safe_load((walk.project / "conf/smoke/parameters_world.yml").read_text())
    assert stages["world"].parameters["conf/smoke/parameters_world.yml:world.world"] == smoke["world"]["world"]
    assert {call["stage"] for call in lineage.calls} >= {"synthesis", "preference"}


def test_every_gate_left_its_report(walk):
    reports = {path.stem for path in (walk.project / "data/smoke/08_reporting/expectations").rglob("*.json")}
    assert {"pages", "instruction_pairs", "pack"} <= reports


def test_nothing_half_written_is_left(walk):
    assert list((walk.project / "data").rglob("*.tmp*")) == []
