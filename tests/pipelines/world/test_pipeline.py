"""A world is made once, whoever starts in it."""

import dataclasses

from kedro.validation.type_extractor import TypeExtractor

from quintain.almanac.pack import build_pack
from quintain.almanac.world import WorldParams
from quintain.lifecycle import Lifecycle, Student
from quintain.pipelines.world import create_pipeline
from quintain.pipelines.world.nodes import AlmanacPackParams, PageParams, SeedParams, TokenizerParams
from quintain.quality.check import check
from quintain.records import Rule
from quintain.training.pretraining import ArchitectureParams, PretrainingParams
from tests.lifecycles import tree
from tests.project_configuration import expectations

TWO = Lifecycle(
    students=(
        Student(name="base", start="world"),
        Student(name="other", start="world", overrides={"world.pretraining.seed": 1}),
    ),
    benchmarks=("almanac",),
)


def test_students_share_world_and_tokenizer_and_each_has_its_own_training():
    found = {node.name: node for node in create_pipeline(TWO).nodes}
    assert {name for name in found if "pack" not in name} == {
        "make_world", "write_pages", "draw_seeds", "train_tokenizer",
        "pretrain_base", "probe_base", "pretrain_other", "probe_other",
    }  # fmt: skip
    assert "params:world.pretraining" in found["pretrain_base"].inputs
    assert "params:students.other.world.pretraining" in found["pretrain_other"].inputs


def test_without_a_student_of_its_own_a_world_needs_no_tokenizer():
    pipeline = create_pipeline(tree({"mine": {"start": "student"}}))
    assert pipeline.outputs() == {"raw_pages", "almanac.items@records", "seed_instructions"}


def test_questions_are_drawn_where_a_lifecycle_names_their_benchmark():
    asked = dataclasses.replace(
        TWO, students=(Student(name="base", start="world", benchmarks=("almanac", "questions")),)
    )
    found = {node.name: node for node in create_pipeline(asked).nodes}
    assert found["draw_questions"].outputs == ["questions.items@rows"]
    assert "draw_questions" not in {node.name for node in create_pipeline(TWO).nodes}


def test_nothing_goes_in_but_parameters_and_the_suite():
    assert {name for name in create_pipeline(tree()).inputs() if not name.startswith("params:")} == {"pack_suite"}


def test_kedro_builds_every_parameter_from_its_annotation():
    assert TypeExtractor({"world": create_pipeline(tree())}).extract_types_from_pipelines() == {
        "world.world": WorldParams,
        "world.pages": PageParams,
        "world.pack": AlmanacPackParams,
        "world.seeds": SeedParams,
        "world.tokenizer": TokenizerParams,
        "world.architecture": ArchitectureParams,
        "world.pretraining": PretrainingParams,
    }


def test_the_pack_suite_passes_the_almanacs_pack_and_stops_a_gap_in_the_levels(world):
    pack = build_pack(world, groups_per_category=2, seed=0)
    suite = expectations("pack")["pack"]
    assert check("pack", pack, suite)["passed"]
    assert not check("pack", [item for item in pack if item.level != 3], suite)["passed"]
    rule = (Rule(kind="count", value="3"),)
    blank = [dataclasses.replace(item, id="", instruction=" \n", rules=rule) for item in pack]
    assert not check("pack", blank, suite)["passed"]
