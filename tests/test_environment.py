"""The environment that a project versions."""

import pytest
from kedro.config import MissingConfigException

from quintain.environment import as_everybody_reads, environments, layers, versioned_environment
from quintain.errors import ConfigError
from quintain.settings import CONFIG_LOADER_ARGS, CONFIG_LOADER_CLASS


@pytest.fixture
def project(tmp_path):
    for environment, steps in {"base": 1, "hub": 2, "local": 3, ".hidden": 4}.items():
        (tmp_path / "conf" / environment).mkdir(parents=True)
        (tmp_path / "conf" / environment / "parameters.yml").write_text(f"steps: {steps}\n{environment[-4:]}: 1\n")

    def names(environment):
        text = "[tool.kedro]\n" if environment is None else f'[tool.quintain]\nenvironment = "{environment}"\n'
        (tmp_path / "pyproject.toml").write_text(text)
        return tmp_path

    return names


@pytest.mark.parametrize(
    ("named", "environment", "merged"),
    [
        (None, "base", ["base", "local"]),
        ("base", "base", ["base", "local"]),
        ("hub", "hub", ["base", "hub", "local"]),
    ],
)
def test_pyproject_names_it(project, named, environment, merged):
    assert versioned_environment(project(named)) == environment
    assert layers(project(named)) == merged


def test_a_folder_without_pyproject_has_base_alone(tmp_path):
    assert versioned_environment(tmp_path) == "base"
    assert environments(tmp_path) == []


@pytest.mark.parametrize("named", ["hubb", "local", ".hidden"])
def test_one_that_cannot_be_versioned_is_refused_with_those_that_can(project, named):
    with pytest.raises(
        ConfigError,
        match=rf"tool\.quintain\.environment is '{named}', which is no environment to version; conf/ holds base, hub$",
    ):
        versioned_environment(project(named))


def read(root, env=None, **settings):
    return CONFIG_LOADER_CLASS(conf_source=str(root / "conf"), env=env, **settings, **CONFIG_LOADER_ARGS)


EVERY_WAY = [(None, None), ("hub", None), ("hub", "base"), (None, "hub"), (None, "base"), ("hub", "local")]


@pytest.mark.parametrize(("named", "env"), EVERY_WAY)
def test_local_wins_under_every_environment(project, named, env):
    assert read(project(named), env)["parameters"]["steps"] == 3
    assert read(project(named), env, runtime_params={"steps": 9})["parameters"]["steps"] == 9


@pytest.mark.parametrize(
    ("named", "env", "steps"), [(None, None, 1), ("hub", None, 2), ("hub", "base", 1), (None, "hub", 2)]
)
def test_neither_a_stage_of_dvc_nor_what_others_get_reads_local(project, named, env, steps, monkeypatch):
    root = project(named)
    with as_everybody_reads(root):
        assert read(root, env)["parameters"]["steps"] == steps
        assert "local" not in layers(root)
    assert layers(root)[-1] == "local"
    monkeypatch.setenv("DVC_STAGE", "finetuning")
    assert read(root, env)["parameters"]["steps"] == steps
    assert "local" not in layers(root)


def test_without_local_settings_the_environment_is_what_counts(project):
    root = project("hub")
    (root / "conf/local/parameters.yml").unlink()
    assert read(root)["parameters"]["steps"] == 2
    (root / "conf/local").rmdir()
    assert read(root)["parameters"]["steps"] == 2


def test_a_kind_of_file_that_local_alone_has_is_read(project):
    root = project("hub")
    with pytest.raises(MissingConfigException):
        read(root)["credentials"]
    (root / "conf/local/credentials.yml").write_text("KEY: mine\n")
    assert read(root)["credentials"] == {"KEY": "mine"}


def test_globals_of_local_reach_what_an_environment_refers_to(project):
    root = project("hub")
    (root / "conf/hub/globals.yml").write_text("size: 2\n")
    (root / "conf/hub/parameters_size.yml").write_text("size: ${globals:size}\n")
    (root / "conf/local/globals.yml").write_text("size: 7\n")
    assert read(root)["parameters"]["size"] == 7


def test_a_document_is_merged_once_and_no_caller_changes_it_for_the_next(project):
    conf = project("hub") / "conf"
    loader = CONFIG_LOADER_CLASS(conf_source=str(conf), **CONFIG_LOADER_ARGS)
    loader["parameters"]["steps"] = 9
    for file in conf.rglob("parameters*.yml"):
        file.unlink()
    assert loader["parameters"]["steps"] == 3
