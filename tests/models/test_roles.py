"""Roles are bound by configuration; what is not bound is said."""

import pytest

from quintain.almanac.world import WorldParams, make_world, world_as_json
from quintain.errors import ConfigError
from quintain.models.roles import Roles, bind
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
        ({"teacher": {"backend": "psychic"}}, "there is no backend 'psychic'; there are local, oracle, replay"),
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
