"""The packs' oracle answers every role about training items, and refuses all else."""

import json
import random

import pytest

from quintain.models.language_model import Sampling
from quintain.models.oracle import PacksOracle
from quintain.packs.build import CATEGORIES, build_pack
from quintain.packs.exercises.drawing import draw_exercise, read_exercise
from quintain.prompts import request


@pytest.fixture(scope="module")
def oracle():
    return PacksOracle(Sampling())


@pytest.fixture(scope="module")
def exercises():
    rng = random.Random(2)
    return [draw_exercise(pack, category, 3, rng) for pack in ("starter", "core") for category in CATEGORIES]


def ask(oracle, name, /, **fields):
    (completion,) = oracle.generate([request(name, fields)])
    return completion


def test_the_teacher_writes_a_response_that_passes(oracle, exercises):
    for exercise in exercises:
        said = ask(oracle, "student/instruction", instruction=exercise.instruction)
        assert said.finish_reason == "stop"
        assert exercise.passes(said.text)


def test_the_referee_gives_the_witness_ten_and_less_for_what_breaks_a_rule(oracle, exercises):
    for exercise in exercises:
        witness = exercise.respond(random.Random(0))
        said = ask(oracle, "lion/referee", instruction=exercise.instruction, first=witness, second="No idea.")
        first, second = (float(line.split(": ")[1]) for line in said.text.split("\n")[1:])
        assert first == 10.0
        assert second < 10


def test_the_generator_writes_an_instruction_that_the_teacher_can_answer(oracle, exercises):
    for exercise in exercises:
        for prompt in ("lion/generate_hard", "lion/generate_easy"):
            new = ask(oracle, prompt, seed=exercise.instruction)
            assert new.finish_reason == "stop"
            answered = ask(oracle, "student/instruction", instruction=new.text)
            assert read_exercise(new.text)[0].passes(answered.text)


def test_the_bridger_mends_or_says_why_not(oracle, exercises):
    for exercise in exercises:
        witness = exercise.respond(random.Random(0))
        fields = {"prompt": exercise.instruction, "chosen": witness}
        assert ask(oracle, "bmc/bridge_instruction", **fields, rejected=witness).text == "GOOD ENOUGH"
        said = ask(oracle, "bmc/bridge_instruction", **fields, rejected=witness.lower()[: len(witness) // 2])
        if said.finish_reason == "error":
            assert "cannot be mended: " in said.text
        else:
            assert said.text == "GOOD ENOUGH" or exercise.passes(said.text)


def test_the_better_of_two_responses_is_the_one_that_keeps_more_rules(oracle, exercises):
    for exercise in exercises:
        witness = exercise.respond(random.Random(0))
        fields = {"prompt": exercise.instruction, "first": "No.", "second": witness}
        assert ask(oracle, "bmc/compare", **fields).text == "SECOND"


def test_the_judge_gives_a_verdict_for_each_constraint(oracle):
    rng = random.Random(6)
    exercise = next(one for one in iter(lambda: draw_exercise("core", "content", 2, rng), None) if one.topic)
    last = exercise.instruction
    # the level before is the instruction without its last rule
    first = next(last[:end] for end in range(len(last), 0, -1) if _level(last[:end].rstrip()) == 1)
    fields = {"path": ["", first.rstrip(), last], "level": 2, "noun": "a constraint", "replies": "structured"}
    witness = exercise.respond(rng)
    said = ask(oracle, "followbench/judge_item_en", **fields, response=witness)
    assert [each["satisfied"] for each in json.loads(said.text)["verdicts"]] == [True, True]


def _level(text):
    try:
        return read_exercise(text)[0].level
    except ValueError:
        return None


@pytest.mark.parametrize("pack", ["starter", "core"])
def test_an_item_of_an_evaluation_pack_is_refused(oracle, pack):
    for item in build_pack(pack)[::200]:
        assert ask(oracle, "student/instruction", instruction=item.instruction).finish_reason == "error"


def test_an_unknown_prompt_says_which_are_known(oracle):
    said = ask(oracle, "webr/author", page="A page.")
    assert said.finish_reason == "error"
    assert "no answer to the prompt 'webr/author'; it knows bmc/bridge_instruction" in said.text


def test_equal_requests_get_equal_completions_and_samples_differ(oracle):
    asked = 'Tell me briefly about robots, with 12 words as a minimum. Never say "motors".'
    samples = [request("student/instruction", {"instruction": asked}, sample=n) for n in range(6)]
    assert oracle.generate(samples) == oracle.generate(samples)
    assert len({one.text for one in oracle.generate(samples)}) > 3
