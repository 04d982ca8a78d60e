"""The environment that a project versions."""

import pytest

from quintain.environment import environments, layers, versioned_environment
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
    [(None, "base", ["base", "local"]), ("base", "base", ["base", "local"]), ("hub", "hub", ["base", "hub"])],
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


@pytest.mark.parametrize(
    ("named", "env", "steps"),
    [(None, None, 3), ("hub", None, 2), ("hub", "base", 1), (None, "hub", 2), (None, "base", 1), ("hub", "local", 3)],
)
def test_a_run_without_env_reads_the_versioned_environment(project, named, env, steps):
    loader = CONFIG_LOADER_CLASS(conf_source=str(project(named) / "conf"), env=env, **CONFIG_LOADER_ARGS)
    assert loader["parameters"]["steps"] == steps


def test_a_document_is_merged_once_and_no_caller_changes_it_for_the_next(project):
    conf = project("hub") / "conf"
    loader = CONFIG_LOADER_CLASS(conf_source=str(conf), **CONFIG_LOADER_ARGS)
    loader["parameters"]["steps"] = 9
    for file in conf.rglob("parameters*.yml"):
        file.unlink()
    assert loader["parameters"]["steps"] == 2
