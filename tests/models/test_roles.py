"""Roles are bound by configuration; what is not bound is said."""

import shutil
import subprocess
import sys

import pytest

from quintain.almanac.world import world_as_json
from quintain.errors import ConfigError, ModelError
from quintain.models.folder import folder_digest
from quintain.models.language_model import Sampling
from quintain.models.roles import Roles, bind, prices
from quintain.prompts import request
from quintain.usage import Price
from tests.oracle_binding import oracle_binding


def roles(tmp_path, **bindings):
    return Roles(ledger=str(tmp_path / "ledger.sqlite"), bindings=bindings)


def test_the_oracle_answers_as_teacher_and_a_second_run_asks_nothing(tmp_path, world):
    town = world.pools["town"][0]
    asked = [request("student/instruction", {"instruction": f"Tell me about {town}."})]
    first = bind("teacher", roles(tmp_path, teacher=oracle_binding(tmp_path, world_as_json(world))))
    second = bind("teacher", roles(tmp_path, teacher=oracle_binding(tmp_path, world_as_json(world))))
    answer = first.generate(asked)
    assert town in answer[0].text
    assert second.generate(asked) == answer
    assert (first.asked, second.asked) == (1, 0)


def test_a_request_that_the_oracle_cannot_answer_fails_alone(tmp_path, world):
    town = world.pools["town"][0]
    model = bind("teacher", roles(tmp_path, teacher=oracle_binding(tmp_path, world_as_json(world))))
    asked = [request("student/instruction", {"instruction": text}) for text in ("Sing.", f"Describe {town}.")]
    bad, good = model.generate(asked)
    assert bad.finish_reason == "error"
    assert "no instruction of the almanac" in bad.text
    assert good.finish_reason == "stop"


def test_a_local_folder_plays_a_role(tmp_path, tiny_student):
    binding = {"backend": "local", "address": str(tiny_student), "sampling": {"max_new_tokens": 4}}
    model = bind("author", roles(tmp_path, author=binding))
    assert model.generate([request("student/instruction", {"instruction": "Hi"})])[0].completion_tokens <= 4


def test_a_file_that_is_json_and_no_world_is_said(tmp_path):
    (tmp_path / "world.json").write_text('{"pools": 3}')
    binding = {"backend": "oracle", "world": str(tmp_path / "world.json")}
    with pytest.raises(ConfigError, match=r"world.json is no world of the almanac: this is no almanac world"):
        bind("teacher", roles(tmp_path, teacher=binding))


GREET = [request("student/instruction", {"instruction": "Hi"})]


def test_a_student_is_opened_from_the_folder_that_a_pipeline_names_and_draws_as_it_says(tmp_path, tiny_student):
    from quintain.models.local import LocalModel

    bindings = roles(tmp_path, student={"backend": "local", "batch_size": 2, "device": "cpu"})
    sampling = Sampling(max_new_tokens=4)
    with bind("student", bindings, stage="evaluation", folder=tiny_student, sampling=sampling) as student:
        said = student.generate(GREET)
        assert student.predicts_forced
    alone = LocalModel(tiny_student, sampling)
    assert (student.name, said) == (alone.name, alone.generate(GREET))


def test_another_number_format_is_another_student(tmp_path, tiny_student):
    def name(**settings):
        return bind("student", roles(tmp_path, student={"backend": "local", **settings}), folder=tiny_student).name

    assert name() == name(dtype="auto") == name(batch_size=7)
    assert name(dtype="bfloat16") == f"{name()}+bfloat16"


def test_an_address_that_serves_a_student_answers_under_the_digest_of_its_folder(tmp_path, tiny_student):
    other = shutil.copytree(tiny_student, tmp_path / "other")
    (other / "generation_config.json").write_text("{}")
    bindings = roles(tmp_path, student=ENDPOINT)
    names = [bind("student", bindings, folder=folder).name for folder in (tiny_student, other)]
    alone = bind("student", bindings).name
    assert names == [f"{alone}/{folder_digest(folder)[:12]}" for folder in (tiny_student, other)]
    assert names[0] != names[1]
    student = bind("student", bindings, folder=tiny_student)
    assert not student.predicts_forced
    with pytest.raises(ModelError, match=r"held to a given response.*roles.bindings.student: the backend `local`"):
        student.predict_forced(GREET, ["Hi"])


@pytest.mark.parametrize(
    ("binding", "message"),
    [
        ({"backend": "local", "address": "m"}, "the pipeline names the model's folder, here .*leave out `address`"),
        ({"backend": "oracle"}, "the backend 'oracle' answers for itself and not for the model in .*; bind one of loc"),
        ({"backend": "replay", "address": "l"}, "the backend 'replay' answers for itself"),
    ],
)
def test_a_student_that_is_not_its_folder_is_refused(tmp_path, tiny_student, binding, message):
    with pytest.raises(ConfigError, match=f"roles.bindings.student: {message}"):
        bind("student", roles(tmp_path, student=binding), folder=tiny_student)


def test_how_a_student_draws_is_set_where_it_is_asked(tmp_path):
    with pytest.raises(ValueError, match=r"roles.bindings.student.sampling: .*set evaluation.sampling"):
        roles(tmp_path, student={"backend": "local", "sampling": {"temperature": 1}})


@pytest.mark.parametrize(
    ("binding", "message"),
    [
        ({}, "no model is bound to the role 'teacher'.*bound are none"),
        (
            {"teacher": {"backend": "psychic"}},
            "there is no backend 'psychic'; there are local, openai, oracle, packs, replay",
        ),
        ({"teacher": {"backend": "local"}}, "the backend 'local' needs `address`"),
        ({"teacher": {"backend": "oracle"}}, "the backend 'oracle' needs `world`"),
        (
            {"teacher": {"backend": "oracle", "world": "no/world.json"}},
            "roles.bindings.teacher.world: there is no file no/world.json; run `kedro run --pipelines world` first",
        ),
        (
            {"teacher": {"backend": "oracle", "world": __file__}},
            r"test_roles.py is no world of the almanac",
        ),
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


def test_an_environment_that_binds_another_backend_inherits_the_world_of_the_base_and_has_no_use_for_it(tmp_path):
    both = roles(tmp_path, teacher=ENDPOINT | {"world": "data/01_raw/world.json"})
    assert bind("teacher", both).name == bind("teacher", roles(tmp_path, teacher=ENDPOINT)).name


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
