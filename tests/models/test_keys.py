"""A key comes from the environment or the credentials file, and is seen by its endpoint alone."""

import logging
import pickle
import traceback

import pytest

from quintain.errors import ConfigError, ModelError
from quintain.models.endpoint_settings import EndpointSettings
from quintain.models.keys import Key, find_key
from quintain.models.roles import Roles, bind
from quintain.prompts import request
from tests.endpoint_server import EndpointServer, Said, refused, said

PLANTED = "sk-planted-5f2c9e71"


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "conf/local").mkdir(parents=True)
    return tmp_path


def test_the_environment_comes_before_the_credentials_file(project, monkeypatch):
    (project / "conf/local/credentials.yml").write_text("MY_KEY: from-file\nOTHER_KEY: other\n")
    assert find_key("MY_KEY").headers() == {"Authorization": "Bearer from-file"}
    monkeypatch.setenv("MY_KEY", " from-environment\n")
    assert find_key("MY_KEY").headers() == {"Authorization": "Bearer from-environment"}
    assert find_key("OTHER_KEY").headers() == {"Authorization": "Bearer other"}


def test_no_name_is_no_key(project):
    assert find_key("").headers() == {}


@pytest.mark.parametrize("content", [None, "", "- a list\n", "OTHER: x\n", "MY_KEY: {nested: x}\n"])
def test_a_missing_key_says_where_to_put_it(project, content):
    if content is not None:
        (project / "conf/local/credentials.yml").write_text(content)
    with pytest.raises(ConfigError, match=r"no key MY_KEY .* set the environment variable MY_KEY, or add the line"):
        find_key("MY_KEY")


def test_a_credentials_file_that_is_no_yaml_is_not_quoted(project):
    (project / "conf/local/credentials.yml").write_text(f"MY_KEY: '{PLANTED}\n")
    with pytest.raises(ConfigError, match="is no YAML") as caught:
        find_key("MY_KEY")
    assert PLANTED not in "".join(traceback.format_exception(caught.value))


def test_a_key_that_no_header_can_carry_is_not_quoted(monkeypatch):
    monkeypatch.setenv("MY_KEY", f"{PLANTED}\nX-Evil: 1")
    with pytest.raises(ConfigError, match="holds characters that no key has") as caught:
        find_key("MY_KEY")
    assert PLANTED not in str(caught.value)


def test_a_key_does_not_show_itself():
    key = Key(PLANTED)
    assert PLANTED not in f"{key} {key!r} {[key]} {vars(type(key))}"
    assert key.hide(f"you sent {PLANTED}!") == "you sent [key]!"


def test_openais_key_goes_to_openai_alone():
    assert EndpointSettings(address="https://api.openai.com/v1", model="x").key_name == "OPENAI_API_KEY"
    assert EndpointSettings(address="https://elsewhere.example/v1", model="x").key_name == ""
    assert EndpointSettings(address="https://elsewhere.example/v1", model="x", key_env="MY").key_name == "MY"


def _echo(call):
    """Gives the key back in every way that a reply has."""
    key = call.headers["authorization"].removeprefix("Bearer ")
    echoes = {
        "say": said(f"Your key is {key}."),
        "refuse": refused(400, f"key {key} is no good"),
        "html": Said(400, f"<html>{key}".encode()),
        "fail": refused(503, f"{key} overloaded", Retry_After=key),
        "filter": said("x", f"{key}"),
        "shape": Said(body=f'{{"choices": "{key}"}}'.encode()),
        "cut": Said(body=f'{{"choices": ["{key}"'.encode()),
        "escape": said("x", choices=[{"message": {"content": f"{key}"}, "finish_reason": "stop"}]),
        "stop": refused(401, f"Incorrect API key provided: {key}"),
    }
    return echoes[call.prompt]


def test_a_planted_key_is_in_nothing_that_is_written_or_said(project, monkeypatch, caplog, capfd):
    monkeypatch.setenv("TEACHER_KEY", PLANTED)
    caplog.set_level(logging.DEBUG)
    with EndpointServer(_echo) as server:
        binding = {"backend": "openai", "address": server.address, "model": "x", "key_env": "TEACHER_KEY"}
        roles = Roles(ledger="data/ledger.sqlite", bindings={"teacher": binding | {"attempts": 2}})
        model = bind("teacher", roles)
        words = ["say", "refuse", "html", "fail", "filter", "shape", "cut", "escape"]
        completions = model.generate([request("student/instruction", {"instruction": word}) for word in words])
        with pytest.raises(ModelError, match=r"Incorrect API key provided: \[key\]") as caught:
            model.generate([request("student/instruction", {"instruction": "stop"})])
        assert all(call.headers["authorization"] == f"Bearer {PLANTED}" for call in server.calls)
    assert completions[0].text == "Your key is [key]."
    written = [path.read_bytes() for path in project.rglob("*") if path.is_file()]
    assert sum(map(len, written)) > 1000
    said_aloud = [
        *map(repr, completions),
        "".join(traceback.format_exception(caught.value)),
        caplog.text,
        "".join(capfd.readouterr()),
        repr(roles),
        repr(vars(model)),
        repr(vars(model._model)),
    ]
    for text in [*written, *(text.encode() for text in said_aloud)]:
        assert PLANTED.encode() not in text
    assert PLANTED.encode() not in pickle.dumps(completions)
