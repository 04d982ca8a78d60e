"""Lineage reads git as it is, and survives its way through the registry."""

import json
import subprocess

import pytest

from quintain.registry.dvc_stages import StageRecord
from quintain.registry.lineage import Lineage, git_state
from quintain.registry.weights import Weights


def git(folder, *arguments):
    subprocess.run(
        ["git", "-c", "user.name=t", "-c", "user.email=t@t", *arguments], cwd=folder, check=True, capture_output=True
    )


def test_a_commit_is_clean_until_tracked_code_changes(tmp_path):
    git(tmp_path, "init")
    (tmp_path / "code.py").write_text("1")
    (tmp_path / "README.md").write_text("1")
    (tmp_path / "data").mkdir()
    (tmp_path / "data/report.json").write_text("1")
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "-m", "one")
    commit, dirty = git_state(tmp_path)
    assert (len(commit), dirty) == (40, False)
    (tmp_path / "data/report.json").write_text("2")  # what a run writes is no change of code
    (tmp_path / "new.txt").write_text("untracked")
    assert git_state(tmp_path) == (commit, False)
    (tmp_path / "code.py").chmod(0o755)
    (tmp_path / "README.md").write_text("no model comes from this")
    assert git_state(tmp_path) == (commit, False)
    (tmp_path / "code.py").write_text("2")
    assert git_state(tmp_path) == (commit, True)


def test_outside_git_there_is_no_commit(tmp_path):
    assert git_state(tmp_path) == ("", False)


def test_empty_facts_make_no_tags():
    assert Lineage(git_commit="c", parents=("1", "2")).tags() == {
        "git.commit": "c", "git.dirty": "false", "parents": "1 2",
    }  # fmt: skip


WHOLE = Lineage(
    git_commit="c",
    git_dirty=True,
    dvc_path="data/06_models/lte",
    dvc_md5="1.dir",
    base=Weights("data/06_models/bmc", "b" * 64, "2.dir"),
    run_id="run",
    prompts=("a@1",),
    parents=("4",),
    parameters={"steps": "3"},
    stages=(
        StageRecord(
            name="world", command="x", inputs={"a": ""}, outputs={"b": "3"}, parameters={"p.yml:k": {"n": [1]}}
        ),
    ),
    calls=({"stage": "world", "calls": 3, "money": None},),
)


def test_a_lineage_comes_back_from_its_document_whole():
    assert Lineage.from_document(json.loads(json.dumps(WHOLE.document()))) == WHOLE
    assert Lineage.from_document(json.loads(json.dumps(Lineage().document()))) == Lineage()


def test_tags_name_the_base_of_an_adapter_and_lead_to_its_weights():
    tags = WHOLE.tags()
    assert (tags["base.path"], tags["base.digest"]) == ("data/06_models/bmc", "b" * 64)
    assert Weights.from_tags({**tags, "model.digest": "a" * 64}) == WHOLE.weights("a" * 64)


def test_tags_alone_give_as_much_of_a_lineage_as_they_hold():
    found = Lineage.from_tags(WHOLE.tags())
    assert (found.git_commit, found.git_dirty, found.parents, found.prompts) == ("c", True, ("4",), ("a@1",))
    assert found.stages == ()


@pytest.mark.parametrize(
    ("training", "start"),
    [
        ({}, "from scratch"),
        ({"source": "owner/model", "revision": "c0ffee"}, "from owner/model@c0ffee"),
        ({"source": "models/mine", "revision": ""}, "from models/mine"),
        ({"source": "models/mine", "licence": "mit"}, "from models/mine, licence mit"),
        ({"source": "a/b", "revision": "c0ffee", "licence": ""}, "from a/b@c0ffee, licence not stated"),
        ({"start": "elsewhere"}, "from a model made elsewhere"),
        ({"start": "base"}, "from base"),
    ],
)
def test_a_lineage_says_where_a_model_started(training, start):
    lineage = Lineage(parameters=training)
    assert lineage.start == start
    assert Lineage.from_tags(lineage.tags()).start == start
