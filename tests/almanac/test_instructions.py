"""What an instruction asks for can be read back from its words alone."""

import random

import pytest

from quintain.almanac.constraints import AXES, CATEGORIES, LEVELS, sample_rules, wordings
from quintain.almanac.instructions import Task, read_instruction, write_instruction
from quintain.almanac.pages import write_page
from quintain.almanac.phrasing import PAGE_OPENINGS, TOWN_RELATIONS
from quintain.records import Rule


def draw(world, rng, category, level):
    subject = rng.choice(world.pools["town"])
    relation = rng.choice(TOWN_RELATIONS) if category == "example" else ""
    return Task(subject, sample_rules(rng, category, level), relation)


def as_set(rules):
    return {(rule.kind, rule.value) for rule in rules}


@pytest.mark.parametrize("category", CATEGORIES)
def test_reading_inverts_writing(world, category):
    rng = random.Random(category)
    for level in LEVELS * 60:
        task = draw(world, rng, category, level)
        read = read_instruction(world, write_instruction(rng, world, task))
        assert (read.subject, read.relation, as_set(read.rules)) == (task.subject, task.relation, as_set(task.rules))


@pytest.mark.parametrize("page_first", [True, False])
def test_a_page_is_told_from_the_request_on_either_side(world, page_first):
    rng = random.Random(0)
    for category in CATEGORIES * 20:
        task = draw(world, rng, category, 3)
        facts = world.draw_facts(rng, task.subject)
        page = write_page(rng, task.subject, facts).text
        request = write_instruction(rng, world, task, PAGE_OPENINGS)
        text = f"{page}\n\n{request}" if page_first else f"{request}\n\n{page}"
        read = read_instruction(world, text)
        assert (read.subject, as_set(read.rules), read.facts) == (task.subject, as_set(task.rules), facts)


def test_every_constraint_that_is_said_has_two_wordings_of_its_own():
    said = [
        wordings(Rule(kind=name, value=value)) for name, axis in AXES.items() for value in axis.values if axis.wordings
    ]
    assert all(len(ways) == 2 for ways in said)
    every = [way for ways in said for way in ways]
    assert len(set(every)) == len(every)


@pytest.mark.parametrize("category", CATEGORIES)
def test_rules_come_in_the_number_asked_for_and_never_contradict(category):
    rng = random.Random(1)
    for level in LEVELS * 100:
        rules = sample_rules(rng, category, level, skew=rng.choice((0.0, 1.0)))
        assert len(rules) == len(as_set(rules)) == level
        facts = [rule.value for rule in rules if rule.kind in ("mention", "omit")]
        assert len(facts) == len(set(facts))


def test_a_mixed_instruction_takes_no_pattern():
    rng = random.Random(2)
    kinds = {rule.kind for _ in range(300) for rule in sample_rules(rng, "mixed", 5)}
    assert not kinds & {name for name, axis in AXES.items() if axis.category == "example"}


def test_a_skewed_draw_prefers_what_comes_first():
    rng = random.Random(3)
    values = [sample_rules(rng, "format", 1, skew=1.0)[0].kind for _ in range(1000)]
    # Zipf over five axes: 1 / (1 + 1/2 + 1/3 + 1/4 + 1/5) = 44 % for the first, 9 % for the last
    assert 0.38 < values.count("count") / 1000 < 0.5
    assert values.count("wrap") / 1000 < 0.14


def test_unknown_text_category_or_level_is_refused(world):
    with pytest.raises(ValueError, match="this is no instruction of the almanac: 'Hello'"):
        read_instruction(world, "Hello")
    with pytest.raises(ValueError, match="there is no category 'poetry' at level 1"):
        sample_rules(random.Random(0), "poetry", 1)
    with pytest.raises(ValueError, match="level 6"):
        sample_rules(random.Random(0), "style", 6)
