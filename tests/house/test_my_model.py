"""docs/tutorials/my-model.md: from a model folder to a page, and a second model beside it."""

import json
import re
import shutil
import tomllib
from pathlib import Path

import pytest
from safetensors.torch import load_file, save_file

from tests.house.tutorial import PAGES, Tutorial

pytestmark = pytest.mark.timeout(900)

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def walk(tmp_path_factory, tiny_student, newcomer_env):
    """The walk after the run, on a model of random weights and few items."""
    folder = tmp_path_factory.mktemp("my-model")
    other = shutil.copytree(tiny_student, folder / "other")
    weights = load_file(other / "model.safetensors")
    save_file(
        {name: tensor.roll(1, 0) for name, tensor in weights.items()}, other / "model.safetensors", {"format": "pt"}
    )
    walk = Tutorial("my-model.md", folder, {**newcomer_env, "MODEL": str(tiny_student), "OTHER": str(other)})
    walk.run(0)
    walk.write("my-model/conf/local/globals.yml", "pack: 1\n")
    small = walk.files["my-model/conf/local/parameters.yml"].replace("max_new_tokens: 256", "max_new_tokens: 8")
    walk.write("my-model/conf/local/parameters.yml", small)
    walk.run(1)
    return walk


def test_the_files_of_the_page_make_the_run_small(walk):
    assert walk.files["my-model/conf/local/globals.yml"] == "pack: 4\n"
    card = json.loads((walk.inside / "data/08_reporting/base/core/scorecard.json").read_text())
    assert (card["n_items"], card["n_scored"], card["sampling"]["max_new_tokens"]) == (30, 30, 8)


def test_the_leaderboard_names_the_model_and_its_pages_have_every_instruction(walk):
    shown = walk.run(2)
    assert "base v1" in shown
    for page in ("data/08_reporting/base/core/scorecard.html", "data/08_reporting/scorecards/base.html"):
        assert "are not at hand" not in (walk.inside / page).read_text()


def test_a_second_folder_is_compared_item_by_item_and_becomes_no_student(walk):
    shown = walk.run(3)
    said = r"core: .*(base .* other|between base and other).* points of macro HSR, 95 % interval .*, 30 items"
    assert re.search(said, shown)
    number = r"[-+][\d.]+"
    row = rf"\| core +\| +HSR mean +\|.*\].*\| +[\d.]+ \[.*\] +\| +{number} +\| +{number} to {number} +\|"
    assert re.search(row, shown)
    assert (walk.inside / "data/08_reporting/scorecards/base-vs-other.html").is_file()
    assert [path.name for path in (walk.inside / "data/06_models").iterdir() if path.is_dir()] == ["base"]


def test_what_the_page_installs_is_there_under_that_name():
    page = (PAGES / "my-model.md").read_text(encoding="utf-8")
    assert "pip install --constraint quintain/constraints.txt ./quintain" in page
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["name"] == "quintain"
    assert (ROOT / "constraints.txt").is_file()
