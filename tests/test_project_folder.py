"""A run that is started in a subfolder works in the project's folder, where the paths of its configuration begin."""

import logging
from pathlib import Path

import pytest
from kedro.framework.project import LOGGING

from quintain import quiet_tools
from quintain.project_folder import enter_project


@pytest.fixture
def below(tmp_path, monkeypatch):
    """A folder of a project of ours, with the shell in it."""
    (tmp_path / "pyproject.toml").write_text('[tool.kedro]\npackage_name = "quintain"\n')
    folder = tmp_path / "data/01_raw"
    folder.mkdir(parents=True)
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.parametrize("arguments", [["run"], ["run", "--env", "smoke"], ["viz", "run", "--port", "4141"]])
def test_runs_and_viz_work_in_the_projects_folder(below, arguments):
    enter_project(arguments)
    assert Path.cwd() == below.parents[1]


@pytest.mark.parametrize(
    "arguments",
    [[], ["--version"], ["jupyter", "notebook"], ["run", "--conf-source", "mine"], ["run", "--config=mine.yml"]],
)
def test_what_has_paths_of_the_shells_own_stays_there(below, arguments):
    enter_project(arguments)
    assert Path.cwd() == below


def test_a_project_of_others_and_no_project_are_left_alone(below, tmp_path, monkeypatch):
    (tmp_path / "pyproject.toml").write_text('[tool.kedro]\npackage_name = "theirs"\n')
    enter_project(["run"])
    assert Path.cwd() == below
    (tmp_path / "pyproject.toml").unlink()
    enter_project(["run"])
    assert Path.cwd() == below


def test_the_projects_logging_takes_the_place_of_the_one_that_kedro_found_from_below(below, monkeypatch):
    monkeypatch.setattr(LOGGING, "data", LOGGING.data)
    monkeypatch.setattr(logging.getLogger("kedro.of_this_test"), "level", logging.INFO)
    monkeypatch.delenv("KEDRO_LOGGING_CONFIG", raising=False)
    (below.parents[1] / "conf").mkdir()
    (below.parents[1] / "conf/logging.yml").write_text(
        "version: 1\nincremental: true\nloggers:\n  kedro.of_this_test: {level: ERROR}\n"
    )
    enter_project(["run"])
    assert logging.getLogger("kedro.of_this_test").level == logging.ERROR


def test_kedro_asks_for_it_before_any_command(below, monkeypatch):
    monkeypatch.setattr("sys.argv", ["kedro", "run"])
    quiet_tools.before_kedro()
    assert Path.cwd() == below.parents[1]
