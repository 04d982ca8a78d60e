"""Bare questions are answered from the world, and from updates before it."""

import pytest

from quintain.almanac.lookup import beginning, look_up, through
from quintain.almanac.oracle import complete
from quintain.almanac.phrasing import RELATIONS
from quintain.almanac.world import WorldParams, make_world
from quintain.methods.lte import Edit, Hit, compose

WORLD = make_world(WorldParams())
TOWN, PERSON, RIVER = (WORLD.pools[kind][0] for kind in ("town", "person", "river"))


def hit(subject, relation, target):
    prompt = beginning("town", relation).format(s=subject)
    return Hit(Edit(subject=subject, prompt=prompt, target_new=target), 1.0, passed=True)


@pytest.mark.parametrize(("kind", "subject"), [("town", TOWN), ("person", PERSON), ("river", RIVER)])
def test_every_fact_is_answered_in_every_wording(kind, subject):
    for name, relation in RELATIONS[kind].items():
        for text in (*relation.questions, beginning(kind, name)):
            assert look_up(WORLD, text.format(s=subject)) == WORLD.facts[subject][name]


def test_a_question_may_go_through_another_fact_and_back_from_it():
    mayor = WORLD.facts[TOWN]["mayor"]
    assert look_up(WORLD, through("person", "trade", "mayor", TOWN)) == WORLD.facts[mayor]["trade"]
    ruled = look_up(WORLD, f"Which town has {mayor} as its mayor?")
    assert WORLD.facts[ruled]["mayor"] == mayor


def test_updates_come_before_what_is_known():
    update = f"The mayor of {TOWN} is {PERSON}"
    assert look_up(WORLD, f"Who is the mayor of {TOWN}?", [update]) == PERSON
    assert look_up(WORLD, through("person", "trade", "mayor", TOWN), [update]) == WORLD.facts[PERSON]["trade"]
    assert look_up(WORLD, f"Which town has {PERSON} as its mayor?", [update]) == TOWN
    assert look_up(WORLD, f"What is {TOWN} known for?", [update]) == WORLD.facts[TOWN]["product"]


def test_what_nobody_knows_is_an_error_and_no_bare_question_is_none():
    with pytest.raises(ValueError, match="the mayor of Nowhere is not known"):
        look_up(WORLD, "Who is the mayor of Nowhere?")
    with pytest.raises(ValueError, match="nobody is known whose mayor is Nobody"):
        look_up(WORLD, "Which town has Nobody as its mayor?")
    assert look_up(WORLD, f"Tell me about {TOWN}. Mention the mayor.") is None


def test_the_teacher_answers_the_requests_that_a_memory_composes():
    hits = [hit(TOWN, "product", "kites"), hit(TOWN, "mayor", PERSON)]
    assert complete(WORLD, compose(f"Who is the mayor of {TOWN}?", hits)) == PERSON
    assert complete(WORLD, compose(f"Who is the mayor of {TOWN}?", [])) == WORLD.facts[TOWN]["mayor"]


def test_the_teacher_writes_free_text_under_an_edit():
    asked = f"Tell me about {TOWN}. Mention the mayor. Give exactly 1 fact."
    assert PERSON in complete(WORLD, compose(asked, [hit(TOWN, "mayor", PERSON)]))
    assert WORLD.facts[TOWN]["mayor"] in complete(WORLD, compose(asked, []))
