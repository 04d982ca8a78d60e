"""A stranger finds every student in the first picture, and nothing that needs an explanation beside them."""

from pathlib import Path
from types import SimpleNamespace

import networkx
import pytest
import yaml
from kedro.io import DataCatalog
from kedro.pipeline import Pipeline
from kedro_viz.constants import ROOT_MODULAR_PIPELINE_ID
from kedro_viz.data_access.managers import DataAccessManager
from kedro_viz.services import layers
from kedro_viz.utils import _hash, _hash_input_output

from quintain import pipeline_registry
from quintain.cli.recipes import RECIPES, lifecycle_document
from quintain.lifecycle.reading import read_lifecycle
from quintain.lifecycle.tree import DATA_PIPELINES
from quintain.viewing import kedro_viz
from quintain.viewing.family_tree import boxes_of, outermost
from tests.lifecycles import CHAIN, tree

ROOT = Path(__file__).parents[2]


def of(lifecycle, monkeypatch):
    monkeypatch.setattr(pipeline_registry, "lifecycle", lifecycle)
    pipelines = pipeline_registry.register_pipelines()
    return pipelines, boxes_of(pipelines, lifecycle)


def lifecycle_of(document):
    return read_lifecycle(document, {"distillation": {"rounds": 2}}, file="lifecycle.yml")


LIFECYCLES = {
    "default": tree(),
    "smollm2": lifecycle_of(yaml.safe_load((ROOT / "conf/smollm2/lifecycle.yml").read_text())),
    "two benchmarks and a branch": tree(
        {**CHAIN, "gentle": {"from": "lion", "by": "preference"}}, benchmarks=("core", "almanac")
    ),
} | {
    f"{name}, {'foreign' if foreign else 'world'}": lifecycle_of(lifecycle_document(recipe, foreign=foreign))
    for name, recipe in RECIPES.items()
    for foreign in (False, True)
}


@pytest.mark.parametrize("lifecycle", LIFECYCLES.values(), ids=LIFECYCLES)
def test_the_outermost_boxes_are_the_declared_students_and_what_makes_data(lifecycle, monkeypatch):
    pipelines, boxes = of(lifecycle, monkeypatch)
    assert set(boxes.of) == {node.name for node in pipelines["__default__"].nodes}
    students = {student.name for student in lifecycle.students if student.declared}
    assert {outermost(box) for box in boxes.of.values()} == students | (set(lifecycle.pipelines) & set(DATA_PIPELINES))


@pytest.mark.parametrize("lifecycle", LIFECYCLES.values(), ids=LIFECYCLES)
def test_training_evaluation_and_registration_of_every_student_lie_in_its_box(lifecycle, monkeypatch):
    _, boxes = of(lifecycle, monkeypatch)
    for student in lifecycle.students:
        place = student.round_of + student.name.removeprefix(student.round_of).replace("_", ".", 1)
        parts = {box[len(place) + 1 :].partition(".")[0] for box in boxes.of.values() if box.startswith(f"{place}.")}
        assert parts - {"round_0", *(name.removeprefix(f"{place}_") for name in student.rounds)} == {
            "training", "evaluation", "registration",
        }  # fmt: skip


@pytest.mark.parametrize("lifecycle", LIFECYCLES.values(), ids=LIFECYCLES)
def test_no_box_leads_back_to_itself(lifecycle, monkeypatch):
    pipelines, boxes = of(lifecycle, monkeypatch)
    graph = networkx.DiGraph()
    for node, before in pipelines["__default__"].node_dependencies.items():
        graph.add_edges_from((outermost(boxes.of[one.name]), outermost(boxes.of[node.name])) for one in before)
    graph.remove_edges_from(list(networkx.selfloop_edges(graph)))
    assert networkx.is_directed_acyclic_graph(graph)


def test_boxes_of_the_default_lifecycle_are_joined_by_models_and_what_students_learn_from(monkeypatch):
    _, boxes = of(tree(), monkeypatch)
    assert {name: set(pairs) for name, pairs in boxes.joined.items()} == {
        "world": {("world", "base"), ("world", "lte")},
        "tokenizer": {("world", "base")},
        "raw_pages": {("world", "synthesis")},
        "seed_instructions": {("world", "lion")},
        "instruction_pairs": {("synthesis", "webr"), ("synthesis", "bmc")},
        "synthesis_preferences": {("synthesis", "bmc")},
        "base.model": {("base", "webr")},
        "webr.model": {("webr", "lion")},
        "lion.model": {("lion", "bmc")},
        **{f"lion_round_{number}.preference_pairs": {("lion", "bmc")} for number in (1, 2, 3)},
        "bmc.model": {("bmc", "lte")},
    }
    assert not boxes.outside


def test_what_is_the_users_own_lies_outside_of_all_boxes(monkeypatch):
    _, boxes = of(LIFECYCLES["finetune, foreign"], monkeypatch)
    assert boxes.outside == {"student.source", "given_pairs"}
    assert boxes.joined == {"base.model": {("base", "tuned")}}


def test_rounds_lie_in_the_box_of_the_student_that_they_lead_to(monkeypatch):
    _, boxes = of(tree(), monkeypatch)
    assert boxes.of["lion_round_2.imitate"] == "lion.round_2.training"
    assert boxes.of["lion_round_0.open_pools"] == "lion.round_0.training"
    assert boxes.of["register_lion_round_2.ask_gate"] == "lion.round_2.registration"


def test_several_benchmarks_have_a_box_each(monkeypatch):
    _, boxes = of(LIFECYCLES["two benchmarks and a branch"], monkeypatch)
    assert boxes.of["gentle.core.judge_responses"] == "gentle.evaluation.core"


@pytest.fixture
def shown(monkeypatch):
    """What the pages of Kedro-Viz get of the default lifecycle."""
    pipelines, _ = of(tree(), monkeypatch)
    manager = DataAccessManager()
    kedro_viz.populate_data(manager, DataCatalog(), pipelines, {})
    nodes = manager.create_modular_pipelines_tree_for_registered_pipeline("__default__")
    return SimpleNamespace(
        tree=nodes, manager=manager, pipeline=pipelines["__default__"],
        lines={(edge.source, edge.target) for edge in manager.get_edges_for_registered_pipeline("__default__")},
    )  # fmt: skip


def drawn(shown, box):
    """What is seen where a box, or the whole, is open: no parameters, which Kedro-Viz hides at first."""
    closed = [child.id for child in shown.tree[box].children if child.type == "modularPipeline"]
    around = {end for one in closed for end in shown.tree[one].inputs | shown.tree[one].outputs}
    named = {child.id for child in shown.tree[box].children} | around
    return {one for one in named if shown.manager.nodes.get_node_by_id(one).type != "parameters"}


def test_kedro_viz_opens_on_boxes_of_students_and_nothing_else(shown):
    opened = drawn(shown, ROOT_MODULAR_PIPELINE_ID)
    assert opened == {*CHAIN, "world", "synthesis"}
    assert {(one, other) for one, other in shown.lines if {one, other} <= opened} == {
        ("world", "base"), ("world", "synthesis"), ("world", "lion"), ("world", "lte"), ("synthesis", "webr"),
        ("synthesis", "bmc"), ("base", "webr"), ("webr", "lion"), ("lion", "bmc"), ("bmc", "lte"),
    }  # fmt: skip


def test_an_open_box_shows_the_model_that_comes_from_the_one_before(shown):
    model = _hash_input_output("base.model@hf")
    assert {"webr.training", "webr.evaluation", "webr.registration", model} <= drawn(shown, "webr")
    assert {("base", model), (model, "webr.training")} <= shown.lines


def test_the_tree_has_no_layers_and_other_pipelines_keep_theirs(shown, monkeypatch, caplog):
    monkeypatch.setattr(layers, "sort_layers", lambda *_: ["raw", "models"])
    assert shown.manager.get_sorted_layers_for_registered_pipeline("__default__") == []
    assert shown.manager.get_sorted_layers_for_registered_pipeline("world") == ["raw", "models"]
    assert "circular dependency" not in caplog.text


def test_every_node_and_dataset_is_found_in_some_box(shown):
    inside = [child.id for box in shown.tree.values() for child in box.children]
    for node in shown.pipeline.nodes:
        assert inside.count(_hash(str(node))) == 1
    for name in shown.pipeline.datasets() - shown.pipeline.inputs():
        assert _hash_input_output(name) in inside


def test_a_model_leaves_the_box_that_trains_it_and_enters_the_one_that_evaluates_it(shown):
    model = _hash_input_output("webr.model@hf")
    assert model in shown.tree["webr.training"].outputs
    assert model in shown.tree["webr.evaluation"].inputs
    page = _hash_input_output("webr.almanac.radar")
    assert page not in shown.tree["webr"].outputs | shown.tree["webr.evaluation"].outputs


def test_a_box_has_the_tags_of_what_is_inside(shown):
    assert {"distillation", "evaluation", "registration", "Lion", "quality"} <= shown.tree["lion"].tags
    assert "WebR" in shown.tree["synthesis"].tags


def test_a_project_of_others_is_left_as_it_is(monkeypatch):
    monkeypatch.setattr(pipeline_registry, "lifecycle", None)
    asked = []
    monkeypatch.setattr(kedro_viz, "_LOAD", lambda *settings: asked.append(settings))
    monkeypatch.setattr(kedro_viz, "_POPULATE", lambda manager, *_: asked.append(manager.modular_pipelines))
    kedro_viz.load_data("there", None, False, "theirs", None, True)
    kedro_viz.load_data("here", "smoke", False, "quintain", None, True)
    kedro_viz.populate_data(SimpleNamespace(modular_pipelines={}), None, {"__default__": Pipeline([])}, None)
    assert asked == [
        ("there", None, False, "theirs", None, True), ("here", "smoke", True, "quintain", None, True), {},
    ]  # fmt: skip
