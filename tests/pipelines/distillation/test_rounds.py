"""An ended loop is told from one that goes on, and what is evaluated from what may be learned."""

from quintain.benchmarks.decontamination import Decontamination
from quintain.pipelines.distillation.rounds import by_id, by_instruction, drop_held_out, goes_on
from quintain.records import ConstraintItem, Instruction, Response
from tests.lifecycles import Asked

SING, DANCE = Instruction(text="Sing."), Instruction(text="Dance.", round=1)


def test_a_round_goes_on_while_the_one_before_left_something_new():
    assert goes_on([SING, DANCE], {"round": 1})
    assert not goes_on([SING], {"round": 1})
    assert not goes_on([SING, DANCE], {"round": 2})
    assert not goes_on([], {"round": 0})


def test_instructions_and_responses_are_found_by_the_id_of_the_instruction():
    sung = Response(instruction_id=SING.id, role="teacher", text="La.", finish_reason="stop")
    assert by_id([SING, DANCE]) == {SING.id: SING, DANCE.id: DANCE}
    assert by_instruction([sung]) == {SING.id: sung}


def test_an_instruction_that_holds_an_item_is_dropped_with_both_names():
    item = ConstraintItem(
        example_id="1", category="style", level=1, instruction="Tell me of the old harbour in one short sentence."
    )
    leak = Instruction(text=f"Please: {item.instruction}")
    kept, dropped = drop_held_out([SING, leak, DANCE], [Asked([item])], Decontamination(ngram_words=8, item_share=0.8))
    assert kept == [SING, DANCE]
    (one,) = dropped
    assert (one.stage, one.reason, one.text) == ("contamination", "contaminated", leak.prompt)
    assert one.where == f"instruction {leak.id}: almanac: {item.id}"
