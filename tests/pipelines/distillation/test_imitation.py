"""The teacher responds to what it has not seen, and the student learns that and some of the earlier."""

import pytest

from quintain.errors import ModelError, RecordError
from quintain.records import Instruction
from tests.pipelines.distillation.loop import run


def test_the_teacher_is_asked_about_each_instruction_once_in_all_rounds(catalog):
    run(catalog)
    reports = catalog.load("lion.rounds").values()
    assert [report["spent"]["teacher"]["calls"] for report in reports] == [16, 6]
    assert len(catalog.load("lion.teacher_responses")) == 28


def test_half_of_what_is_taught_is_replayed(catalog):
    run(catalog)
    rounds = [int(pair.origin.knobs["round"]) for pair in catalog.load("lion_round_2.distilled_pairs")]
    assert (rounds.count(1), rounds.count(0)) == (6, 6)


def test_a_teacher_that_answers_nothing_stops_the_run(catalog):
    catalog.save("seed_instructions", [Instruction(text="Sing."), Instruction(text="Dance.")])
    with pytest.raises(ModelError, match="the teacher oracle:almanac@.* answered none of 2 instructions; .*almanac"):
        run(catalog)


def test_an_empty_pool_says_what_to_do(catalog):
    catalog.save("seed_instructions", [Instruction(text=" ")])
    with pytest.raises(RecordError, match="holds 1 instructions and none that says something .*`seeds` in"):
        run(catalog)
