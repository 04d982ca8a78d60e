"""An endpoint shows once that it does what it is asked, or is refused with the reason."""

import importlib.util
import logging
import re
from pathlib import Path

import pytest
from aiohttp import web

from quintain.errors import ConfigError, ModelError
from quintain.models.language_model import Sampling
from quintain.models.roles import ROLES, Roles, bind
from quintain.prompts import request
from tests.endpoint_server import EndpointServer, refused, said

ASKED = [request("student/instruction", {"instruction": "hi"})]
SCHEMA = {"type": "object", "properties": {"score": {"type": "integer"}}, "required": ["score"]}


def bound(server, tmp_path, role="teacher", temperature=0.7, **settings):
    binding = {"backend": "openai", "address": server.address, "model": "x", **settings}
    roles = Roles(ledger=str(tmp_path / "ledger.sqlite"), bindings={role: binding})
    return bind(role, roles, stage="synthesis", sampling=Sampling(temperature=temperature))


def probes(server):
    return [call for call in server.calls if call.prompt != "hi"]


def test_a_server_that_samples_is_tried_once_for_all_runs(tmp_path):
    with EndpointServer(lambda call: said(f"town {call.body['seed']}")) as server:
        bound(server, tmp_path).generate(ASKED)
        assert len({call.body["seed"] for call in probes(server)}) == len(probes(server)) == 2
        assert {call.body["temperature"] for call in probes(server)} == {1.0}
        bound(server, tmp_path).generate([request("student/instruction", {"instruction": "more"})])
        assert len(server.calls) == 4


def test_a_server_that_ignores_the_temperature_is_refused(tmp_path):
    with (
        EndpointServer(lambda _: said("Bree burnt down.")) as server,
        pytest.raises(ModelError, match=r"the same for two seeds .*Set sampling.temperature to 0 for this role, or"),
    ):
        bound(server, tmp_path).generate(ASKED)


def test_a_greedy_role_needs_no_sampling(tmp_path):
    with EndpointServer(lambda _: said("same")) as server:
        bound(server, tmp_path, temperature=0.0).generate(ASKED)
        assert len(server.calls) == 1


def test_what_the_ledger_answers_needs_no_endpoint_and_no_key(tmp_path):
    with EndpointServer(lambda call: said(f"town {call.body['seed']}")) as server:
        model = bound(server, tmp_path)
        first = model.generate(ASKED)
    assert bound(server, tmp_path, key_env="NEVER_SET").generate(ASKED) == first


def test_a_server_that_cannot_be_tried_says_why(tmp_path):
    with (
        EndpointServer(lambda _: refused(400, "no seed here")) as server,
        pytest.raises(ModelError, match=r"could not be tried out: HTTP 400: no seed here"),
    ):
        bound(server, tmp_path).generate(ASKED)


def test_a_server_that_ignores_response_format_is_refused(tmp_path):
    with (
        EndpointServer(lambda _: said("Hello!")) as server,
        pytest.raises(ModelError, match=r"does not hold its replies to a JSON schema.*Take `structured` out"),
    ):
        bound(server, tmp_path, temperature=0.0, structured={"student/instruction": SCHEMA}).generate(ASKED)


def test_a_server_that_honours_response_format_is_used(tmp_path):
    def reply(call):
        wanted = call.body["response_format"]["json_schema"]["schema"]["required"]
        return said('{"score": 3}' if wanted == ["score"] else '{"greeting": "Hello"}')

    with EndpointServer(reply) as server:
        model = bound(server, tmp_path, temperature=0.0, structured={"student/instruction": SCHEMA})
        assert model.generate(ASKED)[0].text == '{"score": 3}'
        assert len(server.calls) == 2


@pytest.fixture(scope="module")
def routes_of_transformers_serve():
    """The routes of the installed transformers' own server, from its source: to run it takes packages we do without."""
    folder = Path(importlib.util.find_spec("transformers").origin).parent
    source = (folder / "cli/serving/server.py").read_text()
    return tuple(re.findall(r'@app\.(?:get|post)\("(.+?)"\)', source))


@pytest.mark.parametrize("role", sorted(set(ROLES) - {"student"}))
def test_transformers_serve_is_refused_for_every_role_but_the_student(tmp_path, routes_of_transformers_serve, role):
    with (
        EndpointServer(lambda _: said("x"), routes_of_transformers_serve) as server,
        pytest.raises(ConfigError, match=rf"bindings.{role}: .*`transformers serve`, which leaves out temperature"),
    ):
        bound(server, tmp_path, role, temperature=0.0).generate(ASKED)


def test_transformers_serve_may_play_the_student_in_a_smoke_test(tmp_path, routes_of_transformers_serve, caplog):
    caplog.set_level(logging.WARNING)
    with EndpointServer(lambda _: said("x"), routes_of_transformers_serve) as server:
        assert bound(server, tmp_path, "student").generate(ASKED)[0].text == "x"
    assert "a smoke test, no measurement" in caplog.text


class Described(EndpointServer):
    """A server that describes itself in any way."""

    def __init__(self, body):
        super().__init__(lambda _: said("x"), ("/v1",))
        self.body = body

    async def _describe(self, _):
        return web.Response(body=self.body)


@pytest.mark.parametrize(
    "body",
    [b'{"paths": [[1], {}]}', b'{"paths": 3}', b'{"paths": null}', b"[]", b'{"paths": "\xff"}', b"[" * 100_000, b"",
     b'{"paths": ' + b'{"a":' * 100_000, b'"' + b"x" * (17 * 2**20) + b'"'],
    ids=lambda body: repr(body[:14]),
)  # fmt: skip
def test_a_server_may_describe_itself_in_any_way(tmp_path, body):
    with Described(body) as server:
        assert bound(server, tmp_path, temperature=0.0).generate(ASKED)[0].text == "x"
