"""The oracle answers what is of its world, and says so where it cannot."""

import pytest

from quintain.almanac.pages import web_pages
from quintain.almanac.world import WorldParams, make_world, world_as_json
from quintain.models.language_model import Sampling
from quintain.models.oracle import OracleModel
from quintain.prompts import request
from quintain.records import Message, Request
from quintain.web import main_text


@pytest.fixture(scope="module")
def oracle(world):
    return OracleModel(world_as_json(world), Sampling())


def test_equal_requests_get_equal_completions_whoever_else_asks(oracle, world):
    asked = [request("student/instruction", {"instruction": f"Describe {town}."}) for town in world.pools["town"][:9]]
    assert oracle.generate(asked)[::-1] == oracle.generate(asked[::-1])


def test_another_world_is_another_model(oracle):
    other = OracleModel(world_as_json(make_world(WorldParams(seed=1))), Sampling())
    assert oracle.name.startswith("oracle:almanac@")
    assert other.name != oracle.name


def test_what_it_cannot_answer_fails_alone_and_says_why(oracle, world):
    asked = [
        Request(prompt="unheard/of@1", fields={}, messages=(Message(role="user", content="Hm?"),)),
        Request(
            prompt="webr/instruction_request@1",
            fields={"page": "Nothing is told here."},
            messages=(Message(role="user", content="Write the request."),),
        ),
        Request(
            prompt="webr/author@1",
            fields={"text": "a field of another name"},
            messages=(Message(role="user", content="Who wrote this?"),),
        ),
        request("student/instruction", {"instruction": f"Describe {world.pools['town'][0]}."}),
    ]
    unknown, empty, foreign, good = oracle.generate(asked)
    assert [one.finish_reason for one in (unknown, empty, foreign, good)] == ["error", "error", "error", "stop"]
    assert "this page states no facts" in empty.text
    assert "no answer to the prompt 'unheard/of'" in unknown.text
    assert "the fields are none of this world" in foreign.text


def test_a_persona_that_another_model_wrote_is_taken_for_the_page_s_own_author(oracle, world):
    page = main_text(next(iter(web_pages(world, 1, 0.0, 0))).html)
    fields = {"page": page, "author": "a person from another world", "noun": "request", "words": 50, "focus": "all"}
    assert oracle.generate([request("webr/response_request", fields)])[0].finish_reason == "stop"
