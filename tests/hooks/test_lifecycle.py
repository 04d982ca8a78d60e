"""Pipelines and parameters follow from lifecycle.yml, as Kedro merges it for an environment."""

import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from kedro.config import OmegaConfigLoader

from quintain import pipeline_registry
from quintain.errors import ConfigError
from quintain.hooks.lifecycle import LifecycleHook
from quintain.settings import CONFIG_LOADER_ARGS

ROOT = Path(__file__).parents[2]


@pytest.fixture
def ask(monkeypatch, tmp_path):
    """Pipelines and parameters of an environment `mine` with this lifecycle.yml."""
    monkeypatch.setattr(pipeline_registry, "lifecycle", None)
    shutil.copytree(ROOT / "conf", tmp_path / "conf")
    (tmp_path / "conf/mine").mkdir()

    def asked(document, **runtime):
        text = document if isinstance(document, str) else yaml.safe_dump(document)
        (tmp_path / "conf/mine/lifecycle.yml").write_text(text)
        loader = OmegaConfigLoader(
            str(tmp_path / "conf"), env="mine", runtime_params=runtime.get("params"), **CONFIG_LOADER_ARGS
        )
        LifecycleHook().after_context_created(SimpleNamespace(env="mine", config_loader=loader))
        return pipeline_registry.register_pipelines(), loader["parameters"]

    return asked


def test_the_default_pipeline_is_what_the_lifecycle_needs(ask):
    pipelines, _ = ask({})
    parts = set().union(*(set(pipelines[name].nodes) for name in pipeline_registry.lifecycle.pipelines))
    assert set(pipelines["__default__"].nodes) == parts
    assert pipeline_registry.lifecycle.pipelines[0] == "world"


def test_what_a_lifecycle_does_not_need_can_still_be_run_by_name(ask):
    pipelines, _ = ask({"students": {"mine": {"start": "student"}}, "benchmarks": ["core"]})
    assert pipelines["world"].nodes
    assert not set(pipelines["world"].nodes) & set(pipelines["__default__"].nodes)
    assert {node.namespace.partition(".")[0] for node in pipelines["__default__"].nodes} == {"mine", "register_mine"}


def test_the_form_of_the_first_version_is_read_with_a_line_that_says_how_to_write_it_now(ask, caplog):
    pipelines, _ = ask({"without": ["world", "editing"]})
    assert "lte.model@hf" not in pipelines["__default__"].all_outputs()
    assert "student.source" in pipelines["__default__"].inputs()
    (line,) = [record.message for record in caplog.records if "version 0.1" in record.message]
    assert line.startswith("conf/mine/lifecycle.yml: `without` is the form of version 0.1; write now  students: {base:")


def test_two_students_of_one_name_are_refused(ask):
    with pytest.raises(
        ConfigError, match=r"conf/mine/lifecycle\.yml:3: it has base twice, first on line 2; give each its own"
    ):
        ask("students:\n  base: {start: world}\n  base: {start: student}\n")


def test_a_student_reads_parameters_of_its_own_where_it_overrides_some(ask):
    students = {
        "base": {"start": "world"},
        "a": {"from": "base", "by": "preference"},
        "b": {"from": "base", "by": "preference", "with": {"preference.training.beta": 0.3}},
    }
    pipelines, parameters = ask({"students": students})
    own = parameters["students"]["b"]["preference"]["training"]
    assert own == {**parameters["preference"]["training"], "beta": 0.3}
    read = {
        node.namespace: {name for name in node.inputs if "preference.training" in name}
        for node in pipelines["preference"].nodes
        if node.name.endswith("train_student")
    }
    assert read == {
        "a": {"params:preference.training"},
        "b": {"params:students.b.preference.training"},
    }
    assert "params:preference.pairs" in pipelines["preference"].inputs()


def test_the_command_line_reaches_the_parameters_of_one_student(ask):
    students = {
        "base": {"start": "world"},
        "a": {"from": "base", "by": "finetuning", "with": {"finetuning.sft.steps": 2}},
    }
    given = {"students": {"a": {"finetuning": {"sft": {"steps": 5}}}}}
    _, parameters = ask({"students": students}, params=given)
    assert parameters["students"]["a"]["finetuning"]["sft"]["steps"] == 5
    with pytest.raises(
        ConfigError, match=r"--params students\.a\.finetuning\.sft\.stepz: there is no .*did you mean steps"
    ):
        ask({"students": students}, params={"students": {"a": {"finetuning": {"sft": {"stepz": 5}}}}})


def test_benchmarks_of_a_single_run_can_be_named_on_the_command_line(ask):
    ask({}, params={"evaluation": {"benchmarks": "core"}})
    assert pipeline_registry.lifecycle.benchmarks == ("core",)
    assert {student.benchmarks for student in pipeline_registry.lifecycle.students} == {("core",)}


def test_without_tracking_nobody_registers(ask, tmp_path):
    (tmp_path / "conf/mine/tracking.yml").write_text("enabled: false\n")
    ask({})
    assert pipeline_registry.lifecycle.pipelines[-1] == "evaluation"
