"""Stages behind a model, from what DVC itself wrote and from what would be hashed in its place."""

import subprocess
import sys

import pytest
import yaml

from quintain.registry.dvc_stages import dvc_md5, stages_behind

STAGES = """
stages:
  world:
    cmd: mkdir -p data/base && echo w > data/world.json && echo {} > data/base/config.json
    deps: [src/world.py]
    params: [conf/p.yml: [world.size]]
    outs: [data/world.json, data/base]
  tuning:
    cmd: mkdir -p data/webr && cat data/world.json > data/webr/config.json && echo 1 > data/loss.csv
    deps: [data/world.json, data/base]
    params: [conf/p.yml: [tuning]]
    outs: [data/webr]
    metrics: [data/loss.csv: {cache: false}]
  judging:
    cmd: echo 1 > data/score.json
    deps: [data/webr]
    outs: [data/score.json]
"""


def run(folder, program, *arguments):
    # dvc is the one of this very environment, whether or not it is on the path
    tool = [sys.executable, "-m", "dvc"] if program == "dvc" else [program]
    done = subprocess.run([*tool, *arguments], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """Three stages that DVC has run."""
    root = tmp_path_factory.mktemp("project")
    (root / "src").mkdir()
    (root / "src/world.py").write_text("1")
    (root / "conf").mkdir()
    (root / "conf/p.yml").write_text("world: {size: 3}\ntuning: {steps: 7}\n")
    (root / "dvc.yaml").write_text(STAGES)
    run(root, "git", "init", "-q")
    run(root, "dvc", "init", "-q")
    run(root, "dvc", "repro", "-q")
    return root


def locked(project):
    stages = yaml.safe_load((project / "dvc.lock").read_text())["stages"]
    return {out["path"]: out["md5"] for stage in stages.values() for out in stage["outs"]}


def test_files_and_folders_are_hashed_as_dvc_hashes_them(project):
    for path, md5 in locked(project).items():
        assert dvc_md5(project / path) == md5
    assert dvc_md5(project / "data/base").endswith(".dir")
    assert dvc_md5(project / "nothing") == ""


def test_a_model_has_the_stages_that_made_it_producers_first_and_no_later_ones(project):
    world, tuning = stages_behind(project, "data/webr")
    assert (world.name, tuning.name) == ("world", "tuning")
    assert world.command.startswith("mkdir -p data/base")
    assert tuning.inputs == {path: locked(project)[path] for path in ("data/base", "data/world.json")}
    assert tuning.outputs["data/webr"] == locked(project)["data/webr"]
    assert world.parameters == {"conf/p.yml:world.size": 3}
    assert tuning.parameters == {"conf/p.yml:tuning": {"steps": 7}}
    assert world.inputs["src/world.py"]  # DVC has hashed the code


def test_where_dvc_lock_speaks_of_another_model_the_files_are_hashed(project):
    config = project / "data/webr/config.json"
    former = config.read_text()
    config.write_text("trained by a plain kedro run")
    try:
        world, tuning = stages_behind(project, "data/webr")
        assert tuning.outputs["data/webr"] == dvc_md5(project / "data/webr") != locked(project)["data/webr"]
        assert tuning.inputs["data/world.json"] == locked(project)["data/world.json"]
        assert world.inputs == {"src/world.py": ""}  # the commit names code
        assert world.parameters == {"conf/p.yml:world.size": 3}
        assert set(tuning.outputs) == {"data/webr", "data/loss.csv"}
    finally:
        config.write_text(former)


def test_what_no_stage_writes_has_none_behind_it(project, tmp_path):
    assert stages_behind(project, "data/elsewhere") == ()
    assert stages_behind(tmp_path, "data/webr") == ()
