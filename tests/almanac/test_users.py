"""What users ask has a long tail, and seeds grow into instructions that can be met."""

import random
from collections import Counter

import pytest

from quintain.almanac.checks import does_task, satisfies
from quintain.almanac.instructions import read_instruction
from quintain.almanac.responses import respond
from quintain.almanac.users import more_of_a_kind, rarer, user_instructions


def test_two_categories_make_up_nine_tenths_under_a_strong_tail(world):
    shares = Counter(one.category for one in user_instructions(world, 1000, tail=3.0, skew=0.0, seed=0))
    # .31³ and .27³ of the sum of cubes are .91
    assert (shares["format"] + shares["content"]) / 1000 == pytest.approx(0.91, abs=0.04)


def test_without_a_tail_all_categories_are_asked_alike(world):
    shares = Counter(one.category for one in user_instructions(world, 1200, tail=0.0, skew=0.0, seed=0))
    assert all(count == pytest.approx(200, abs=50) for count in shares.values())


def test_instructions_are_distinct_and_the_same_for_the_same_seed(world):
    drawn = user_instructions(world, 300, tail=1.0, skew=1.0, seed=4)
    assert len({one.text for one in drawn}) == len(drawn) == 300
    assert drawn == user_instructions(world, 300, tail=1.0, skew=1.0, seed=4)


@pytest.mark.parametrize("write", [more_of_a_kind, rarer])
def test_whatever_grows_from_a_seed_can_be_met(world, write):
    for i, seed in enumerate(user_instructions(world, 600, tail=0.0, skew=0.0, seed=1)):
        rng = random.Random(i)
        task = read_instruction(world, write(world, seed.text, rng))
        witness = respond(task, world.facts[task.subject], rng)
        assert does_task(world, task, witness), (seed.text, witness)
        assert all(satisfies(world, task, witness)), (seed.text, witness)


def test_more_of_a_kind_keeps_the_axes_and_changes_the_town(world):
    for i, seed in enumerate(user_instructions(world, 100, tail=1.0, skew=1.0, seed=2)):
        before = read_instruction(world, seed.text)
        after = read_instruction(world, more_of_a_kind(world, seed.text, random.Random(i)))
        assert Counter(rule.kind for rule in after.rules) == Counter(rule.kind for rule in before.rules)
        assert after.subject != before.subject


def test_rarer_keeps_the_town_and_turns_to_what_few_ask(world):
    seeds = user_instructions(world, 600, tail=2.0, skew=1.0, seed=3)
    tasks = [read_instruction(world, rarer(world, seed.text, random.Random(i))) for i, seed in enumerate(seeds)]
    assert all(task.subject in seed.text for task, seed in zip(tasks, seeds, strict=True))
    # 1/.11 of the sum of the inverse weights is .22; example tasks are those with a relation
    assert sum(bool(task.relation) for task in tasks) / 600 == pytest.approx(0.22, abs=0.06)
