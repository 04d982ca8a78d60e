"""One stage per pipeline and namespace, with what it reads and writes."""

from pathlib import Path

import pytest
import yaml
from kedro.io.catalog_config_resolver import DEFAULT_RUNTIME_PATTERN, CatalogConfigResolver
from kedro.pipeline import Pipeline, node

from quintain.errors import ConfigError
from quintain.versioning.configuration import Configuration
from quintain.versioning.dvc_yaml import dvc_yaml
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
PARAMETERS = {
    "pages": {"n": 3},
    "training": {"steps": 9},
    "roles": {"bindings": {"teacher": {"backend": "oracle", "world": "data/world.json"}}},
}


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
        (folder / "__init__.py").write_text("from shop.pipelines import pipeline")
    (tmp_path / "src/shop/datasets.py").touch()

    def build(pipelines=LIFECYCLE, package=tmp_path / "src/shop", environment="base", **catalog):
        resolver = CatalogConfigResolver(CATALOG | catalog, default_runtime_patterns=DEFAULT_RUNTIME_PATTERN)
        configuration = Configuration(
            environment,
            parameters={"conf/base/parameters.yml": PARAMETERS},
            catalog={"conf/base/catalog.yml": CATALOG, f"conf/{environment}/catalog_more.yml": catalog},
            globals={"conf/base/globals.yml": {"size": 1}},
        )
        return Project(
            root=tmp_path,
            package=package,
            pipelines=pipelines,
            catalog=resolver,
            configuration=configuration,
            parameters=PARAMETERS,
        )

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
    assert stage.deps == ["data/pages.json", "src/shop/pipelines/training/__init__.py"]
    assert stage.params == {"conf/base/parameters.yml": ["training"]}


def test_what_stays_in_memory_is_neither_read_nor_written(project):
    stage = stages_by_name(project())["pages"]
    assert stage.deps == ["src/shop/pipelines/pages/__init__.py"]
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
    assert stages_by_name(project())["registration-b"].deps == [
        "data/models/b",
        "src/shop/pipelines/registration/__init__.py",
    ]


def test_a_stage_does_not_depend_on_what_it_writes_itself(project):
    train = node(nothing, inputs="pages", outputs="model@hf")
    score = node(nothing, inputs="model@ref", outputs="scores")
    both = Pipeline([train, score], namespace="a", inputs={"pages"})
    (stage,) = lifecycle_stages(project({"training": both}))
    assert stage.deps == ["data/pages.json", "src/shop/pipelines/training/__init__.py"]


def test_a_node_outside_all_namespaces_makes_the_pipeline_one_stage(project):
    mixed = training("a") + Pipeline([node(nothing, inputs="pages", outputs="report")])
    (stage,) = lifecycle_stages(project({"training": mixed}))
    assert (stage.name, "--namespaces" in stage.cmd) == ("training", False)
    assert stage.metrics == {"data/report.json": {"cache": False}}


def test_a_nested_namespace_has_a_stage_of_its_own(project):
    nested = Pipeline([training("core")], namespace="a", inputs={"pages"}, parameters={"params:training"})
    catalog = {
        f"a.core.{name}": {"type": "JSONDataset", "filepath": f"data/core/{name}.json"}
        for name in ("model@hf", "curve", "radar")
    }
    stages = stages_by_name(project({"training": nested + training("b")}, **catalog))
    assert list(stages) == ["training-a-core", "training-b"]
    assert stages["training-a-core"].cmd.endswith("--pipelines training --namespaces a.core --env base")


def test_a_namespace_that_would_run_another_one_is_refused(project):
    nested = Pipeline([training("core")], namespace="a", inputs={"pages"}, parameters={"params:training"})
    with pytest.raises(
        ConfigError, match=r"nodes in the namespace a and in a\.core: `kedro run --namespaces a` would run"
    ):
        lifecycle_stages(project({"training": nested + training("a")}))


def test_a_namespace_whose_name_begins_like_another_one_is_no_trouble(project):
    assert list(stages_by_name(project({"training": training("a") + training("ab")}))) == ["training-a", "training-ab"]


def test_a_stage_runs_in_the_environment_that_is_versioned(project):
    assert stages_by_name(project(environment="hub"))["pages"].cmd.endswith("--pipelines pages --env hub")


def reader(dataset):
    return {"reading": Pipeline([node(nothing, inputs=[dataset, "params:training"], outputs="report")])}


MODEL = {"type": "shop.datasets.Model", "filepath": "data/base"}


@pytest.mark.parametrize(
    ("name", "entry", "deps", "params"),
    [
        # A foreign model lies in its folder, or is what its entry pins.
        ("start", MODEL | {"source": "/elsewhere/qwen"}, ["/elsewhere/qwen"], {}),
        (
            "start",
            MODEL | {"source": "Qwen/Qwen2.5", "revision": "7ae5"},
            [],
            {"conf/base/catalog_more.yml": ["start"]},
        ),
        ("items", {"type": "shop.datasets.Pack", "size": 3}, [], {"conf/base/catalog_more.yml": ["items"]}),
        ("world", {"type": "MemoryDataset", "data": None}, [], {"conf/base/catalog_more.yml": ["world"]}),
        # DVC cannot name a key with a dot in it.
        ("a.report", {"type": "MemoryDataset", "data": {"a": 1}}, ["conf/base/catalog_more.yml"], {}),
        (
            "items",
            {"type": "shop.datasets.Pack", "size": "${globals:size}", "metadata": {"dvc_deps": ["data/packs"]}},
            ["data/packs"],
            {"conf/base/catalog_more.yml": ["items"], "conf/base/globals.yml": ["size"]},
        ),
        (
            "rows",
            {"type": "JSONDataset", "filepath": "data/rows.json", "limit": "${globals:size}"},
            ["data/rows.json"],
            {"conf/base/globals.yml": ["size"]},
        ),
    ],
)
def test_a_dataset_that_nobody_writes_is_its_files_or_its_entry(project, name, entry, deps, params):
    (stage,) = lifecycle_stages(project(reader(name), **{name: entry}))
    assert [path for path in stage.deps if not path.startswith("src")] == deps
    assert stage.params == {"conf/base/parameters.yml": ["training"]} | params


def test_the_class_of_a_dataset_is_code_of_the_stage(project):
    (stage,) = lifecycle_stages(project(reader("start"), start=MODEL))
    assert stage.deps == ["data/base", "src/shop/datasets.py"]


def test_files_that_a_role_names_are_read_by_who_asks_it(project):
    asking = Pipeline([node(nothing, inputs=["pages", "params:roles"], outputs="report")])
    (stage,) = lifecycle_stages(project({"asking": asking}))
    assert stage.deps == ["data/pages.json", "data/world.json"]
    writing = Pipeline([node(nothing, inputs=["pages", "params:roles"], outputs="world")])
    (stage,) = lifecycle_stages(project({"asking": writing}, world={"type": "JSON", "filepath": "data/world.json"}))
    assert stage.deps == ["data/pages.json"]


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
    text = dvc_yaml(project())
    assert text.startswith("# Written by `quintain dvc-sync`")
    assert yaml.safe_load(text)["stages"]["training-a"] == {
        "cmd": "OMP_NUM_THREADS=1 kedro run --pipelines training --namespaces a --env base",
        "deps": ["data/pages.json", "src/shop/pipelines/training/__init__.py"],
        "params": [{"conf/base/parameters.yml": ["training"]}],
        "outs": ["data/models/a"],
        "plots": [{"data/a/curve.csv": {"cache": False, "x": "step", "y": "loss"}}, "data/a/radar.png"],
    }
