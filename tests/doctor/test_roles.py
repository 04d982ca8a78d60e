"""Roles that a run asks: known of every node that could ask one, and looked up without asking."""

import dataclasses
import importlib
import inspect
import re

import pytest

from quintain.doctor.roles import _READY, ROLES_ASKED
from quintain.models.endpoint_settings import EndpointSettings
from quintain.models.keys import Key
from quintain.models.reachability import why_unreachable
from quintain.models.roles import SETTINGS
from quintain.pipeline_registry import PIPELINES
from tests.endpoint_server import EndpointServer, said
from tests.lifecycles import tree

LITERAL = re.compile(r'\bbind\("(\w+)"')


def nodes():
    whole = dataclasses.replace(tree(), judged=("almanac",))
    for name in PIPELINES:
        yield from importlib.import_module(f"quintain.pipelines.{name}").create_pipeline(whole).nodes


def test_every_node_that_reads_the_bindings_is_known():
    reading = {node.func.__name__ for node in nodes() if "params:roles" in node.inputs}
    assert reading == set(ROLES_ASKED)


@pytest.mark.parametrize("name", sorted(ROLES_ASKED))
def test_a_node_asks_the_roles_that_its_code_binds(name):
    function = next(node.func for node in nodes() if node.func.__name__ == name)
    bound = set(LITERAL.findall(inspect.getsource(function)))
    most = {"preference.losers.source": "student", "editing.labels.by": "teacher"}
    either = {"preference.losers.source": "student", "editing.labels.by": "start"}
    told = {role for values in (most, either) for role in ROLES_ASKED[name](values.get)}
    assert bound <= told


def test_every_backend_is_looked_up():
    assert {*_READY, "openai"} == set(SETTINGS)  # endpoints are asked over the network, in a function of their own


def test_a_server_is_there_whatever_it_says_of_its_models():
    with EndpointServer(lambda call: said("Hello.")) as server:
        settings = EndpointSettings(address=server.address, model="m")
        assert why_unreachable(settings, Key()) == ""
        assert server.calls == []
    assert "Cannot connect" in why_unreachable(settings, Key())
