"""The almanac's benchmark, from files as a project has them."""

import json
import random

import pytest

from quintain.almanac.pack import build_pack, task_of
from quintain.almanac.responses import respond
from quintain.almanac.world import world_as_json
from quintain.benchmarks.almanac import AlmanacBenchmark
from quintain.datasets import RecordsDataset
from tests.pipelines.evaluation.asking import completion


@pytest.fixture(scope="session")
def almanac_under(world, tmp_path_factory):
    """Opens the almanac's benchmark under some rules."""
    folder = tmp_path_factory.mktemp("almanac")
    (folder / "world.json").write_text(json.dumps(world_as_json(world)))
    file = str(folder / "pack.jsonl")
    RecordsDataset(filepath=file, record="ConstraintItem").save(build_pack(world, groups_per_category=2, seed=0))
    return lambda rules: AlmanacBenchmark(filepath=file, world=str(folder / "world.json"), rules=rules)


@pytest.fixture(scope="session")
def almanac(almanac_under):
    return almanac_under("almanac")


@pytest.fixture(scope="session")
def pack(almanac):
    return almanac.items


@pytest.fixture(scope="session")
def oracle_responses(world, pack):
    rng = random.Random(0)
    return [completion(item, respond(task_of(item), world.facts[task_of(item).subject], rng)) for item in pack]
