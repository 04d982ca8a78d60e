"""The oracle passes every check, and every check tells the response that breaks it from all others."""

import itertools
import random

import pytest

from quintain.almanac.checks import check
from quintain.almanac.constraints import AXES, CATEGORIES, LEVELS
from quintain.almanac.mutants import mutant
from quintain.almanac.pack import CHEAP_RESPONSES, build_pack, draw_group, task_of
from quintain.almanac.responses import respond


@pytest.fixture(scope="module")
def pack(world):
    return build_pack(world, groups_per_category=20, seed=7)


def test_the_oracle_passes_every_check_on_6000_instructions(world):
    rng = random.Random(0)
    for category in CATEGORIES * 200:  # 6 categories × 200 groups × 5 levels
        for item in draw_group(world, rng, category, "g"):
            task = task_of(item)
            judged = check(world, item, respond(task, world.facts[task.subject], rng))
            assert judged.hard, (item.instruction, judged)


def test_every_rule_has_a_mutant_that_breaks_it_alone(world):
    rng = random.Random(1)
    broken = set()
    for category in CATEGORIES * 40:
        item = draw_group(world, rng, category, "g")[rng.randrange(5)]
        for i, rule in enumerate(item.rules):
            response = mutant(world, item, i, rng)
            if response is not None:
                judged = check(world, item, response)
                assert judged.base_task
                assert [j for j, holds in enumerate(judged.satisfied) if not holds] == [i]
                broken.add((rule.kind, rule.value))
    kinds = {kind for kind, _ in broken}
    assert kinds == set(AXES)


def test_empty_echo_refusal_and_constant_responses_fail_level_1(world, pack):
    for item in (item for item in pack if item.level == 1):
        for response in (*CHEAP_RESPONSES, item.instruction, item.instruction * 2):
            assert not check(world, item, response).hard, (item.instruction, response)


def test_the_answer_to_another_item_seldom_passes(world, pack):
    rng = random.Random(2)
    answers = {item.id: respond(task_of(item), world.facts[task_of(item).subject], rng) for item in pack}
    shifted = [check(world, item, answers[other.id]).hard for item, other in zip(pack, pack[7:], strict=False)]
    assert sum(map(bool, shifted)) / len(shifted) < 0.05


def test_a_false_value_fails_the_base_task(world, pack):
    rng = random.Random(3)
    for item in pack[::17]:
        task = task_of(item)
        # Every fact is another one, so whatever the response states is false.
        wrong = {
            name: next(v for v in world.pools[pool] if v not in (value, task.subject))
            for (name, value), pool in zip(
                world.facts[task.subject].items(), ("person", "region", "river", "product", "year", "town"), strict=True
            )
        }
        assert check(world, item, respond(task, wrong, rng)).base_task is False


def test_a_pack_has_every_category_at_every_level_and_nested_rules(pack):
    counts = {
        (c, level): sum(i.category == c and i.level == level for i in pack) for c in CATEGORIES for level in LEVELS
    }
    assert set(counts.values()) == {20}
    for lower, upper in itertools.pairwise(pack):
        if upper.level == lower.level + 1:
            assert upper.example_id == lower.example_id
            assert upper.rules[: lower.level] == lower.rules


def test_instructions_are_unique(pack):
    assert len({item.instruction for item in pack}) == len(pack)


def test_a_judgement_names_its_rules_and_keeps_the_response(world, pack):
    judged = check(world, pack[0], "Nonsense.")
    assert (judged.by, judged.response, judged.item_id) == ("rule:almanac", "Nonsense.", pack[0].id)
    assert len(judged.satisfied) == pack[0].level
