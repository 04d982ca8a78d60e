"""Requests go through the proxy that the environment names, and to nobody else."""

import pytest

from quintain.models.endpoint import EndpointModel
from quintain.models.endpoint_settings import EndpointSettings
from quintain.models.http_session import proxy_of
from quintain.models.language_model import Sampling
from quintain.prompts import request
from tests.endpoint_server import EndpointServer, said

PROXY = "http://proxy.example:3128"


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch):
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.mark.parametrize("variable", ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"])
def test_a_call_goes_through_the_proxy_of_the_environment(variable, monkeypatch):
    with EndpointServer(lambda call: said(call.headers["host"])) as proxy:
        monkeypatch.setenv(variable, proxy.address.removesuffix("/v1"))
        asked = EndpointModel(EndpointSettings(address="http://teacher.example/v1", model="m"), Sampling())
        (done,) = asked.generate([request("student/instruction", {"instruction": "a"})])
    assert done.text == "teacher.example"


@pytest.mark.parametrize(
    ("excepted", "address", "proxy"),
    [
        ("teacher.example", "http://teacher.example/v1", None),
        ("example", "http://teacher.example/v1", None),
        (".example", "http://teacher.example:8000/v1", None),
        ("teacher.example:8000", "http://teacher.example:8000/v1", None),
        ("teacher.example:8000", "http://teacher.example:9000/v1", PROXY),
        ("10.0.0.0/8, 192.168.1.0/24", "http://10.1.2.3:8000/v1", None),
        ("10.0.0.0/8", "http://11.1.2.3:8000/v1", PROXY),
        ("fd00::/8", "http://[fd00::1]:8000/v1", None),
        ("*", "http://teacher.example/v1", None),
        ("", "http://teacher.example/v1", PROXY),
        ("", "http://127.0.0.1:8000/v1", None),
        ("", "http://localhost:8000/v1", None),
        ("", "http://[::1]:8000/v1", None),
    ],
)
def test_what_no_proxy_names_is_asked_directly(excepted, address, proxy, monkeypatch):
    monkeypatch.setenv("http_proxy", PROXY)
    monkeypatch.setenv("no_proxy", excepted)
    assert proxy_of(address) == proxy


def test_the_scheme_has_a_proxy_of_its_own_before_that_for_all(monkeypatch):
    monkeypatch.setenv("https_proxy", PROXY)
    monkeypatch.setenv("all_proxy", "http://other.example:1")
    assert proxy_of("https://teacher.example/v1") == PROXY
    assert proxy_of("http://teacher.example/v1") == "http://other.example:1"
