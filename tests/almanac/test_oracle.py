"""The oracle plays every role of synthesis from the fields of a prompt."""

import dataclasses
import random

import pytest

from quintain import prompts
from quintain.almanac.checks import read
from quintain.almanac.instructions import read_instruction
from quintain.almanac.oracle import complete
from quintain.almanac.pages import write_page
from quintain.almanac.phrasing import AUTHORS


def page_of(world, i, genre="guide"):
    town = world.pools["town"][i % 40]
    return town, write_page(random.Random(i), town, world.facts[town], genre).text


def ask(world, name, sample=0, **fields):
    return complete(world, prompts.request(name, fields, sample=sample))


@pytest.mark.parametrize("genre", list(AUTHORS))
def test_the_author_of_a_page_is_read_from_its_template(world, genre):
    _, page = page_of(world, 3, genre)
    persona = ask(world, "webr/author", page=page)
    assert persona == AUTHORS[genre][0]
    assert len(persona.split()) <= 30


@pytest.mark.parametrize("name", ["webr/instruction_request", "webr/response_request"])
@pytest.mark.parametrize("genre", list(AUTHORS))
def test_a_request_is_one_of_the_world_about_the_page(world, name, genre):
    for i in range(40):
        town, page = page_of(world, i, genre)
        fields = {"page": page, "author": AUTHORS[genre][0], "noun": "request", "words": 100, "focus": "all"}
        assert read_instruction(world, ask(world, name, **fields)).subject == town


@pytest.mark.parametrize("name", ["webr/instruction_request", "webr/response_request"])
def test_a_section_without_facts_is_an_error_and_no_endless_search(world, name):
    fields = {"author": AUTHORS["guide"][0], "noun": "request", "words": 100, "focus": "all"}
    with pytest.raises(ValueError, match="states nothing about Somewhere"):
        ask(world, name, page="A guide to Somewhere\nIt is a nice place.", **fields)


def test_a_refined_response_states_the_page_and_a_roll_out_errs_now_and_then(world):
    wrong = {"webr/response_rollout": 0, "webr/response_refinement": 0}
    claims = 0
    for i in range(200):
        town, page = page_of(world, i)
        request = f"Tell me about {town}. Write exactly 4 facts."
        for name, fields in (
            ("webr/response_rollout", {"request": request}),
            ("webr/response_refinement", {"page": page, "request": request, "response": ""}),
        ):
            reading = read(world, town, world.facts[town], ask(world, name, sample=i, **fields))
            wrong[name] += sum(value != world.facts[town][relation].lower() for relation, value in reading.claims)
        claims += 4
    assert wrong["webr/response_refinement"] == 0
    # each fact is wrong with 30 %, less the draws that hit the truth by chance
    assert 0.2 < wrong["webr/response_rollout"] / claims < 0.36


def test_the_same_request_has_the_same_answer_and_another_sample_another(world):
    town = world.pools["town"][0]
    request = prompts.request("student/instruction", {"instruction": f"Tell me about {town}. Write exactly 4 facts."})
    assert complete(world, request) == complete(world, request)
    answers = {complete(world, dataclasses.replace(request, id="", sample=sample)) for sample in range(5)}
    assert len(answers) > 1


def test_an_unknown_prompt_names_the_known_ones(world):
    request = dataclasses.replace(prompts.request("student/instruction", {"instruction": "x"}), prompt="judge/what@1")
    with pytest.raises(ValueError, match="no answer to the prompt 'judge/what'; it knows .*webr/author"):
        complete(world, request)
