"""Hooks around a run: one MLflow run with its numbers, times, and no write into a linked file."""

import json
import shutil
import sys
from pathlib import Path

import pandas as pd
import pytest
from kedro.framework.hooks.manager import _create_hook_manager
from kedro.io import DataCatalog
from kedro.pipeline import Pipeline, node
from kedro.runner import SequentialRunner

from quintain.datasets import HFModelDataset, JSONDataset
from quintain.hooks.stage_times import StageTimesHook
from quintain.hooks.tracked_numbers import flat, numbers_of
from quintain.hooks.tracking import TrackingHooks
from quintain.hooks.unlink import UnlinkBeforeSaveHook
from quintain.models.folder import folder_digest

sys.path.insert(0, str(Path(__file__).parents[1] / "registry"))
from conftest_registry import half, items, judged, scorecard

CATALOG = {
    "student.scores": {"type": "quintain.datasets.JSONDataset", "metadata": {"mlflow": "metrics"}},
    "student.curve": {
        "type": "quintain.datasets.CSVDataset",
        "save_args": {"index": False},
        "metadata": {"mlflow": "curve"},
    },
    "student.note": {"type": "quintain.datasets.JSONDataset", "metadata": {"mlflow": "artifact"}},
}
RUN = {"pipeline_names": ["evaluation"], "env": "smoke", "namespaces": None}


class Context:
    """The parts of a Kedro context that the hooks read."""

    def __init__(self, root, enabled=True):
        self.project_path = root
        self.params = {"evaluation": {"pack": {"name": "almanac"}}, "unused": {"x": 1}}
        self.config_loader = {
            "tracking": {
                "uri": "sqlite:///mlflow.db", "experiment": "quintain", "model_name": "m", "enabled": enabled,
            }
        }  # fmt: skip


def make_scores(name):
    curve = pd.DataFrame({"step": [10, 20], "loss": [2.0, 1.0]})
    return {"macro": {"hsr": [0.5, 0.25]}, "name": name, "passed": True}, curve, {"ok": 1}


def make_judged_scores(name):
    _, curve, note = make_scores(name)
    return {"calibration": {"oracle:almanac@2bb4 (judge@75, structured)": {"sensitivity": 0.9}}}, curve, note


def fail(name):
    raise RuntimeError("the disk burnt")


def run(tmp_path, function=make_scores, enabled=True):
    catalog = DataCatalog.from_config(
        {
            name: {**entry, "filepath": str(tmp_path / f"data/{name}.{'csv' if 'CSV' in entry['type'] else 'json'}")}
            for name, entry in CATALOG.items()
        }
    )
    catalog["params:evaluation.pack"] = {"name": "almanac"}
    pipeline = Pipeline([node(function, "params:evaluation.pack", list(CATALOG), name="make_scores")])
    hooks, times = TrackingHooks(), StageTimesHook()
    hooks.after_context_created(context=Context(tmp_path, enabled))
    hooks.before_pipeline_run(RUN, pipeline, catalog)
    times.before_pipeline_run(RUN, pipeline, catalog)
    manager = _create_hook_manager()
    manager.register(times)
    try:
        SequentialRunner().run(pipeline, catalog, manager)
    except RuntimeError as error:
        hooks.on_pipeline_error(error=error)
        raise
    hooks.after_pipeline_run(pipeline=pipeline, catalog=catalog)
    times.after_pipeline_run(pipeline)


def runs(tmp_path):
    from mlflow import MlflowClient

    client = MlflowClient(f"sqlite:///{tmp_path / 'mlflow.db'}")
    return client, client.search_runs([client.get_experiment_by_name("quintain").experiment_id])


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "")


@pytest.fixture
def database(tmp_path, mlflow_tables):
    shutil.copy(mlflow_tables, tmp_path / "mlflow.db")


@pytest.mark.usefixtures("database")
def test_a_run_is_logged_with_its_metrics_curves_artefacts_parameters_and_tags(tmp_path):
    run(tmp_path)
    client, (logged,) = runs(tmp_path)
    assert logged.info.status == "FINISHED"
    assert logged.data.metrics["student.scores/macro.hsr.1"] == 0.5
    assert logged.data.metrics["student.scores/macro.hsr.2"] == 0.25
    assert "student.scores/passed" not in logged.data.metrics  # a truth value is no metric
    history = client.get_metric_history(logged.info.run_id, "student.curve/loss")
    assert [(metric.step, metric.value) for metric in history] == [(10, 2.0), (20, 1.0)]
    assert {entry.path for entry in client.list_artifacts(logged.info.run_id, "student")} == {
        "student/student.scores.json", "student/student.curve.csv", "student/student.note.json",
    }  # fmt: skip
    assert logged.data.params == {"evaluation.pack.name": "almanac"}
    assert logged.data.tags["kedro.env"] == "smoke"


@pytest.mark.usefixtures("database")
def test_a_failed_run_is_marked_with_its_reason(tmp_path):
    with pytest.raises(RuntimeError):
        run(tmp_path, fail)
    _, (logged,) = runs(tmp_path)
    assert logged.info.status == "FAILED"
    assert logged.data.tags["error"] == "RuntimeError: the disk burnt"


def test_tracking_can_be_switched_off(tmp_path):
    run(tmp_path, enabled=False)
    assert not (tmp_path / "mlflow.db").exists()
    assert json.loads((tmp_path / "data/student.note.json").read_text()) == {"ok": 1}


def test_times_and_memory_are_printed_per_stage(tmp_path, caplog):
    with caplog.at_level("INFO"):
        run(tmp_path, enabled=False)
    assert "[1/1] quality: make_scores" in caplog.text
    assert "peak MiB" in caplog.text


def test_a_hard_link_is_broken_before_it_is_written_through(tmp_path):
    cache, file = tmp_path / "cache", tmp_path / "note.json"
    cache.write_text('{"former": 1}')
    file.hardlink_to(cache)
    catalog = DataCatalog.from_config({"note": {"type": "json.JSONDataset", "filepath": str(file)}})
    hook = UnlinkBeforeSaveHook()
    hook.after_catalog_created(catalog=catalog)
    hook.before_dataset_saved(dataset_name="note")
    catalog.save("note", {"new": 1})
    assert json.loads(cache.read_text()) == {"former": 1}
    assert json.loads(file.read_text()) == {"new": 1}


def test_nested_values_get_dotted_names_and_lists_are_counted_from_1():
    assert dict(flat({"a": {"b": [5, {"c": 6}]}, "d": 7})) == {"a.b.1": 5, "a.b.2.c": 6, "d": 7}


@pytest.mark.usefixtures("database")
def test_a_number_under_a_judges_identity_is_logged_too(tmp_path):
    run(tmp_path, make_judged_scores)
    _, (one,) = runs(tmp_path)
    name = "student.scores/calibration.oracle:almanac_2bb4 _judge_75_ structured_.sensitivity"
    assert one.data.metrics[name] == 0.9


def logged_run(tmp_path, outputs):
    """What MLflow keeps of a run that made these: dataset → type, role, content; all runs by name, the parent first."""
    catalog = DataCatalog.from_config(
        {
            name: {"type": kind, "filepath": str(tmp_path / f"data/{name}"), "metadata": {"mlflow": role}, **more}
            for name, (kind, role, _, more) in outputs.items()
        }
    )
    contents = [content for _, _, content, _ in outputs.values()]
    pipeline = Pipeline([node(lambda: contents, None, list(outputs), name="make")])
    hooks = TrackingHooks()
    hooks.after_context_created(context=Context(tmp_path))
    hooks.before_pipeline_run(RUN, pipeline, catalog)
    SequentialRunner().run(pipeline, catalog)
    hooks.after_pipeline_run(pipeline=pipeline, catalog=catalog)
    client, found = runs(tmp_path)
    return client, {one.info.run_name: one for one in found}


def scored(student):
    """A scorecard of 6 categories with 5 levels each, and a training's report and curve."""
    pack = items(groups=4)
    card = scorecard(pack, judged(pack, half), model=student)
    curve = pd.DataFrame({"step": [10, 20], "loss": [2.0, 1.0]})
    report = {"steps": 20, "by_part": {f"part_{i}": {"loss": 1.0 + i, "tokens": i} for i in range(30)}}
    return {
        f"{student}.pack.scorecard": ("quintain.datasets.ScorecardDataset", "metrics", card, {}),
        f"{student}.training": ("quintain.datasets.JSONDataset", "metrics", report, {}),
        f"{student}.loss_curve": ("quintain.datasets.CSVDataset", "curve", curve, {"save_args": {"index": False}}),
    }


@pytest.mark.usefixtures("database")
def test_no_run_shows_more_than_40_metrics_and_no_number_is_lost(tmp_path):
    students = [f"student_{i}" for i in range(5)]
    outputs = {name: made for student in students for name, made in scored(student).items()}
    client, found = logged_run(tmp_path, outputs)
    assert set(found) == {"evaluation", *students}
    assert {name: len(one.data.metrics) for name, one in found.items() if len(one.data.metrics) > 40} == {}
    # of each scorecard the headline first; the parent has room for 40 / 5 = 8 measures of each student
    parent, child = found["evaluation"], found["student_3"]
    assert parent.data.metrics["student_3.pack/hsr_mean"] == 0.5
    assert {name.partition(".")[0] for name in parent.data.metrics} == set(students)
    # a child has names that all students share, and its curve
    assert child.data.tags["mlflow.parentRunId"] == parent.info.run_id
    assert child.data.metrics["pack/hsr_mean"] == 0.5
    assert [point.value for point in client.get_metric_history(child.info.run_id, "loss_curve/loss")] == [2.0, 1.0]
    assert set(child.data.metrics) == set(found["student_1"].data.metrics)
    kept = pd.read_csv(client.download_artifacts(parent.info.run_id, "numbers.csv"), index_col="name")["value"]
    assert kept["student_4.training/by_part.part_29.loss"] == 30.0
    assert kept["student_0.pack.scorecard/format.level_5.hsr.value"] == 0.5
    # 30 x 2 parts and `steps` of each training, and more than 6 x 5 cells of each scorecard
    assert len(kept) > 5 * (61 + 30)


@pytest.mark.usefixtures("database")
def test_a_run_of_one_student_shows_its_numbers_itself(tmp_path):
    _, found = logged_run(tmp_path, scored("webr"))
    (one,) = found.values()
    assert len(one.data.metrics) == 40
    assert one.data.metrics["webr.pack/hsr_mean"] == 0.5
    assert one.data.metrics["webr.training/steps"] == 20
    assert one.data.metrics["webr.loss_curve/loss"] == 1.0


def test_the_main_numbers_of_a_document_are_those_that_stand_highest():
    document = {"deep": {"er": {"a": 1}}, "rate": {"low": 0.1, "value": 0.2}, "passed": True, "n": 3, "judge@75": 1}
    assert list(numbers_of(document)) == ["rate.value", "n", "judge_75", "rate.low", "deep.er.a"]


ROUND = {
    "round": 2,
    "outcome": {"status": "stopped", "reason": "no-gain", "detail": "it fell by nothing", "improvement": None},
    "gaps": {"hard_rate": 0.25},
}


@pytest.mark.usefixtures("database")
def test_a_student_is_of_the_run_that_made_it_though_that_run_failed_and_a_later_one_went_on(tmp_path, tiny_student):
    def made(name):
        return node(HFModelDataset(filepath=str(tiny_student)).load, None, f"{name}.model@hf", name=name)

    pipeline = Pipeline([made("first"), node(fail, "first.model@hf", "between", name="burn"), made("second")])
    folders = {name: tmp_path / name for name in ("first", "second")}
    students = {f"{name}.model@hf": HFModelDataset(filepath=str(folder)) for name, folder in folders.items()}
    catalog = DataCatalog({**students, "between": JSONDataset(filepath=str(tmp_path / "between.json"))})
    for chosen in (pipeline.filter(node_names=["first", "burn"]), pipeline.filter(node_names=["first", "second"])):
        hooks = TrackingHooks()
        hooks.after_context_created(context=Context(tmp_path))
        asked = {**RUN, "only_missing_outputs": True}
        hooks.before_pipeline_run(asked, chosen, catalog)
        manager = _create_hook_manager()
        manager.register(hooks)
        try:
            SequentialRunner().run(chosen, catalog, manager, only_missing_outputs=True)
        except RuntimeError as error:
            hooks.on_pipeline_error(error=error)
        else:
            hooks.after_pipeline_run(pipeline=chosen, catalog=catalog)
    _, (later, failed) = runs(tmp_path)
    assert [
        (one.info.status, one.data.tags["makes"], one.data.tags.get("made.first"), one.data.tags.get("made.second"))
        for one in (failed, later)
    ] == [
        ("FAILED", "first", folder_digest(folders["first"]), None),
        ("FINISHED", "second", None, folder_digest(folders["second"])),
    ]


@pytest.mark.usefixtures("database")
def test_a_student_of_workers_that_tell_nothing_is_written_down_at_the_end(tmp_path, tiny_student):
    load = HFModelDataset(filepath=str(tiny_student)).load
    pipeline = Pipeline([node(load, None, "one.model@hf", name="one")])
    catalog = DataCatalog({"one.model@hf": HFModelDataset(filepath=str(tmp_path / "one"))})
    hooks = TrackingHooks()
    hooks.after_context_created(context=Context(tmp_path))
    hooks.before_pipeline_run(RUN, pipeline, catalog)
    SequentialRunner().run(pipeline, catalog)  # without hooks, as in a process of Kedro's ParallelRunner
    hooks.after_pipeline_run(pipeline=pipeline, catalog=catalog)
    _, (logged,) = runs(tmp_path)
    assert logged.data.tags["made.one"] == folder_digest(tmp_path / "one")


@pytest.mark.usefixtures("database")
def test_a_round_is_a_child_run_and_a_step_on_the_curves_of_its_parent(tmp_path):
    catalog = DataCatalog.from_config(
        {
            "round_2.report": {
                "type": "quintain.datasets.JSONDataset",
                "filepath": str(tmp_path / "round.json"),
                "metadata": {"mlflow": "round"},
            }
        }
    )
    pipeline = Pipeline([node(lambda: ROUND, None, "round_2.report", name="report")])
    hooks = TrackingHooks()
    hooks.after_context_created(context=Context(tmp_path))
    hooks.before_pipeline_run(RUN, pipeline, catalog)
    SequentialRunner().run(pipeline, catalog)
    hooks.after_pipeline_run(pipeline=pipeline, catalog=catalog)
    client, logged = runs(tmp_path)
    child, parent = sorted(logged, key=lambda one: "mlflow.parentRunId" not in one.data.tags)
    assert child.info.run_name == "round_2"
    assert child.data.tags["mlflow.parentRunId"] == parent.info.run_id
    assert child.data.tags["outcome.reason"] == "no-gain"
    assert child.data.metrics == {"round": 2, "gaps.hard_rate": 0.25}
    (point,) = client.get_metric_history(parent.info.run_id, "rounds/gaps.hard_rate")
    assert (point.step, point.value) == (2, 0.25)
    assert {one.info.status for one in logged} == {"FINISHED"}
