"""The shape of a text is found before anything is built of it, in one pass."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quintain.serving.json_shape import excess

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def depth(value):
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max(map(depth, inner), default=0)


@given(JSON, st.booleans())
def test_nesting_is_counted_outside_of_strings(value, ascii_only):
    text = json.dumps(value, ensure_ascii=ascii_only).encode("utf-8", "backslashreplace")
    assert excess(text, nesting=depth(value), values=10_000) == ""
    if depth(value):
        assert excess(text, nesting=depth(value) - 1, values=10_000) == "nesting"


@given(st.binary())
def test_what_is_no_json_has_a_shape_too(text):
    assert excess(text, nesting=3, values=5) in ("", "nesting", "values")


def test_many_values_are_counted():
    assert excess(b"[" + b"1," * 8 + b"1]", nesting=9, values=10) == ""
    assert excess(b"[" + b"1," * 9 + b"1]", nesting=9, values=10) == "values"
    assert excess(b"[" * 30, nesting=99, values=10) == "values"


@pytest.mark.parametrize("wild", [b'\\"', b'"', b"[", b'"\\', b'\\\\"', b"a"])
def test_no_text_takes_more_than_one_pass(wild):
    def seconds(n):
        text = b'"' + wild * n
        begun = time.process_time()
        for _ in range(3):
            excess(text, nesting=9, values=9)
        return time.process_time() - begun

    seconds(1000)
    # Eight times the text: a second pass per character would take 64 times as long.
    assert seconds(400_000) < 30 * max(seconds(50_000), 0.005)
