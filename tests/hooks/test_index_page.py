"""At the end of a run, the index of all reports lies there and is named."""

import json
from types import SimpleNamespace

import pytest

from quintain import pipeline_registry
from quintain.hooks.index_page import IndexPageHook, made_by
from quintain.lifecycle import Lifecycle, Student


@pytest.fixture
def hook(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    students = (Student(name="base", start="world"), Student(name="webr", parent="base", by="finetuning"))
    monkeypatch.setattr(pipeline_registry, "lifecycle", Lifecycle(students=students, benchmarks=("almanac",)))
    found = IndexPageHook()
    settings = {"enabled": False, "uri": "sqlite:///mlflow.db", "experiment": "e", "model_name": "m"}
    found.after_context_created(SimpleNamespace(project_path=tmp_path, config_loader={"tracking": settings}))
    return found


def test_the_page_is_written_from_what_lies_there_and_named(hook, tmp_path, caplog):
    home = tmp_path / "data/08_reporting"
    (home / "webr").mkdir(parents=True)
    (home / "webr/registration.json").write_text(json.dumps({"version": "3"}))
    with caplog.at_level("INFO"):
        hook.after_pipeline_run(run_params={"env": "hub"})
    assert caplog.messages[-1] == "All reports: data/08_reporting/index.html"
    page = (home / "index.html").read_text(encoding="utf-8")
    assert "finetuning of base" in page
    assert "v3" in page
    assert "environment <b>hub</b>" in page
    assert [path.name for path in home.iterdir() if path.is_file()] == ["index.html"]


def test_an_environment_with_data_of_its_own_leaves_the_page_of_the_others_alone(hook, tmp_path, caplog):
    (tmp_path / "conf/smoke").mkdir(parents=True)
    (tmp_path / "conf/smoke/globals.yml").write_text("data: data/smoke\n")
    (tmp_path / "data/08_reporting").mkdir(parents=True)
    (tmp_path / "data/smoke/08_reporting/webr").mkdir(parents=True)
    (tmp_path / "data/smoke/08_reporting/webr/registration.json").write_text(json.dumps({"version": "3"}))
    with caplog.at_level("INFO"):
        hook.after_pipeline_run(run_params={"env": "smoke"})
    assert caplog.messages[-1] == "All reports: data/smoke/08_reporting/index.html"
    assert "v3" in (tmp_path / "data/smoke/08_reporting/index.html").read_text(encoding="utf-8")
    assert not list((tmp_path / "data/08_reporting").iterdir())


def test_a_folder_that_cannot_be_written_ends_no_run(hook, tmp_path, caplog):
    (tmp_path / "data/08_reporting/index.html").mkdir(parents=True)
    hook.after_pipeline_run(run_params={"env": "hub"})
    assert "no index of the reports" in caplog.text


def test_a_registry_that_does_not_answer_costs_the_champion_alone(hook, tmp_path, caplog):
    (tmp_path / "data/08_reporting").mkdir(parents=True)
    (tmp_path / "mlflow.db").write_text("no database")
    settings = {"enabled": True, "uri": "sqlite:///mlflow.db", "experiment": "e", "model_name": "m"}
    hook.after_context_created(SimpleNamespace(project_path=tmp_path, config_loader={"tracking": settings}))
    hook.after_pipeline_run(run_params={"env": "hub"})
    assert "the index of the reports names no champion" in caplog.text
    assert (tmp_path / "data/08_reporting/index.html").is_file()


def test_without_reports_there_is_no_index(hook, tmp_path):
    hook.after_pipeline_run(run_params={"env": "hub"})
    assert not list(tmp_path.rglob("*.html"))


@pytest.mark.parametrize(
    ("student", "words"),
    [
        (Student(name="base", start="world"), "pre-training from scratch"),
        (Student(name="base", start="student"), "import of a model made elsewhere"),
        (Student(name="webr", parent="base", by="finetuning"), "finetuning of base"),
        (
            Student(name="lion_round_1", parent="webr", by="distillation", round_of="lion"),
            "a round of lion: distillation of webr",
        ),
    ],
)
def test_a_student_is_introduced_in_a_few_words(student, words):
    assert made_by(student) == words
