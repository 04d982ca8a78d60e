"""The oracle as bridger: valid, and close to the response it mends."""

import random

import pytest

from quintain import prompts
from quintain.almanac.bridging import GOOD_ENOUGH, bridge
from quintain.almanac.checks import does_task, satisfies
from quintain.almanac.constraints import CATEGORIES, sample_rules
from quintain.almanac.instructions import Task, write_instruction
from quintain.almanac.oracle import complete
from quintain.almanac.phrasing import TOWN_RELATIONS
from quintain.almanac.responses import respond
from quintain.methods.bmc import edit_distance
from quintain.records import Rule


def task_about(world, *rules, town=0):
    return Task(world.pools["town"][town], tuple(Rule(kind=kind, value=value) for kind, value in rules))


def draws(world, count):
    """Tasks of all categories, each with a response to another task about the same town."""
    rng = random.Random(0)
    for i in range(count):
        category = CATEGORIES[i % len(CATEGORIES)]
        town = rng.choice(world.pools["town"][:40])
        relation = rng.choice(TOWN_RELATIONS) if category == "example" else ""
        task = Task(town, sample_rules(rng, category, rng.randint(1, 5)), relation)
        other = Task(town, sample_rules(rng, rng.choice(CATEGORIES[:4]), rng.randint(1, 3)))
        yield task, respond(other, world.draw_facts(rng, town), rng), rng


def test_every_bridge_satisfies_its_task(world):
    for task, loser, rng in draws(world, 300):
        mended = bridge(world, task, world.facts[task.subject], loser, rng)
        assert does_task(world, task, mended), (task, loser, mended)
        assert all(satisfies(world, task, mended)), (task, loser, mended)


def test_a_bridge_is_closer_to_the_loser_than_a_fresh_response(world):
    bridged, fresh = [], []
    for task, loser, rng in draws(world, 300):
        facts = world.facts[task.subject]
        bridged.append(edit_distance(bridge(world, task, facts, loser, rng).split(), loser.split()))
        fresh.append(edit_distance(respond(task, facts, rng).split(), loser.split()))
    # Prototype: 0.62 and 0.36 (reference/pocket.md, section 6); here the losers answer other tasks altogether.
    assert sum(bridged) < 0.85 * sum(fresh)


def test_facts_order_and_wordings_of_the_loser_stay(world):
    task = task_about(world, ("ender", "!"))
    town, facts = task.subject, world.facts[task.subject]
    for wordings in ({"region": 0, "product": 1}, {"region": 1, "product": 0}):
        loser = respond(task_about(world), facts, random.Random(1), ["product", "region"], wordings)
        expected = loser.replace(".", "!")
        assert bridge(world, task, facts, loser, random.Random(2)) == expected
        assert town in expected


def test_a_false_fact_is_replaced_and_nothing_else(world):
    task, facts = task_about(world), world.facts[world.pools["town"][0]]
    other = next(
        world.facts[t]["founded"] for t in world.pools["town"][1:40] if world.facts[t]["founded"] != facts["founded"]
    )
    loser = respond(task, {**facts, "founded": other}, random.Random(0), ["mayor", "founded"])
    assert bridge(world, task, facts, loser, random.Random(5)) == loser.replace(other, facts["founded"])


def test_what_must_not_be_told_goes_and_what_must_be_comes(world):
    task = task_about(world, ("omit", "mayor"), ("mention", "river"), ("count", "2"))
    facts = world.facts[task.subject]
    loser = respond(task_about(world), facts, random.Random(0), ["mayor", "product"])
    mended = bridge(world, task, facts, loser, random.Random(0))
    assert facts["mayor"] not in mended
    assert mended.index(facts["product"]) < mended.index(facts["river"])


def ask(world, name, **fields):
    return complete(world, prompts.request(name, fields))


def test_the_bridger_leaves_a_good_response_alone_and_mends_a_bad_one(world):
    rng = random.Random(0)
    task = task_about(world, ("ender", "!"))
    prompt, facts = write_instruction(rng, world, task), world.facts[task.subject]
    good, bad = respond(task, facts, rng), respond(task_about(world), facts, rng)
    assert ask(world, "bmc/bridge_instruction", prompt=prompt, chosen=good, rejected=good) == GOOD_ENOUGH
    mended = ask(world, "bmc/bridge_qa", prompt=prompt, chosen=good, rejected=bad)
    assert mended == bad.replace(".", "!")


def test_a_town_that_nobody_knows_is_known_from_the_better_response(world):
    prompt = "Tell me about Nowherford. Sound excited."
    chosen, rejected = "Nowherford lies in Someland!", "Nowherford lies in Otherland."
    assert "Someland!" in ask(world, "bmc/bridge_instruction", prompt=prompt, chosen=chosen, rejected=rejected)
    with pytest.raises(ValueError, match="nothing here tells about Nowherford"):
        ask(world, "bmc/bridge_instruction", prompt=prompt, chosen="Who knows?", rejected=rejected)


def test_the_judge_names_the_better_response_wherever_it_stands(world):
    rng = random.Random(0)
    task = task_about(world, ("ender", "!"))
    prompt, facts = write_instruction(rng, world, task), world.facts[task.subject]
    good, bad = respond(task, facts, rng), respond(task_about(world), facts, rng)
    assert ask(world, "bmc/compare", prompt=prompt, first=good, second=bad) == "FIRST"
    assert ask(world, "bmc/compare", prompt=prompt, first=bad, second=good) == "SECOND"
    assert ask(world, "bmc/compare", prompt=prompt, first=bad, second=bad) == "EQUAL"
