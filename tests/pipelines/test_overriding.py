"""A student reads its own parameters where it overrides something of a group, and everybody's elsewhere."""

import pytest
from kedro.pipeline import Pipeline, node

from quintain.lifecycle import Student
from quintain.pipelines.overriding import override

TRAIN = Pipeline([node(lambda *_: None, ["pairs", "params:a.training", "params:a.pairs"], "model", name="train")])


def student(name="gentle", **fields):
    return Student(name=name, parent="base", by="preference", **fields)


@pytest.mark.parametrize("overrides", [{"a.training.beta": 0.3}, {"a.training": {"beta": 0.3}}])
def test_only_the_group_that_is_overridden_is_the_students_own(overrides):
    own = override(TRAIN, student(overrides=overrides))
    assert own.inputs() == {"pairs", "params:students.gentle.a.training", "params:a.pairs"}


def test_overrides_of_a_whole_tree_reach_every_group_of_it():
    own = override(TRAIN, student(overrides={"a": {}}))
    assert own.inputs() == {"pairs", "params:students.gentle.a.training", "params:students.gentle.a.pairs"}


def test_a_round_of_distillation_reads_what_its_student_overrides():
    own = override(TRAIN, student("lion_round_1", round_of="lion", overrides={"a.pairs.seed": 1}))
    assert "params:students.lion.a.pairs" in own.inputs()


@pytest.mark.parametrize("overrides", [{}, {"b.training.beta": 0.3}])
def test_a_student_without_overrides_of_these_nodes_leaves_them_as_they_are(overrides):
    assert override(TRAIN, student(overrides=overrides)) is TRAIN
