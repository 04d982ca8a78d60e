"""Prompts are files; their fingerprints change with their text."""

import pytest

from quintain import prompts
from quintain.records import Message

ALL = prompts.names()


def test_there_are_prompts():
    assert "student/instruction" in ALL


@pytest.mark.parametrize("name", ALL)
def test_every_prompt_has_a_user_turn_and_a_stable_fingerprint(name):
    template = prompts._JINJA.get_template(f"{name}.jinja")
    assert "user" in template.blocks
    assert set(template.blocks) <= {"system", "user"}
    assert prompts.fingerprint(name).startswith(f"{name}@")


def test_a_prompt_renders_to_messages():
    assert prompts.render("student/instruction", instruction="Say hello.") == (
        Message(role="user", content="Say hello."),
    )


def test_markup_in_a_field_stays_as_it_is():
    rendered = prompts.render("student/instruction", instruction="a < b & {{ c }}")
    assert rendered[0].content == "a < b & {{ c }}"


def test_a_missing_field_is_named():
    with pytest.raises(ValueError, match="'instruction' is undefined"):
        prompts.render("student/instruction")


def test_an_unknown_prompt_lists_the_known_ones():
    with pytest.raises(ValueError, match="there is no prompt 'student/nothing'; there are .*student/instruction"):
        prompts.render("student/nothing")


def test_a_request_carries_fields_and_messages():
    request = prompts.request("student/instruction", {"instruction": "Say hello."}, sample=2)
    assert request.fields == {"instruction": "Say hello."}
    assert request.prompt == prompts.fingerprint("student/instruction")
    assert request.sample == 2
