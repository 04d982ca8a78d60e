"""A model is named by its folder, as a student of the project, or as a version of its registry."""

import pytest

from quintain.cli.compared_model import compared_model
from quintain.errors import ConfigError, RegistryError
from tests.registered_project import registered_project


@pytest.fixture
def project(tmp_path, mlflow_tables, tiny_student, monkeypatch):
    root = tmp_path / "project"
    root.mkdir()
    registered_project(root, mlflow_tables, tiny_student)
    monkeypatch.chdir(root)
    return root


def test_a_folder_a_student_and_a_version_are_found(project, tiny_student, tmp_path):
    assert compared_model(str(tiny_student), project, tmp_path) == ("tiny", tiny_student)
    assert compared_model("tiny", project, tmp_path) == ("tiny", project / "data/06_models/tiny")
    name, folder = compared_model("champion", project, tmp_path)
    assert name.endswith(" v1")
    assert (folder / "config.json").is_file()


def test_what_is_no_model_is_said(project, tmp_path):
    with pytest.raises(ConfigError, match="holds no model: it has no config.json"):
        compared_model(str(tmp_path), project, tmp_path)
    with pytest.raises(RegistryError, match="no alias 'nobody'"):
        compared_model("nobody", project, tmp_path)
