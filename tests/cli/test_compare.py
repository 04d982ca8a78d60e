"""`quintain compare A B --set FILE`: what it costs first, then who is preferred, and everything in a file."""

import json
import shutil
import sqlite3
from contextlib import closing

import pytest
import yaml
from click.testing import CliRunner

from quintain.almanac.users import user_instructions
from quintain.almanac.world import WorldParams, make_world, world_as_json
from quintain.cli import judged_comparison, new
from quintain.cli.compare import command
from quintain.edit_memory import EditMemory
from quintain.errors import ConfigError, QualityError
from quintain.methods.lte import Edit, HashedNgrams
from quintain.models.language_model import Sampling
from quintain.models.oracle import OracleModel
from tests.scripted_model import Scripted

WORLD = make_world(WorldParams(towns=8, fresh_towns=4, persons=8))


@pytest.fixture
def project(tmp_path, tiny_student, monkeypatch):
    """A project with a world, an instruction set about it, and two students."""
    root = tmp_path / "mine"
    new.lay_out(root)
    (root / "data/01_raw").mkdir(parents=True, exist_ok=True)
    (root / "data/01_raw/world.json").write_text(json.dumps(world_as_json(WORLD)))
    asked = {each.prompt: each for each in user_instructions(WORLD, 40, tail=0.0, skew=0.0, seed=1)}
    rows = [{"instruction": text, "category": each.category} for text, each in asked.items()]
    (root / "set.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    for student in ("good", "poor"):
        shutil.copytree(tiny_student, root / f"data/06_models/{student}")
    monkeypatch.chdir(root)
    return root


@pytest.fixture
def students(monkeypatch):
    """The first to respond is the oracle, the second says one thing; both stand in for what the weights would say."""
    voices = [OracleModel(world_as_json(WORLD), Sampling()), Scripted("I do not know.")]
    respond = judged_comparison.respond
    monkeypatch.setattr(judged_comparison, "respond", lambda asked, _: respond(asked, voices.pop(0)))


def run(*arguments, **settings):
    return CliRunner().invoke(command, [*arguments, "--set", "set.jsonl"], catch_exceptions=False, **settings)


def test_the_better_student_is_preferred_and_all_is_kept(project, students):
    done = run("good", "poor")
    assert done.exit_code == 0
    forecast, report = done.stderr, done.stdout
    n = len((project / "set.jsonl").read_text().splitlines())
    assert forecast.startswith(f"{n} instructions of set: {2 * (n + 10)} questions to judge, about ")
    assert report.startswith("good is preferred to poor: it wins ")
    document = json.loads((project / "data/08_reporting/comparisons/good-vs-poor-set.json").read_text())
    assert [side["name"] for side in document["sides"]] == ["good", "poor"]
    assert len(document["outcomes"]) == n
    assert document["win_rate"]["as_judged"]["value"] > 0.8
    assert set(document["win_rate"]["length"]) == {"value", "low", "high"}
    assert document["trial"]["correct"] >= 7
    assert (project / "data/08_reporting/comparisons/good-vs-poor-set.md").read_text().startswith("good is preferred")


def test_a_judge_that_cannot_tell_is_not_believed(project):
    # The tiny students write noise, whatever they are asked: nobody could tell a response from one to another question.
    with pytest.raises(QualityError, match="the judge .* is not fit to compare"):
        run("good", "poor", "--limit", "12", "--max-new-tokens", "2")


def test_a_student_with_a_memory_responds_under_it(project):
    asked = [json.loads(line)["instruction"] for line in (project / "set.jsonl").read_text().splitlines()][:12]
    with EditMemory.open(project / "data/06_models/good_memory", HashedNgrams()) as memory:
        town = next(name for name in WORLD.pools["town"] if name in asked[0])
        memory.add([Edit(subject=town, prompt=asked[0], target_new="Ada Brook")])
        passed = [text for text in asked if any(hit.passed for hit in memory.search(text))]
    assert asked[0] in passed
    # Both write noise, so that no comparison comes of it; what they were asked stands in the ledger.
    with pytest.raises(QualityError, match="not fit to compare"):
        run("good", "poor", "--limit", "12", "--max-new-tokens", "2")
    with closing(sqlite3.connect(project / "data/ledger.sqlite")) as ledger:
        calls = ledger.execute("SELECT model, prompt FROM calls WHERE role = 'student'").fetchall()
    edited = [model for model, prompt in calls if prompt.startswith("lte/edited@")]
    assert len(edited) == len(passed)
    assert all(model.startswith("local:good@") for model in edited)


def test_a_judge_behind_an_address_is_asked_for_consent_with_the_price(project):
    judge = {
        "backend": "openai",
        "address": "http://localhost:9/v1",
        "model": "j",
        "price": {"input": 100, "output": 0},
    }
    path = project / "conf/base/parameters_roles.yml"
    settings = yaml.safe_load(path.read_text())
    settings["roles"]["bindings"]["judge"] = judge
    path.write_text(yaml.safe_dump(settings))
    with pytest.raises(ConfigError, match="may cost money; say --yes to ask it"):
        run("good", "poor")
    assert not (project / "data/ledger.sqlite").exists()


def test_a_judge_that_nobody_is_bound_to_is_said(project):
    with pytest.raises(ConfigError, match="no model is bound to 'judge/second'"):
        run("good", "poor", "--judge", "judge/second")
