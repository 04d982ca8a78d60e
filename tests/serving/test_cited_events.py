"""Events leave as they came, one chunk of each choice cites, however the bytes are cut."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quintain.serving.cited_events import CitedEvents

CITATION = {"quintain": {"edits": [{"id": "a", "fact": "f"}]}}


def event(index, end=b"\n\n", **more):
    return b"data: " + json.dumps({"choices": [{"index": index, "delta": {}}], **more}).encode() + end


def fed(whole, cuts, choices=1):
    events, said, at = CitedEvents(CITATION, choices), b"", 0
    for cut in [*sorted(cuts), len(whole)]:
        said += events.feed(whole[at:cut])
        at = cut
    return said + events.rest()


STREAM = b": hello\n\n" + event(0, b"\r\n\r\n") + b"event: x\ndata: 7\n\n" + event(1) + event(0) + b"data: [DONE]\n\n"


@settings(max_examples=200, deadline=None)
@given(st.sets(st.integers(0, len(STREAM))))
def test_the_same_comes_out_however_it_comes_in(cuts):
    said = fed(STREAM, cuts, choices=2)
    cited = b', "quintain": '.replace(b" ", b"", 1)
    assert said.count(b"quintain") == 2
    start = said.index(cited)
    assert said[:start] == STREAM[:start]
    assert said.endswith(event(0) + b"data: [DONE]\n\n")


@pytest.mark.parametrize(
    "whole",
    [b"", b"data: {", b"data: [1]\n\n", b"data: {}\n\n", b'data: {"choices": 7}\n\n', b'data: {"choices": [{}, 3]\n\n',
     b'data: {"choices": [{"index": [1]}]}\n\n', b"data: {\ndata: }\n\n", b"\xff\xfe\n\n", b'data: "quintain"\r\r'],
)  # fmt: skip
def test_what_is_no_chunk_passes_as_it_is(whole):
    assert fed(whole, []) == whole
    assert fed(whole, range(len(whole))) == whole


def test_an_event_without_end_is_not_held_for_ever():
    events = CitedEvents(CITATION, 1)
    piece = b"x" * 65_536
    assert sum(len(events.feed(piece)) for _ in range(40)) == 40 * len(piece)
    assert events.feed(event(0)) == event(0)


def test_more_choices_than_were_asked_for_change_nothing_else():
    assert fed(event(0) + event(1), [], choices=1).endswith(event(1))
