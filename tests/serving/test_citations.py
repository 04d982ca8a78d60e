"""Citations stand in whatever a server says, and change none of its bytes."""

import json

import pytest

from quintain.methods.lte import Edit, Hit
from quintain.serving.citations import citation_of, citing_header, with_citation

EDIT = Edit(subject="s", prompt="The p of s is", target_new="fe\ud800rry")
HITS = [Hit(EDIT, 1.0, passed=True, id="a"), Hit(EDIT, 1.0, passed=True, id="b, \u00fc")]


def test_a_header_holds_any_id():
    assert citing_header(HITS) == (b"quintain-edits", b"a, b%2C%20%C3%BC")


def test_half_a_character_of_an_edit_of_old_stands_there_as_its_escape():
    said = with_citation(b'{"a": 1}', citation_of(HITS[:1]))
    assert json.loads(said)["quintain"]["edits"] == [{"id": "a", "fact": "The p of s is fe\ud800rry"}]


@pytest.mark.parametrize("reply", [b'{"a": NaN}', b'\xef\xbb\xbf{"a":1e400}', b'  {"a": "}"}\n\n', b'{"a": {"b": {}}}'])
def test_the_bytes_of_a_server_stay(reply):
    said = with_citation(reply, citation_of(HITS[:1]))
    head, tail = reply[: reply.rindex(b"}")], reply[reply.rindex(b"}") :]
    assert said.startswith(head + b',"quintain": ')
    assert said.endswith(tail)


@pytest.mark.parametrize("reply", [b"", b"[]", b"{}", b"{", b"null", b"\xff", b"[" * 100_000])
def test_what_is_no_object_is_left_alone(reply):
    assert with_citation(reply, citation_of(HITS)) == reply
