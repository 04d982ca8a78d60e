"""`quintain new` lays out a project that Kedro opens."""

import signal
import subprocess
import sys
import tomllib

import pytest
import yaml
from click.testing import CliRunner

from quintain.cli import new
from quintain.data_root import data_root
from quintain.errors import ConfigError, RecordError
from quintain.registry.lineage import git_state
from quintain.registry.settings import TrackingSettings


def test_a_new_project_has_configuration_layers_and_no_personal_files(tmp_path):
    new.lay_out(tmp_path / "mine")
    project = tmp_path / "mine"
    assert (project / "conf/base/promotion.yml").is_file()
    assert (project / ".env").is_file()
    assert (project / "conf/base/expectations").is_dir()
    assert sorted(path.name for path in (project / "data").iterdir()) == list(new.LAYERS)
    assert [path.name for path in (project / "conf/local").iterdir()] == [".gitkeep"]


def test_a_folder_with_files_is_refused(tmp_path):
    (tmp_path / "note.txt").write_text("mine")
    with pytest.raises(ConfigError, match="is not empty"):
        new.lay_out(tmp_path)


def test_where_nothing_can_be_written_one_line_says_so(tmp_path):
    (tmp_path / "file").write_text("")
    done = CliRunner().invoke(new.command, [str(tmp_path / "file/mine")])
    assert isinstance(done.exception, RecordError)
    assert "could not be written: File exists" in str(done.exception)


def test_a_tool_that_fails_leaves_no_folder_behind(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))  # no git
    done = CliRunner().invoke(new.command, [str(tmp_path / "mine")])
    assert isinstance(done.exception, ConfigError)
    assert "`git init --quiet` failed in the project that was laid out for " in str(done.exception)
    assert list(tmp_path.iterdir()) == []


def test_a_project_that_is_killed_half_way_does_not_have_its_name_yet(tmp_path):
    laid_out = (
        "import os, signal, subprocess\n"
        "from quintain.cli import cli\n"
        "subprocess.run = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)\n"
        f"cli(['new', {str(tmp_path / 'mine')!r}])\n"
    )
    killed = subprocess.run([sys.executable, "-c", laid_out], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert [path.name for path in tmp_path.iterdir()] != []
    assert not (tmp_path / "mine").exists()


def test_an_empty_folder_is_filled_in_place(tmp_path, monkeypatch):
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: subprocess.CompletedProcess([], 0, b"", b""))
    inode = tmp_path.stat().st_ino
    CliRunner().invoke(new.command, [str(tmp_path)], catch_exceptions=False)
    assert tmp_path.stat().st_ino == inode
    assert f'name = "{tmp_path.name}"' in (tmp_path / "pyproject.toml").read_text()


@pytest.mark.slow  # the walk through the start page does the same
def test_kedro_lists_the_pipelines_of_a_new_project(tmp_path):
    subprocess.run([sys.executable, "-m", "quintain", "new", "mine"], cwd=tmp_path, check=True, capture_output=True)
    listed = subprocess.run(
        [sys.executable, "-m", "kedro", "registry", "list"],
        cwd=tmp_path / "mine",
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    for name in ("world", "synthesis", "finetuning", "evaluation", "registration"):
        assert f"- {name}" in listed


@pytest.mark.parametrize("given", [False, True])
def test_a_project_on_a_pretrained_model_keeps_its_family_tree_and_says_what_it_needs(
    given, tmp_path, tiny_student, monkeypatch
):
    git_and_dvc = subprocess.CompletedProcess([], 0, b"", b"")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: git_and_dvc)
    student = ["--student", str(tiny_student)] if given else []
    done = CliRunner().invoke(
        new.command, [str(tmp_path / "real"), "--env", "smollm2", *student], catch_exceptions=False
    )
    assert ("models/smollm2" in done.output) is not given
    assert "world" not in done.output
    tree = yaml.safe_load((tmp_path / "real/conf/smollm2/lifecycle.yml").read_text())["students"]
    assert [*tree] == ["base", "sft", "lion", "bmc", "lte"]
    named = yaml.safe_load((tmp_path / "real/conf/smollm2/globals.yml").read_text())["student"]["source"]
    assert named == (str(tiny_student) if given else "./models/smollm2")


@pytest.mark.parametrize("known", [False, True])
def test_a_new_project_has_a_first_commit_by_whoever_git_knows(known, tmp_path, monkeypatch):
    for name in ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL", "EMAIL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", "/dev/null")
    (tmp_path / "gitconfig").write_text("[user]\n name = Ada\n email = ada@example.org\n" if known else "")
    run = subprocess.run

    def git_alone(command, **settings):
        return run(command, **settings) if command[0] == "git" else None

    monkeypatch.setattr(subprocess, "run", git_alone)
    done = CliRunner().invoke(new.command, [str(tmp_path / "mine")], catch_exceptions=False)
    assert done.exit_code == 0
    asked = {"cwd": tmp_path / "mine", "capture_output": True, "text": True, "check": True}
    author = run(["git", "log", "--format=%an <%ae>"], **asked).stdout.splitlines()
    assert author == ["Ada <ada@example.org>" if known else "Quintain <quintain@localhost>"]
    assert git_state(tmp_path / "mine")[1] is False
    kept = run(["git", "ls-files"], **asked).stdout.splitlines()
    assert {"pyproject.toml", "conf/base/promotion.yml", "data/01_raw/.gitkeep"} <= set(kept)


@pytest.mark.parametrize("environment", ["base", "smoke", "hub", "smollm2"])
def test_the_versioned_environment_writes_below_data_and_the_others_apart(environment, tmp_path):
    new.lay_out(tmp_path / "mine", environment=environment)
    homes = {name: data_root(tmp_path / "mine", name) for name in ("base", "core", "smoke", "hub", "smollm2")}
    apart = {name: home.relative_to(tmp_path / "mine").as_posix() for name, home in homes.items()}
    assert apart == {
        "base": "data", "core": "data", "smoke": "data/smoke", "hub": "data/hub", "smollm2": "data/smollm2",
        environment: "data",
    }  # fmt: skip


ODD_NAMES = [
    "q?1", "%41", 'a"b', "a'b", "a\nb", "a[b", "a]", "#1", "a{b}", "${a}", "a\\b", "-x", "~x", " a", "a ", "a:b", "a|b",
    "a*", "a\u2028b", "a\x00b", "a\udcffb", "n" * 250, "路" * 60,
]  # fmt: skip


@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_name_that_other_tools_would_misread_is_refused_before_anything_is_written(tmp_path, name):
    with pytest.raises(ConfigError, match=r"path|name"):
        new.lay_out(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["q?1", "%41"])
def test_a_folder_above_with_such_a_name_is_refused_too(tmp_path, name):
    (tmp_path / name).mkdir()
    with pytest.raises(ConfigError, match="the registry's address, TOML or a shell would misread"):
        new.lay_out(tmp_path / name / "mine")
    assert list((tmp_path / name).iterdir()) == []


@pytest.mark.parametrize("name", ["my project", "Größe", "路线", "a.b-c_d+e"])
def test_any_other_name_gives_a_project_that_says_its_name(tmp_path, name):
    new.lay_out(tmp_path / name)
    document = tomllib.loads((tmp_path / name / "pyproject.toml").read_text(encoding="utf-8"))
    assert document["project"]["name"] == document["tool"]["kedro"]["project_name"] == name


@pytest.mark.parametrize("name", ["q?1", "%41", "a#b"])
def test_the_registry_of_a_project_that_was_moved_to_such_a_place_is_refused(tmp_path, name):
    (tmp_path / name).mkdir()
    settings = TrackingSettings(uri="sqlite:///mlflow.db", experiment="a", model_name="b")
    with pytest.raises(ConfigError, match="cannot stand in a folder with"):
        settings.address(tmp_path / name)
