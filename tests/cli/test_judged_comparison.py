"""Both respond, the judge is tried before it is believed, and what it leaves open is asked once more."""

import dataclasses

import pytest

from quintain.benchmarks.judged.instruction_set import InstructionSet
from quintain.cli.judged_comparison import forecast_judging, judge_responses, respond
from quintain.errors import QualityError, RecordError
from quintain.methods.lion import LionParams
from quintain.records import Instruction
from tests.scripted_judge import Judge, shares, told
from tests.scripted_model import Scripted

INSTRUCTIONS = tuple(Instruction(text=f"Write about {word}.") for word in ("salt", "wool", "rope", "ink"))
SET = InstructionSet("set", INSTRUCTIONS, {each.id: each.id for each in INSTRUCTIONS})
PARAMS = LionParams(controls=3)


def echo(times):
    """A model that says the subject so many times."""
    return Scripted(lambda request: " ".join([request.messages[-1].content.split()[-1].rstrip(".")] * times) or "-")


def test_the_model_with_the_better_responses_wins_in_both_orders():
    judge = Judge()
    judged = judge_responses(SET, respond(SET, echo(2)), respond(SET, echo(1)), judge, PARAMS)
    assert [each.value for each in judged.outcomes] == [1.0] * 4
    assert not any(each.conflict for each in judged.outcomes)
    assert (judged.trial.correct, judged.trial.controls, judged.unanswered) == (3, 3, 0)
    # three controls and four instructions, each in both orders
    assert judged.usage.calls == len(judge.asked) == 2 * (3 + 4)


def test_a_judge_that_fails_its_trial_compares_nothing():
    judge = Judge(told(9, 1))
    with pytest.raises(QualityError, match="not fit to compare: it put the right response ahead in 0 of 3 controls"):
        judge_responses(SET, respond(SET, echo(2)), respond(SET, echo(1)), judge, PARAMS)
    assert len(judge.asked) == 2 * 3


def test_what_the_judge_contradicts_itself_on_is_asked_once_more():
    def swayed(request):
        # Of two good responses it favours the first; it tells good ones from those to other instructions.
        first, second = (shares(request.fields[place], request.fields["instruction"]) for place in ("first", "second"))
        return told(first + 1, second) if first == second else told(first, second)

    judge = Judge(swayed)
    judged = judge_responses(SET, respond(SET, echo(1)), respond(SET, echo(1)), judge, PARAMS)
    assert [(each.value, each.conflict) for each in judged.outcomes] == [(0.5, True)] * 4
    assert len(judge.asked) == 2 * (3 + 4 + 4)
    assert {request.sample for request in judge.asked} == {0, 1}


def test_what_a_model_could_not_respond_to_is_left_out():
    class Failing(Scripted):
        def generate(self, requests):
            found = super().generate(requests)
            return [
                dataclasses.replace(each, id="", finish_reason="error")
                if "wool" in asked.messages[-1].content
                else each
                for asked, each in zip(requests, found, strict=True)
            ]

    first = respond(SET, echo(2))
    judged = judge_responses(SET, first, respond(SET, Failing("salt")), Judge(), PARAMS)
    assert (len(judged.outcomes), judged.unanswered) == (3, 1)
    with pytest.raises(RecordError, match="no instruction of set that both models responded to"):
        judge_responses(SET, first, {}, Judge(), PARAMS)


def test_the_forecast_counts_both_orders_and_the_trial():
    usage = forecast_judging(SET, 100, PARAMS)
    assert usage.calls == 2 * (4 + 3)
    short = forecast_judging(SET, 50, PARAMS)
    # each of 14 questions shows two responses, each 50 tokens shorter
    assert usage.prompt_tokens - short.prompt_tokens == 14 * 2 * 50
