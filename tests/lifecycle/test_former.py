"""The lifecycle.yml of version 0.1 is still understood."""

import pytest

from quintain.errors import ConfigError
from quintain.lifecycle.former import as_line, from_left_out


def test_without_the_world_the_base_student_comes_from_elsewhere():
    document = from_left_out(["world"], ["core"], "conf/hub/lifecycle.yml")
    assert document["students"]["base"] == {"start": "student"}
    assert list(document["students"]) == ["base", "webr", "lion", "bmc", "lte"]


def test_the_next_student_starts_from_the_last_one_that_is_left():
    students = from_left_out(["preference"], ["almanac"], "f")["students"]
    assert students["lte"] == {"from": "lion", "by": "editing"}


def test_without_evaluation_nothing_is_scored():
    assert from_left_out(["registration"], ["almanac"], "f")["benchmarks"] == []


def test_the_new_form_stands_on_one_line():
    line = as_line({"students": {"base": {"start": "world"}}, "benchmarks": ["almanac"]})
    assert line == "students: {base: {start: world}}, benchmarks: [almanac]"


def test_a_pipeline_that_does_not_exist_is_named():
    with pytest.raises(ConfigError, match="conf/hub/lifecycle.yml leaves out wrld, which is no pipeline"):
        from_left_out(["wrld"], [], "conf/hub/lifecycle.yml")
