"""A version, an alias or a folder becomes a student; what is not there is named."""

import shutil

import pytest

from quintain.cli.served_student import open_student
from quintain.edit_memory import EditMemory
from quintain.errors import ConfigError, EditError, ModelError, RegistryError
from quintain.methods.lte import Edit, HashedNgrams
from quintain.models.language_model import Sampling
from quintain.records import Message
from tests.registered_project import registered_project


@pytest.fixture
def project(tmp_path, mlflow_tables, tiny_student, monkeypatch):
    registered_project(tmp_path, mlflow_tables, tiny_student)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_version_is_found_by_alias_and_number_and_keeps_the_sampling_it_was_scored_with(project, monkeypatch):
    student = open_student("champion")
    assert (student.name, student.model.sampling) == ("quintain-student@champion", Sampling(max_new_tokens=8))
    monkeypatch.chdir(project / "data")
    assert [open_student(which).name for which in ("1", "v1")] == ["quintain-student@v1"] * 2


def test_a_folder_needs_no_project(tiny_student, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    student = open_student(str(tiny_student))
    assert (student.name, student.model.sampling, student.memories) == ("tiny", Sampling(), ())
    with pytest.raises(ConfigError, match="not in a Quintain project"):
        open_student("champion")


def test_what_is_not_there_is_named(project, tiny_student):
    with pytest.raises(RegistryError, match="no alias 'chmpion'; there are the aliases"):
        open_student("chmpion")
    with pytest.raises(RegistryError, match="no version 7; there are 1"):
        open_student("7")
    with pytest.raises(ModelError, match="no/model does not exist"):
        open_student("no/model")
    with pytest.raises(EditError, match="holds no edit memory; `quintain edit add`"):
        open_student(str(tiny_student), project)


def test_a_version_whose_weights_are_gone_says_where_they_were(project):
    shutil.rmtree(project / "data/06_models/tiny")
    with pytest.raises(RegistryError, match="the weights data/06_models/tiny with digest .* are not on this machine"):
        open_student("champion")


def test_a_version_whose_record_is_gone_says_so(project):
    shutil.rmtree(project / "mlruns")
    with pytest.raises(RegistryError, match="version 1 of quintain-student stands in .*cannot be loaded"):
        open_student("champion")


def test_a_folder_with_a_memory_beside_it_answers_under_it_and_says_so(tmp_path, tiny_student, capsys):
    folder = shutil.copytree(tiny_student, tmp_path / "lte")
    with EditMemory.open(tmp_path / "lte_memory", HashedNgrams()) as own:
        own.add([mayor("Veldmark", "Ada Brook"), mayor("Oakham", "Bo")])

    def targets(student, of):
        question = student.question([Message(role="user", content=f"Who is mayor of {of}?")])
        return [hit.edit.target_new for hit in question.edits]

    student = open_student(str(folder))
    assert targets(student, "Veldmark") == ["Ada Brook"]
    assert capsys.readouterr().err == f"lte is asked under its edit memory {tmp_path / 'lte_memory'} (2 in force)\n"
    with EditMemory.open(tmp_path / "further", HashedNgrams()) as further:
        further.add([mayor("Veldmark", "Cy Dahl")])
    student = open_student(str(folder), tmp_path / "further")
    assert (targets(student, "Veldmark"), targets(student, "Oakham")) == (["Cy Dahl"], ["Bo"])
    # Its own memory by name is the same memory, once.
    assert len(open_student(str(folder), tmp_path / "lte_memory").memories) == 1


def mayor(of, target):
    return Edit(subject=of, relation="mayor", prompt=f"The mayor of {of} is", target_new=target)


def test_a_version_answers_under_its_memory_and_under_a_further_one_first(
    tmp_path, mlflow_tables, tiny_student, monkeypatch
):
    registered_project(tmp_path, mlflow_tables, tiny_student, [mayor("Veldmark", "Ada Brook"), mayor("Oakham", "Bo")])
    monkeypatch.chdir(tmp_path)
    with EditMemory.open(tmp_path / "further", HashedNgrams()) as further:
        further.add([mayor("Veldmark", "Cy Dahl")])
    student = open_student("champion", tmp_path / "further")

    def asked(text):
        question = student.question([Message(role="user", content=text)])
        return question.model, [hit.edit.target_new for hit in question.edits]

    assert asked("Who is mayor of Veldmark?") == (student.model, ["Cy Dahl"])
    assert asked("Who is mayor of Oakham?") == (student.model, ["Bo"])
    assert asked("Hello") == (student.original, [])
    assert student.original is not student.model
