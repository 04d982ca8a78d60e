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
def world():
    return make_world(WorldParams())


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
    page = main_text(next(iter(web_pages(world, 1, 0.0, 0))).html)
    asked = [
        Request(prompt="unheard/of@1", fields={}, messages=(Message(role="user", content="Hm?"),)),
        Request(
            prompt="webr/instruction_request@1",
            fields={"page": page, "author": "a person from another world"},
            messages=(Message(role="user", content="Write the request."),),
        ),
        request("student/instruction", {"instruction": f"Describe {world.pools['town'][0]}."}),
    ]
    unknown, foreign, good = oracle.generate(asked)
    assert [one.finish_reason for one in (unknown, foreign, good)] == ["error", "error", "stop"]
    assert "no answer to the prompt 'unheard/of'" in unknown.text
    assert "the fields are none of this world" in foreign.text
