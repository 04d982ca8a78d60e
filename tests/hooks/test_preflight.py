"""A run that cannot end is refused before its first node, with all that it lacks."""

import contextlib
from pathlib import Path
from types import SimpleNamespace

import pytest
from kedro.framework.project import pipelines, settings
from kedro.framework.startup import bootstrap_project
from kedro.io import DataCatalog

from quintain.cli.new import lay_out
from quintain.errors import ConfigError
from quintain.hooks.lifecycle import LifecycleHook
from quintain.hooks.preflight import PreflightHook


@pytest.fixture
def preflight(tmp_path, monkeypatch):
    """Preflight of a run of some pipeline in a new project, `--env smoke`."""
    root = tmp_path / "project"
    lay_out(root)
    monkeypatch.chdir(root)
    bootstrap_project(root)
    loader = settings.CONFIG_LOADER_CLASS(str(root / "conf"), env="smoke", **settings.CONFIG_LOADER_ARGS)
    context = SimpleNamespace(config_loader=loader, env="smoke")
    LifecycleHook().after_context_created(context)
    hook = PreflightHook()
    hook.after_context_created(context)

    catalog = DataCatalog.from_config(loader["catalog"])

    def run(pipeline, **asked):
        hook.before_pipeline_run({"env": "smoke", **asked}, pipeline, catalog)

    run.catalog = catalog

    return run


def test_the_whole_lifecycle_of_a_new_project_lacks_nothing(preflight):
    preflight(pipelines["__default__"])


def test_a_part_of_it_lacks_what_the_parts_before_would_make_and_is_told_how_to_make_it(preflight):
    with pytest.raises(ConfigError, match=r"things are missing; nothing was started") as refused:
        preflight(pipelines["distillation"])
    made = "make it: `kedro run --env smoke --to-outputs webr.model@hf`"
    assert f"webr.model@ref: data/smoke/06_models/webr does not exist; {made}" in str(refused.value)


def test_one_missing_thing_is_one_line(preflight):
    for made in ("01_raw/world.json", "05_model_input/pack.jsonl"):
        Path("data/smoke", made).parent.mkdir(parents=True)
        Path("data/smoke", made).touch()
    with pytest.raises(ConfigError, match="one thing is missing") as refused:
        preflight(pipelines["synthesis"])
    assert [line.partition(": ")[2] for line in str(refused.value).splitlines()[1:]] == [
        "raw_pages: data/smoke/01_raw/pages.warc.gz does not exist; make it: "
        "`kedro run --env smoke --to-outputs raw_pages`"
    ]


def test_a_run_of_what_is_missing_alone_is_judged_by_the_nodes_that_will_run(preflight):
    with pytest.raises(ConfigError, match="does not exist"):
        preflight(pipelines["synthesis"], only_missing_outputs=True)
    for name in pipelines["synthesis"].all_outputs():
        if (place := getattr(preflight.catalog.get(name), "_filepath", None)) is not None:
            Path(place).parent.mkdir(parents=True, exist_ok=True)
            Path(place).touch()
    preflight(pipelines["synthesis"], only_missing_outputs=True)
    with pytest.raises(ConfigError, match="does not exist"):
        preflight(pipelines["synthesis"])


def test_every_pipeline_of_a_new_project_lacks_files_alone(preflight):
    for name in pipelines:
        with contextlib.suppress(ConfigError):
            preflight(pipelines[name])
            continue
        with pytest.raises(ConfigError, match="does not exist"):
            preflight(pipelines[name])
