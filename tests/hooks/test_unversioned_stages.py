"""A run in an environment that dvc.yaml does not version says which stages its students go back to."""

from types import SimpleNamespace

import pytest
import yaml
from kedro.framework.project import pipelines, settings
from kedro.framework.startup import bootstrap_project

from quintain.cli.new import lay_out
from quintain.hooks.lifecycle import LifecycleHook
from quintain.hooks.unversioned_stages import UnversionedStagesHook
from quintain.registry.dvc_stages import stages_behind, stages_file


@pytest.fixture
def begin(tmp_path, monkeypatch):
    """Start of a run of a pipeline in a new project."""
    root = tmp_path / "project"
    lay_out(root)
    monkeypatch.chdir(root)
    bootstrap_project(root)

    def run(environment, pipeline):
        loader = settings.CONFIG_LOADER_CLASS(
            str(root / "conf"), env=environment or None, **settings.CONFIG_LOADER_ARGS
        )
        context = SimpleNamespace(config_loader=loader, env=environment)
        hook = UnversionedStagesHook()
        for each in (LifecycleHook(), hook):
            each.after_context_created(context)
        hook.before_pipeline_run(pipeline=pipelines[pipeline])
        return root, stages_file(root, environment or "base")

    return run


def test_the_file_has_the_stages_paths_and_parameters_of_the_environment(begin):
    root, file = begin("smoke", "registration")
    assert file == root / "data/smoke/.stages.yaml"
    line = stages_behind(root, "data/smoke/06_models/webr", file)
    assert [stage.name for stage in line] == ["world", "synthesis", "finetuning-webr"]
    assert all(stage.command.endswith("--env smoke") for stage in line)
    smoke = yaml.safe_load((root / "conf/smoke/parameters_world.yml").read_text())
    assert line[0].parameters["conf/smoke/parameters_world.yml:world.world"] == smoke["world"]["world"]
    # dvc.yaml stays what it was, and knows none of them.
    assert stages_behind(root, "data/smoke/06_models/webr") == ()


def test_conf_local_counts_as_it_does_for_the_run(begin, tmp_path):
    local = tmp_path / "project/conf/local"
    local.mkdir(exist_ok=True)
    (local / "parameters.yml").write_text("finetuning: {sft: {steps: 3}}\n")
    root, file = begin("smoke", "registration")
    *_, tuning = stages_behind(root, "data/smoke/06_models/webr", file)
    assert tuning.parameters["conf/local/parameters.yml:finetuning.sft"] == {"steps": 3}


@pytest.mark.parametrize(("environment", "pipeline"), [("", "registration"), ("smoke", "evaluation")])
def test_nothing_is_written_for_the_versioned_environment_or_where_nothing_is_registered(begin, environment, pipeline):
    root, _ = begin(environment, pipeline)
    assert list((root / "data").rglob(".stages.yaml")) == []
