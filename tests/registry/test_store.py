"""The store's address, and what happens when nothing is there."""

import os
from pathlib import Path

import pytest

from quintain.errors import ConfigError, RegistryError
from quintain.registry.settings import find_project, read_settings, tracking_settings
from quintain.registry.store import experiment_id, open_store

DOCUMENT = {"uri": "sqlite:///mlflow.db", "experiment": "quintain", "model_name": "quintain-student"}


def test_a_relative_sqlite_file_is_meant_from_the_project():
    assert tracking_settings(DOCUMENT).address(Path("/project")) == "sqlite:////project/mlflow.db"
    absolute = tracking_settings({**DOCUMENT, "uri": "sqlite:////data/x.db"})
    assert absolute.address(Path("/project")) == "sqlite:////data/x.db"


def test_a_copy_that_dvc_throws_away_writes_into_the_store_of_the_project():
    copy = Path("/project/.dvc/tmp/exps/standalone/tmpx1y2")
    assert tracking_settings(DOCUMENT).address(copy) == "sqlite:////project/mlflow.db"


def test_artifacts_lie_beside_the_database_wherever_the_command_runs(tmp_path, monkeypatch):
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    uri = f"sqlite:///{tmp_path / 'mlflow.db'}"
    client = open_store(uri)
    made = client.get_experiment(experiment_id(client, "quintain", uri))
    assert made.artifact_location == str(tmp_path / "mlruns")


def test_mlflow_opens_the_experiment_on_its_runs_unless_a_user_chose_another_kind(store):
    client, uri = store
    kind = "mlflow.experimentKind"
    home = experiment_id(client, "quintain", uri)
    assert client.get_experiment(home).tags[kind] == "custom_model_development"
    client.set_experiment_tag(home, kind, "genai_development_inferred")  # what the page guesses by itself
    experiment_id(client, "quintain", uri)
    assert client.get_experiment(home).tags[kind] == "custom_model_development"
    client.set_experiment_tag(home, kind, "genai_development")
    experiment_id(client, "quintain", uri)
    assert client.get_experiment(home).tags[kind] == "genai_development"


def test_no_connection_to_a_sqlite_file_stays_open_that_a_fork_would_carry_over(tmp_path):
    uri = f"sqlite:///{tmp_path / 'mlflow.db'}"
    experiment_id(open_store(uri), "quintain", uri)
    held = [str(path.readlink()) for path in Path("/proc/self/fd").iterdir() if path.is_symlink()]
    assert [path for path in held if path.startswith(str(tmp_path / "mlflow.db"))] == []


def test_a_store_in_a_folder_that_takes_no_file_is_read_without_a_lock(tmp_path, monkeypatch):
    uri, lock = f"sqlite:///{tmp_path / 'mlflow.db'}", tmp_path / "mlflow.db.lock"
    made = experiment_id(open_store(uri), "quintain", uri)
    lock.unlink(missing_ok=True)
    # Root may write anywhere but on a read-only disk, which a test cannot make: its answer is put in place.
    monkeypatch.setattr(os, "access", lambda path, mode: (Path(path), mode) != (tmp_path, os.W_OK))
    assert open_store(uri).get_experiment_by_name("quintain").experiment_id == made
    assert not lock.exists()


def test_the_variable_wins_over_the_file(monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:5000")
    assert tracking_settings(DOCUMENT).address(Path("/project")) == "http://127.0.0.1:5000"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"uri": "mlruns"}, "must be an address such as sqlite"),
        ({"colour": "red"}, "colour"),
        ({"experiment": None}, ""),
    ],
)
def test_wrong_settings_name_the_file(wrong, message):
    document = {**DOCUMENT, **wrong}
    if wrong == {"experiment": None}:
        del document["experiment"]
        message = "experiment"
    with pytest.raises(ConfigError, match=f"conf/base/tracking.yml: .*{message}"):
        tracking_settings(document)


def test_local_settings_lie_over_base(tmp_path):
    (tmp_path / "conf/base").mkdir(parents=True)
    (tmp_path / "conf/local").mkdir()
    (tmp_path / "conf/base/tracking.yml").write_text("uri: a://b\nexperiment: one\nmodel_name: m\n")
    (tmp_path / "conf/local/tracking.yml").write_text("experiment: two\n")
    assert read_settings(tmp_path, "tracking") == {"uri": "a://b", "experiment": "two", "model_name": "m"}


def test_all_wrong_settings_are_told_with_the_line_that_set_them(tmp_path):
    (tmp_path / "conf/base").mkdir(parents=True)
    (tmp_path / "conf/local").mkdir()
    (tmp_path / "conf/base/tracking.yml").write_text("uri: a://b\nexperiment: one\nmodel_name: 3\n")
    (tmp_path / "conf/local/tracking.yml").write_text("enabled: 'no'\n")
    with pytest.raises(ConfigError) as caught:
        read_settings(tmp_path, "tracking")
    assert str(caught.value).split("\n  ") == [
        "conf/base/tracking.yml:3: model_name: must be text, got 3",
        "conf/local/tracking.yml:1: enabled: must be true or false, got 'no'",
    ]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("uri:\tsqlite:///a", None),  # a tab, which libyaml takes
        ("uri: !!python/name:os.system", r"tracking\.yml: it cannot be read: could not determine a constructor"),
        ("uri: 2026-13-45", r"tracking\.yml: it cannot be read: month must be in"),
    ],
)
def test_settings_that_another_reader_of_yaml_takes_are_read_or_refused_in_one_sentence(tmp_path, line, told):
    (tmp_path / "conf/base").mkdir(parents=True)
    (tmp_path / "conf/base/tracking.yml").write_text(f"{line}\nexperiment: one\nmodel_name: m\n")
    if told is None:
        assert read_settings(tmp_path, "tracking")["uri"] == "sqlite:///a"
        return
    with pytest.raises(ConfigError, match=told):
        read_settings(tmp_path, "tracking")


def test_a_benchmark_of_another_layer_keeps_the_entries_below_it(tmp_path):
    for layer, text in (
        ("base", "most_unread: 0.1\nbenchmarks: {almanac: {margin: 0.05}}\n"),
        ("local", "benchmarks: {core: {margin: 0.1}}\n"),
    ):
        (tmp_path / "conf" / layer).mkdir(parents=True)
        (tmp_path / "conf" / layer / "promotion.yml").write_text(text)
    assert read_settings(tmp_path, "promotion")["benchmarks"] == {"almanac": {"margin": 0.05}, "core": {"margin": 0.1}}


def test_outside_a_project_is_one_clear_error(tmp_path):
    with pytest.raises(ConfigError, match="is not in a Quintain project; .*quintain new FOLDER"):
        find_project(tmp_path)


def test_an_unreachable_server_fails_soon_and_clearly():
    with pytest.raises(RegistryError, match="does not answer: .*Check tracking.yml or MLFLOW_TRACKING_URI"):
        open_store("http://127.0.0.1:9")
