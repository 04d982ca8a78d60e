"""A project that was copied or moved reads and writes the artifacts beside its own registry."""

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from mlflow import MlflowClient

from quintain.errors import RegistryError
from quintain.registry.store import answering, experiment_id, open_store


def opened(project):
    uri = f"sqlite:///{project / 'mlflow.db'}"
    return open_store(uri), uri


def written(client, run_id):
    client.log_text(run_id, "here", "note.txt")


@pytest.fixture
def made(tmp_path, mlflow_tables):
    project = tmp_path / "made"
    project.mkdir()
    shutil.copy(mlflow_tables, project / "mlflow.db")
    client, uri = opened(project)
    run = client.create_run(experiment_id(client, "quintain", uri))
    written(client, run.info.run_id)
    return project, run.info.run_id


@pytest.mark.parametrize("move", [shutil.copytree, shutil.move], ids=["copied", "moved"])
def test_runs_lead_to_the_artifacts_beside_the_store(made, tmp_path, move):
    project, run_id = made
    move(project, tmp_path / "elsewhere")
    client, uri = opened(tmp_path / "elsewhere")
    assert client.get_run(run_id).info.artifact_uri.startswith(str(tmp_path / "elsewhere/mlruns"))
    assert [each.path for each in client.list_artifacts(run_id)] == ["note.txt"]
    new = client.create_run(experiment_id(client, "quintain", uri))
    written(client, new.info.run_id)
    assert len(list((tmp_path / "elsewhere/mlruns").rglob("note.txt"))) == 2
    if project.exists():  # what it was copied from stays as it is
        assert len(list((project / "mlruns").rglob("note.txt"))) == 1


def test_a_copy_on_a_disk_that_takes_no_file_is_read_as_it_is(made, tmp_path, monkeypatch, caplog):
    project, run_id = made
    shutil.copytree(project, tmp_path / "copy")
    # Root may write anywhere but on a read-only disk, which a test cannot make: its answer is put in place.
    monkeypatch.setattr(os, "access", lambda path, mode: tmp_path / "copy" not in (Path(path), Path(path).parent))
    client, _ = opened(tmp_path / "copy")
    assert [each.path for each in client.list_artifacts(run_id)] == ["note.txt"]
    assert f"the registry was at {project / 'mlruns'} and is read-only here" in caplog.text


def test_a_store_that_cannot_be_written_says_so(tmp_path):
    (tmp_path / "mlflow.db").touch()
    with (
        closing(sqlite3.connect(f"file:{tmp_path}/mlflow.db?mode=ro", uri=True)) as database,
        pytest.raises(RegistryError, match="is read-only; fix the permissions of its folder"),
        answering("sqlite:///mlflow.db"),
    ):
        database.execute("CREATE TABLE x (y)")


def test_artifacts_that_lie_elsewhere_on_purpose_stay_there(made, tmp_path):
    project, _ = made
    shelf = tmp_path / "shelf/mlruns"
    shelf.mkdir(parents=True)
    client, uri = opened(project)
    own = client.create_experiment("own", str(shelf))
    client, _ = opened(project)
    assert client.get_experiment(own).artifact_location == str(shelf)
    assert isinstance(client, MlflowClient)
    assert uri.startswith("sqlite:///")
