"""A server answers to names it knows and to clients that have its key."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quintain.errors import ConfigError
from quintain.serving.access import Access, key_from


def knows(host, *names, **headers):
    pairs = [(b"host", host.encode("latin-1", "replace"))]
    return Access(names).knows([*pairs, *((name.encode(), value.encode()) for name, value in headers.items())])


@pytest.mark.parametrize(
    "host", ["localhost", "LocalHost:1", "localhost.", "127.0.0.1", "127.9.9.9:80", "[::1]", "[::1]:8"]
)
def test_names_of_the_loopback_are_known(host):
    assert knows(host)


@given(st.text())
def test_no_other_name_is_known(name):
    assert not knows(f"{name}.example")
    assert not knows(f"localhost{name}.example")
    assert not knows(f"127.0.0.1.{name}x")


def test_a_name_it_was_told_is_known_and_the_address_of_every_network_is_no_name():
    assert knows("Models.Example:80", "models.example.")
    assert knows("[fe80::1]:80", "[FE80::1]")
    assert not knows("0.0.0.0:80", "0.0.0.0")  # noqa: S104 - refused
    assert not knows("[::]", "::")
    assert not Access().knows([])
    assert not Access().knows([(b"host", b"localhost"), (b"host", b"localhost")])


def test_pages_of_other_servers_are_told_by_their_origin():
    assert knows("localhost", origin="http://127.0.0.1:3000")
    for origin in ("https://attacker.example", "null", "http://localhost.attacker.example", "http://localhost/x", ""):
        assert not knows("localhost", origin=origin)


def lets_in(given, key="s3cret", path="/v1/models"):
    return Access(key=key).lets_in(path, [(b"authorization", each) for each in given])


def test_a_key_is_asked_for_everywhere_but_where_health_is_asked():
    assert lets_in([b"Bearer s3cret"])
    assert lets_in([b"bearer  s3cret "])
    assert lets_in([], path="/health")
    assert lets_in([], key="")
    for wrong in ([], [b""], [b"Bearer "], [b"Bearer s3cre"], [b"Basic s3cret"], [b"s3cret"], [b"Bearer s3cret"] * 2,
                  [b"Bearer \xff"]):  # fmt: skip
        assert not lets_in(wrong)


def test_a_key_comes_from_the_environment_or_is_asked_for(monkeypatch):
    monkeypatch.setenv("SERVE_KEY", " s3cret\n")
    assert key_from("SERVE_KEY") == "s3cret"
    monkeypatch.setenv("SERVE_KEY", " ")
    with pytest.raises(ConfigError, match=r"SERVE_KEY \(--key-env\) holds no key"):
        key_from("SERVE_KEY")
    monkeypatch.setenv("SERVE_KEY", "two words")
    with pytest.raises(ConfigError, match="no header carries"):
        key_from("SERVE_KEY")


def test_only_a_server_that_others_reach_without_a_key_is_warned_about():
    assert Access().open_to_others("0.0.0.0")  # noqa: S104 - the one that is warned about
    assert not Access(key="s3cret").open_to_others("10.0.0.1")
    assert not Access().open_to_others("127.0.0.1")
    assert not Access().open_to_others("localhost")
