"""Roles are bound by configuration; what is not bound is said."""

import subprocess
import sys

import pytest

from quintain.almanac.world import WorldParams, make_world, world_as_json
from quintain.errors import ConfigError
from quintain.models.budget import Price
from quintain.models.roles import Roles, bind, prices
from quintain.prompts import request


@pytest.fixture(scope="module")
def world():
    return world_as_json(make_world(WorldParams()))


def roles(tmp_path, **bindings):
    return Roles(ledger=str(tmp_path / "ledger.sqlite"), bindings=bindings)


def test_the_oracle_answers_as_teacher_and_a_second_run_asks_nothing(tmp_path, world):
    town = world["pools"]["town"][0]
    asked = [request("student/instruction", {"instruction": f"Tell me about {town}."})]
    first = bind("teacher", roles(tmp_path, teacher={"backend": "oracle"}), world)
    second = bind("teacher", roles(tmp_path, teacher={"backend": "oracle"}), world)
    answer = first.generate(asked)
    assert town in answer[0].text
    assert second.generate(asked) == answer
    assert (first.asked, second.asked) == (1, 0)


def test_a_request_that_the_oracle_cannot_answer_fails_alone(tmp_path, world):
    town = world["pools"]["town"][0]
    model = bind("teacher", roles(tmp_path, teacher={"backend": "oracle"}), world)
    asked = [request("student/instruction", {"instruction": text}) for text in ("Sing.", f"Describe {town}.")]
    bad, good = model.generate(asked)
    assert bad.finish_reason == "error"
    assert "no instruction of the almanac" in bad.text
    assert good.finish_reason == "stop"


def test_a_local_folder_plays_a_role(tmp_path, tiny_student):
    binding = {"backend": "local", "address": str(tiny_student), "sampling": {"max_new_tokens": 4}}
    model = bind("student", roles(tmp_path, student=binding))
    assert model.generate([request("student/instruction", {"instruction": "Hi"})])[0].completion_tokens <= 4


@pytest.mark.parametrize(
    ("binding", "message"),
    [
        ({}, "no model is bound to the role 'teacher'.*bound are none"),
        ({"teacher": {"backend": "psychic"}}, "there is no backend 'psychic'; there are local, openai, oracle, replay"),
        ({"teacher": {"backend": "local"}}, "the backend 'local' needs `address`"),
        ({"teacher": {"backend": "oracle"}}, "the oracle needs the dataset `world`"),
        ({"teacher": {"backend": "oracle", "sampling": {"heat": 1}}}, r"roles.bindings.teacher.sampling: .*heat"),
        ({"teacher": {"backend": "oracle", "sampling": {"top_p": 2}}}, "top_p must be in"),
    ],
)
def test_a_wrong_binding_is_one_clear_error(tmp_path, binding, message):
    with pytest.raises(ConfigError, match=message):
        bind("teacher", roles(tmp_path, **binding))


def test_an_unknown_role_or_setting_is_refused_when_it_is_read(tmp_path):
    with pytest.raises(ValueError, match="there is no role wizard; roles are author"):
        roles(tmp_path, wizard={"backend": "oracle"})
    with pytest.raises(ValueError, match=r"roles.bindings.teacher has unknown settings: key"):
        roles(tmp_path, teacher={"backend": "oracle", "key": "secret"})


@pytest.mark.parametrize(
    ("backend", "setting"),
    [("oracle", "address"), ("local", "model"), ("replay", "device"), ("openai", "batch_size"), ("local", "budget")],
)
def test_a_setting_that_the_backend_does_not_use_is_refused(tmp_path, backend, setting):
    with pytest.raises(ValueError, match=rf"unknown settings: {setting}; the backend '{backend}' has sampling"):
        roles(tmp_path, teacher={"backend": backend, setting: 1})


ENDPOINT = {"backend": "openai", "address": "http://localhost:8000/v1", "model": "m"}


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"concurrency": 0}, "Expected `int` >= 1 - at `concurrency`"),
        ({"attempts": "many"}, "Expected `int`, got `str` - at `attempts`"),
        ({"budget": {"cals": 5}}, "unknown field `cals` - at `budget`"),
        ({"budget": {"money": 5}}, "budget.money needs `price`"),
        ({"price": {"input": 1}}, "missing required field `output` - at `price`"),
        ({"dialect": "klingon"}, "Invalid enum value 'klingon' - at `dialect`"),
        ({"address": "localhost:8000"}, "address must start with http"),
        ({"address": "https://me:secret@host/v1"}, "address must not carry a user, a password or a query"),
        ({"address": "https://host/v1?key=secret"}, "address must not carry a user, a password or a query"),
        ({"extra": {"temperature": 1}}, "extra must not set temperature"),
    ],
)
def test_a_wrong_setting_of_an_endpoint_is_named(tmp_path, settings, message):
    with pytest.raises(ValueError, match=f"roles.bindings.teacher: .*{message}") as caught:
        roles(tmp_path, teacher=ENDPOINT | settings)
    assert "secret" not in str(caught.value)


def test_an_endpoint_needs_address_and_model(tmp_path):
    with pytest.raises(ValueError, match="roles.bindings.teacher: Object missing required field `address`"):
        roles(tmp_path, teacher={"backend": "openai"})


def test_a_schema_that_is_none_is_named(tmp_path):
    binding = ENDPOINT | {"structured": {"student/instruction": {"type": "thing"}}}
    with pytest.raises(ConfigError, match="structured.student/instruction is no JSON schema"):
        bind("teacher", roles(tmp_path, teacher=binding))


def test_prices_are_known_by_the_name_of_the_model(tmp_path):
    priced = ENDPOINT | {"price": {"input": 1, "output": 2}}
    bindings = roles(tmp_path, teacher=priced, judge=ENDPOINT | {"model": "free"}, author={"backend": "oracle"})
    assert prices(bindings) == {bind("teacher", bindings).name: Price(input=1, output=2)}


def test_roles_are_read_without_the_libraries_of_their_backends():
    script = "import sys, quintain.models.roles; print({'aiohttp', 'torch', 'jsonschema'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True).stdout == "set()\n"
