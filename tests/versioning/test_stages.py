"""One stage per pipeline and student, with what it reads and writes."""

from pathlib import Path

import pytest
import yaml
from kedro.io.catalog_config_resolver import DEFAULT_RUNTIME_PATTERN, CatalogConfigResolver
from kedro.pipeline import Pipeline, node

from quintain.errors import ConfigError
from quintain.versioning.dvc_yaml import render
from quintain.versioning.stages import Project, lifecycle_stages

CATALOG = yaml.safe_load("""
pages: {type: JSONDataset, filepath: data/pages.json}
report: {type: JSONDataset, filepath: data/report.json, metadata: {dvc: metric, mlflow: metrics}}
"{student}.model@hf": {type: HF, filepath: "data/models/{student}", metadata: {kedro-viz: {layer: models}}}
"{student}.model@ref": {type: Ref, filepath: "data/models/{student}"}
"{student}.curve": {type: CSV, filepath: "data/{student}/curve.csv", metadata: {dvc: {plot: {x: step, y: loss}}}}
"{student}.radar": {type: Figure, filepath: "data/{student}/radar.png"}
"{student}.scores": {type: JSON, filepath: "data/{student}/scores.json", metadata: {dvc: metric}}
"{student}.version": {type: JSON, filepath: "data/{student}/version.json", metadata: {dvc: uncached}}
""")
PARAMETERS = {"conf/base/parameters.yml": {"pages": {"n": 3}, "training": {"steps": 9}}}


def nothing(*_):
    """Stand for a node's work."""


def pages():
    return Pipeline(
        [
            node(nothing, inputs="params:pages", outputs="draft"),
            node(nothing, inputs="draft", outputs=["pages", "report"]),
        ]
    )


def training(student):
    return Pipeline(
        [node(nothing, inputs=["pages", "params:training"], outputs=["model@hf", "curve", "radar"], name="train")],
        namespace=student,
        inputs={"pages"},
        parameters={"params:training"},
    )


def registration(student):
    return Pipeline([node(nothing, inputs=["model@ref"], outputs="version")], namespace=student)


LIFECYCLE = {"pages": pages(), "training": training("a") + training("b"), "registration": registration("b")}


@pytest.fixture
def project(tmp_path):
    for name in ("pages", "training", "registration"):
        folder = tmp_path / "src/shop/pipelines" / name
        folder.mkdir(parents=True)
        (folder / "__init__.py").touch()

    def build(pipelines=LIFECYCLE, package=tmp_path / "src/shop", **catalog):
        resolver = CatalogConfigResolver(CATALOG | catalog, default_runtime_patterns=DEFAULT_RUNTIME_PATTERN)
        return Project(root=tmp_path, package=package, pipelines=pipelines, catalog=resolver, parameters=PARAMETERS)

    return build


def stages_by_name(project):
    return {stage.name: stage for stage in lifecycle_stages(project)}


def test_each_student_has_a_stage_of_its_own(project):
    stages = stages_by_name(project())
    assert list(stages) == ["pages", "training-a", "training-b", "registration-b"]
    assert stages["pages"].cmd == "OMP_NUM_THREADS=1 kedro run --pipelines pages --env base"
    assert stages["training-b"].cmd == "OMP_NUM_THREADS=1 kedro run --pipelines training --namespaces b --env base"


def test_a_stage_reads_files_code_and_parameters(project):
    stage = stages_by_name(project())["training-a"]
    assert stage.deps == ["data/pages.json", "src/shop/pipelines/training"]
    assert stage.params == {"conf/base/parameters.yml": ["training"]}


def test_what_stays_in_memory_is_neither_read_nor_written(project):
    stage = stages_by_name(project())["pages"]
    assert stage.deps == ["src/shop/pipelines/pages"]
    assert (stage.outs, stage.metrics) == ({"data/pages.json": {}}, {"data/report.json": {"cache": False}})


def test_the_catalog_says_what_is_a_metric_a_plot_or_uncached(project):
    stages = stages_by_name(project())
    assert stages["training-a"].outs == {"data/models/a": {}}
    assert stages["training-a"].plots == {
        "data/a/curve.csv": {"cache": False, "x": "step", "y": "loss"},
        "data/a/radar.png": {},
    }
    # DVC never replays a stage with an uncached plain output from its run cache, and registering must not be replayed.
    assert stages["registration-b"].outs == {"data/b/version.json": {"cache": False}}


def test_two_views_of_a_model_are_one_folder(project):
    assert stages_by_name(project())["registration-b"].deps == ["data/models/b", "src/shop/pipelines/registration"]


def test_a_stage_does_not_depend_on_what_it_writes_itself(project):
    train = node(nothing, inputs="pages", outputs="model@hf")
    score = node(nothing, inputs="model@ref", outputs="scores")
    both = Pipeline([train, score], namespace="a", inputs={"pages"})
    (stage,) = lifecycle_stages(project({"training": both}))
    assert stage.deps == ["data/pages.json", "src/shop/pipelines/training"]


def test_a_node_outside_all_namespaces_makes_the_pipeline_one_stage(project):
    mixed = training("a") + Pipeline([node(nothing, inputs="pages", outputs="report")])
    (stage,) = lifecycle_stages(project({"training": mixed}))
    assert (stage.name, "--namespaces" in stage.cmd) == ("training", False)
    assert stage.metrics == {"data/report.json": {"cache": False}}


def test_nested_namespaces_belong_to_the_student(project):
    nested = Pipeline([training("inner")], namespace="a", inputs={"pages"}, parameters={"params:training"})
    catalog = {
        f"a.inner.{name}": {"type": "JSONDataset", "filepath": f"data/inner/{name}.json"}
        for name in ("model@hf", "curve", "radar")
    }
    (stage,) = lifecycle_stages(project({"training": nested}, **catalog))
    assert stage.cmd.endswith("--pipelines training --namespaces a --env base")


def test_where_the_package_is_installed_the_pinned_version_stands_for_its_code(project):
    stage = stages_by_name(project(package=Path("/site-packages/shop")))["training-a"]
    assert stage.deps == ["data/pages.json"]
    assert stage.params["pyproject.toml"] == ["project.dependencies"]


@pytest.mark.parametrize(
    ("pipelines", "catalog", "message"),
    [
        (
            {"training": Pipeline([node(nothing, inputs="unkept", outputs="report")])},
            {},
            "stage training reads dataset unkept, which no catalog entry keeps in a file",
        ),
        (
            {"pages": pages(), "training": Pipeline([node(nothing, inputs="params:pages", outputs="report")])},
            {},
            r"stages pages and training both write data/report\.json",
        ),
        (
            {"pages": pages()},
            {"pages": {"type": "JSONDataset", "filepath": "data/pages.json", "versioned": True}},
            "dataset pages is `versioned: true`, but DVC keeps the versions",
        ),
        (
            {"pages": pages()},
            {"pages": {"type": "JSONDataset", "filepath": "data/pages.json", "metadata": {"dvc": "metrics"}}},
            r"dataset pages: metadata\.dvc is 'metrics'; write metric, uncached or \{plot",
        ),
    ],
)
def test_what_dvc_cannot_keep_is_refused(project, pipelines, catalog, message):
    with pytest.raises(ConfigError, match=message):
        lifecycle_stages(project(pipelines, **catalog))


def test_the_file_says_that_it_is_written_by_a_command_and_holds_the_stages(project):
    text = render(lifecycle_stages(project()))
    assert text.startswith("# Written by `quintain dvc-sync`")
    assert yaml.safe_load(text)["stages"]["training-a"] == {
        "cmd": "OMP_NUM_THREADS=1 kedro run --pipelines training --namespaces a --env base",
        "deps": ["data/pages.json", "src/shop/pipelines/training"],
        "params": [{"conf/base/parameters.yml": ["training"]}],
        "outs": ["data/models/a"],
        "plots": [{"data/a/curve.csv": {"cache": False, "x": "step", "y": "loss"}}, "data/a/radar.png"],
    }
