"""Reasoning is told apart from responses, and a text that talks about a tag stays a text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quintain.reasoning import Told, tell_apart, with_trace


@pytest.mark.parametrize(
    ("text", "response", "reasoning", "cut"),
    [
        ("<think>\nplan\n</think>\n\nParis.", "Paris.", "plan", False),
        ("<think>\nplan", "", "plan", True),
        ("plan\n</think>\n\nParis.", "Paris.", "plan", False),
        ("<think>a</think>x<think>b</think>Yes.", "Yes.", "a\nb", False),
        (
            "<think>They ask of `</think>`.</think>It ends a trace.",
            "It ends a trace.",
            "They ask of `</think>`.",
            False,
        ),
        ("<think>plan </think> Paris.", "Paris.", "plan", False),
        ("[THINK]plan[/THINK]Paris.", "Paris.", "plan", False),
        ("<think></think>Paris.", "Paris.", "", False),
        ("<think>plan</think>Use <think> and </think>.", "Use <think> and </think>.", "plan", False),
    ],
)
def test_a_trace_is_no_part_of_the_response(text, response, reasoning, cut):
    assert tell_apart(text) == Told(response, reasoning, cut)


@pytest.mark.parametrize(
    "text",
    [
        "Use the </think> tag to end.",
        "Models write between <think> and </think>.",
        "The tag `<think>` opens it.",
        "Write:\n```\n<think>\nplan\n</think>\n```\nand go on.",
        'It is called "<think>", and closed by "</think>".',
        "Put <think>plan</think> before it.",
        "a <thought> or two",
        "",
        "  plain \n",
    ],
)
@pytest.mark.parametrize("opened", [None, False])
def test_a_text_that_talks_about_a_tag_is_a_text(text, opened):
    assert tell_apart(text, opened=opened) == Told(text, "")


def test_a_prompt_that_opens_a_trace_leaves_the_closing_tag_to_the_model():
    tags = [("<think>", "</think>")]
    assert tell_apart("I count. </think> Five.", tags, opened=True) == Told("Five.", "I count.")
    assert tell_apart("I should count the words. First,", tags, opened=True).cut
    assert tell_apart("So </think>\n it ends.", tags, opened=False).response == "So </think>\n it ends."


WORDS = st.text("ab <>/\n.`", max_size=30).map(str.strip)


@given(WORDS, WORDS)
def test_a_written_trace_is_read_as_it_was(response, reasoning):
    assert tell_apart(with_trace(Told(response, reasoning))) == Told(response, reasoning)
