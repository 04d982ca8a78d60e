"""docs/tutorials/my-preferences.md: own pairs, an own start, BMC and DPO beside each other."""

import json
import re

import pytest

from tests.endpoint_server import EndpointServer, said
from tests.house.tutorial import Tutorial

pytestmark = [pytest.mark.timeout(900), pytest.mark.slow]

PLACES = "ferry mill library station orchard theatre lighthouse market bakery bridge museum quarry".split()
SIZES = {
    "parameters_preference": {
        "max_length: 512": "max_length: 128",
        "steps: 40": "steps: 2",
        "batch_size: 4": "batch_size: 2",
        "r: 16": "r: 4",
    },
    "parameters_evaluation": {"max_new_tokens: 256": "max_new_tokens: 8"},
}


def bridger(call):
    """Mends the worse response where it hesitates, and finds every bridge as good."""
    if worse := re.search(r"<worse>\n(.+)\n</worse>", call.prompt, re.DOTALL):
        return said(worse[1].replace(", I would say,", ","))
    return said("EQUAL")


def pairs():
    return [
        {"prompt": f"When does the {place} open?", "chosen": f"The {place} opens at {hour}.",
         "rejected": f"It opens, I would say, at {hour} or so, the {place}."}
        for hour, place in enumerate(PLACES, start=1)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def walk(tmp_path_factory, tiny_student, newcomer_env):
    """The walk to its end, on a model of random weights; a server on this machine writes the bridges."""
    environment = newcomer_env | {"MODEL": str(tiny_student), "no_proxy": "127.0.0.1", "NO_PROXY": "127.0.0.1"}
    walk = Tutorial("my-preferences.md", tmp_path_factory.mktemp("my-preferences"), environment)
    walk.run(0)
    walk.write("pairs.json", json.dumps(json.loads(walk.files["pairs.json"]) + pairs()))
    walk.run(1)
    walk.write("my-preferences/conf/hub/lifecycle.yml", walk.files["my-preferences/conf/hub/lifecycle.yml"])
    for title, sizes in SIZES.items():
        walk.write_smaller(f"my-preferences/conf/hub/{title}.yml", sizes)
    with EndpointServer(bridger) as server:
        own = walk.files["my-preferences/conf/local/globals.yml"]
        own = own.replace("http://localhost:8000/v1", server.address).replace("pack: 4", "pack: 1")
        walk.write("my-preferences/conf/local/globals.yml", own)
        for number in range(2, len(walk.blocks)):
            walk.run(number)
        walk.asked = len(server.calls)
    return walk


def reported(walk, *path):
    return json.loads(walk.inside.joinpath("data/08_reporting", *path).read_text())


def test_what_prefers_nothing_is_dropped_and_the_rest_is_learned_from(walk):
    assert "kept 13 of 14" in walk.output
    assert json.loads((walk.inside / "data/01_raw/given/dropped.jsonl").read_text())["reason"] == "equal"


def test_only_bmc_asks_a_bridger_and_changes_the_pairs(walk):
    bridged = (walk.inside / "data/03_primary/bmc/bridged_pairs.jsonl").read_text().splitlines()
    assert 0 < len(bridged) <= 13
    assert all(", I would say," not in json.loads(line)["chosen"] for line in bridged)
    assert (walk.inside / "data/03_primary/dpo/bridged_pairs.jsonl").read_text() == ""
    assert walk.asked > 0
    assert "bridger" in walk.output


def test_both_come_from_the_model_and_are_registered(walk):
    starts = {reported(walk, name, "training.json")["start_digest"] for name in ("dpo", "bmc")}
    assert starts == {reported(walk, "base", "core", "scorecard.json")["model_digest"]}
    assert [reported(walk, name, "registration.json")["version"] for name in ("base", "dpo", "bmc")]


def test_they_stand_beside_each_other_on_the_same_items(walk):
    assert re.search(r"core: .*bmc.*dpo.*30 items", walk.output)
    assert (walk.inside / "data/08_reporting/scorecards/bmc-vs-dpo.html").is_file()
