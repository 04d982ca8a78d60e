"""A stranger finds every student in the first picture, and nothing that needs an explanation beside them."""

from pathlib import Path
from types import SimpleNamespace

import networkx
import pytest
import yaml
from kedro.pipeline import Pipeline
from kedro_viz.constants import ROOT_MODULAR_PIPELINE_ID
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


def test_between_the_boxes_of_the_default_lifecycle_lie_models_and_what_students_learn_from(monkeypatch):
    _, boxes = of(tree(), monkeypatch)
    assert boxes.between == {
        "world", "tokenizer", "raw_pages", "seed_instructions", "instruction_pairs", "synthesis_preferences",
        "base.model", "webr.model", "lion.model", "bmc.model",
        "lion_round_1.preference_pairs", "lion_round_2.preference_pairs", "lion_round_3.preference_pairs",
    }  # fmt: skip


def test_rounds_lie_in_the_box_of_the_student_that_they_lead_to(monkeypatch):
    _, boxes = of(tree(), monkeypatch)
    assert boxes.of["lion_round_2.imitate"] == "lion.round_2.training"
    assert boxes.of["lion_round_0.open_pools"] == "lion.round_0.training"
    assert boxes.of["register_lion_round_2.ask_gate"] == "lion.round_2.registration"


def test_several_benchmarks_have_a_box_each(monkeypatch):
    _, boxes = of(LIFECYCLES["two benchmarks and a branch"], monkeypatch)
    assert boxes.of["gentle.core.judge_responses"] == "gentle.evaluation.core"


class Manager:
    """What Kedro-Viz asks, as far as boxes go."""

    def __init__(self):
        self.modular_pipelines = {}


@pytest.fixture
def shown(monkeypatch):
    """The tree that Kedro-Viz gets, and the pipeline that it is of."""
    pipelines, _ = of(tree(), monkeypatch)
    given = []
    monkeypatch.setattr(kedro_viz, "_POPULATE", lambda *arguments: given.append(arguments))
    manager = Manager()
    kedro_viz.populate_data(manager, None, pipelines, None)
    ((_, _, shown, _),) = given
    assert next(iter(shown)) == "__default__"
    repository = manager.modular_pipelines["__default__"]
    repository.populate_tree(shown["__default__"])
    return SimpleNamespace(tree=repository.tree, repository=repository, pipeline=shown["__default__"])


def test_kedro_viz_opens_on_boxes_and_what_is_between(shown, monkeypatch):
    _, boxes = of(tree(), monkeypatch)
    opened = {child.id for child in shown.tree[ROOT_MODULAR_PIPELINE_ID].children}
    assert opened == {*CHAIN, "world", "synthesis"} | {_hash_input_output(name) for name in boxes.between}


def test_every_node_and_dataset_is_found_in_some_box(shown):
    inside = [child.id for box in shown.tree.values() for child in box.children]
    for node in shown.pipeline.nodes:
        assert inside.count(_hash(str(node))) == 1
    for name in shown.pipeline.datasets() - shown.pipeline.inputs():
        assert _hash_input_output(name) in inside


def test_a_model_leaves_the_box_of_its_student_and_enters_that_of_the_next(shown):
    model = _hash_input_output("webr.model@hf")
    assert model in shown.tree["webr"].outputs
    assert model in shown.tree["webr.training"].outputs
    assert model in shown.tree["lion"].inputs
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
    kedro_viz.populate_data(Manager(), None, {"__default__": Pipeline([])}, None)
    assert asked == [
        ("there", None, False, "theirs", None, True), ("here", "smoke", True, "quintain", None, True), {},
    ]  # fmt: skip
