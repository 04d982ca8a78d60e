"""A text that starts with a verb is told from one that does not."""

import pytest

from quintain.benchmarks.verifiable.first_verb import starts_with_verb


@pytest.mark.parametrize(
    "text",
    [
        "Imagine a city.",
        "Writing is hard.",
        "Planned in 1990, it",
        "Stopping here",
        "Tries to",
        "Is it?",
        "Let's go.",
        "Work with them.",
        "Grown locally, it",
        "consider this",
    ],
)
def test_verbs_in_any_form_are_told(text):
    assert starts_with_verb(text)


@pytest.mark.parametrize(
    "text",
    [
        "The city",
        "Work is hard.",
        "Plans are made.",
        "Nothing helps.",
        "During June",
        "I write.",
        "To write",
        "Sure!",
        "Can it?",
        "",
        "**Write** it",
        "Red tea",
    ],
)
def test_other_words_are_none(text):
    assert not starts_with_verb(text)
