"""The folder below which an environment writes is read as Kedro reads it."""

import pytest

from quintain.data_root import data_root, fault_of


@pytest.fixture
def project(tmp_path):
    for name, text in {"base": "data: data\npages: x\n", "mine": "data: data/mine\n", "other": "pages: y\n"}.items():
        (tmp_path / "conf" / name).mkdir(parents=True)
        (tmp_path / "conf" / name / "globals.yml").write_text(text)
    return tmp_path


def test_the_layer_that_wins_names_it_and_the_environment_asked_for_counts(project, monkeypatch):
    monkeypatch.delenv("KEDRO_ENV", raising=False)
    assert data_root(project) == data_root(project, "other") == project / "data"
    assert data_root(project, "mine") == project / "data/mine"
    monkeypatch.setenv("KEDRO_ENV", "mine")
    assert data_root(project) == project / "data/mine"


def test_a_project_of_a_former_version_has_one_folder(tmp_path):
    assert data_root(tmp_path) == tmp_path / "data"


@pytest.mark.parametrize(
    "value", ["", ".", "/data", "../data", "data/../..", "${globals:pages}", "data/{student}", 5, None]
)
def test_what_is_no_folder_of_the_project_is_none(value):
    assert fault_of(value).startswith("must be a folder of the project")
