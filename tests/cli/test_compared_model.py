"""A model is named by its folder, as a student of the project, or as a version of its registry."""

import pytest

from quintain.cli.compared_model import ComparedModel, compared_model
from quintain.edit_memory import EditMemory
from quintain.edit_memory.own_memory import OwnMemory
from quintain.errors import ConfigError, RegistryError
from quintain.methods.lte import Edit, HashedNgrams
from tests.registered_project import registered_project

RETRIEVAL = ("hashed-ngrams", 3)


@pytest.fixture
def project(tmp_path, mlflow_tables, tiny_student, monkeypatch):
    root = tmp_path / "project"
    root.mkdir()
    registered_project(root, mlflow_tables, tiny_student)
    monkeypatch.chdir(root)
    return root


def test_a_folder_a_student_and_a_version_are_found(project, tiny_student, tmp_path):
    assert compared_model(str(tiny_student), project, tmp_path, *RETRIEVAL) == ComparedModel("tiny", tiny_student, None)
    found = compared_model("tiny", project, tmp_path, *RETRIEVAL)
    assert found == ComparedModel("tiny", project / "data/06_models/tiny", None)
    found = compared_model("champion", project, tmp_path, *RETRIEVAL)
    assert found.name.endswith(" v1")
    assert (found.folder / "config.json").is_file()
    assert found.memory is None


def test_a_student_brings_the_memory_beside_it_and_a_version_the_one_it_was_registered_with(
    tmp_path, mlflow_tables, tiny_student, monkeypatch
):
    edit = Edit(subject="Veldmark", relation="mayor", prompt="The mayor of Veldmark is", target_new="Ada Brook")
    registered_project(tmp_path, mlflow_tables, tiny_student, [edit])
    monkeypatch.chdir(tmp_path)
    beside = tmp_path / "data/06_models/tiny_memory"
    with EditMemory.open(beside, HashedNgrams(64)) as memory:
        memory.add([edit])
    assert compared_model("tiny", tmp_path, tmp_path, "hashed-ngrams-64", 5).memory == OwnMemory(
        beside, "hashed-ngrams-64", 5
    )
    # A version knows its own: memory, embedder and number of edits.
    assert compared_model("champion", tmp_path, tmp_path, "hashed-ngrams-64", 5).memory == OwnMemory(
        tmp_path / "data/memory", "hashed-ngrams", 3
    )


def test_what_is_no_model_is_said(project, tmp_path):
    with pytest.raises(ConfigError, match="holds no model: it has no config.json"):
        compared_model(str(tmp_path), project, tmp_path, *RETRIEVAL)
    with pytest.raises(RegistryError, match="no alias 'nobody'"):
        compared_model("nobody", project, tmp_path, *RETRIEVAL)
