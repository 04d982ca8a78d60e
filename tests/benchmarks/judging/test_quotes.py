import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quintain.benchmarks.judging.quotes import find_quotes, read_verdicts

REPLY = {"verdicts": [{"quote": "blue", "satisfied": True}, {"quote": "", "satisfied": False}]}


@pytest.mark.parametrize(
    "reply",
    [
        json.dumps(REPLY),
        f"```json\n{json.dumps(REPLY, indent=2)}\n```",
        f"My reasons {{see below}}.\n{json.dumps(REPLY)}\nThat is all.",
        json.dumps({"verdicts": []}) + json.dumps(REPLY),  # the last one counts
    ],
)
def test_the_object_is_found_wherever_it_stands(reply):
    assert read_verdicts(reply) == REPLY["verdicts"]


@pytest.mark.parametrize(
    "reply", ["", "{", "{}", '{"verdicts": "all"}', '{"verdicts": ["YES"]}', "['YES']", "{" * 5000]
)
def test_anything_else_holds_no_verdicts(reply):
    assert read_verdicts(reply) == []


def test_a_quote_is_found_at_its_first_place():
    # "A blue sea, a blue sky": blue stands at 2 and at 14
    assert find_quotes(json.dumps(REPLY), "A blue sea, a blue sky", 2) == (((2, 6),), ())


def test_quotes_of_another_number_of_constraints_are_not_guessed_at():
    assert find_quotes(json.dumps(REPLY), "blue", 3) == ((), (), ())


@given(st.text(), st.text(), st.integers(1, 5))
def test_any_reply_gives_one_entry_per_constraint_inside_the_response(reply, response, level):
    found = find_quotes(reply, response, level)
    assert len(found) == level
    assert all(0 <= start < end <= len(response) for spans in found for start, end in spans)
