"""A bridged response passes every check; what cannot be mended says why."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quintain.packs.bridging.bridge import bridge
from quintain.packs.build import CATEGORIES
from quintain.packs.drafts import compose
from quintain.packs.exercises.drawing import STOCKS, draw_exercise, read_exercise

TEXT = "The curtain rises and the chatter stops. Actors rehearse a scene for weeks; it's hard."


def mended(rules, response):
    exercise, stock = read_exercise(f"Tell me briefly about going to the theatre, with 12 words as a minimum. {rules}")
    return bridge(exercise, response, stock, random.Random(0))


@pytest.mark.parametrize(
    ("rules", "expected", "changed"),
    [
        # two words in each sentence's case at most: nothing but letters
        ("Type all of it in lower case.", TEXT.lower(), 2),
        ("Leave semicolons out entirely.", TEXT.replace(";", ","), 0),
        (
            "Shortened forms with an apostrophe, such as won't, are forbidden.",
            TEXT.replace("it's", "it is"),
            2,  # one word becomes two
        ),
        (
            'Mention "quilt" somewhere in it.',
            TEXT.replace("hard.", "hard with the quilt."),
            3,
        ),
        ("Let an exclamation mark conclude each sentence you write.", TEXT.replace(".", "!"), 0),
        (
            'Begin each of your sentences by saying "Really".',
            "Really the curtain rises and the chatter stops. Really actors rehearse a scene for weeks; it's hard.",
            4,  # two words more, two that lose their capital
        ),
        ("Close on the following line, unchanged: Over to you.", f"{TEXT}\nOver to you.", 3),
        ("I expect 2 paragraphs with empty lines separating them.", TEXT.replace(". A", ".\n\nA"), 0),
        (
            'Put a Markdown heading on top ("##" plus a blank), and let it be the sole one.',
            f"## Going to the theatre\n{TEXT}",
            4,
        ),
    ],
)
def test_a_rule_is_mended_in_few_words(rules, expected, changed):
    found = mended(rules, TEXT)
    assert (found.text, found.changed_words) == (expected, changed)


def test_what_passes_stays_as_it_is():
    found = mended('Never say "backstage".', TEXT)
    assert (found.text, found.changed_words, found.reason) == (TEXT, 0, "")


def test_several_rules_are_mended_one_after_the_other():
    found = mended(
        'Type all of it in upper case. Mention "quilt" somewhere in it. Leave semicolons out entirely.', TEXT
    )
    assert found.text == TEXT.replace(";", ",").replace("hard.", "hard with the quilt.").upper()


@pytest.mark.parametrize("response", ["", "  \n", "...", "**"])
def test_an_empty_response_is_dropped(response):
    assert mended('Mention "quilt" somewhere in it.', response).reason == "empty"


def test_what_would_become_another_response_is_dropped():
    assert mended("I expect 2 sentences altogether.", f"{TEXT} " * 6).reason == "another-response"


def test_prose_in_the_place_of_an_object_is_dropped():
    asked = 'Present robots in a structured way. Produce plain JSON: one object whose sole keys are "motto" and "risk".'
    exercise, stock = read_exercise(asked)
    assert bridge(exercise, "Robots have a motto and a risk.", stock, random.Random(0)).reason == "no-object"


def test_an_object_keeps_what_is_right_in_it():
    asked = (
        'Present robots in a structured way. Produce plain JSON: one object whose sole keys are "risk" and "motto". '
        '"risk" has to be an unquoted integer within 1 to 5. Print the JSON without any newline.'
    )
    exercise, stock = read_exercise(asked)
    response = (
        '```json\n{"risk": "9",\n "motto": "Sensors first, then every motor and task in the factory", "x": 1}\n```'
    )
    found = bridge(exercise, response, stock, random.Random(0))
    assert found.text == '{"risk": 5, "motto": "Sensors first, then every motor and task in the factory"}'


def test_a_wrong_field_gets_the_right_value_and_the_others_stay():
    asked = (
        "Three people bought canoes: Elif one of oak, Hiro one of teak, Imke one of pine. "
        'Below "Canoe:", state what Elif\'s is made of. Next, Elif trades canoes with Hiro. '
        'Below "Partner:", state what Hiro\'s is made of. '
        "Consider all of this. Reply by lines that hold a caption, a colon, and what was found."
    )
    exercise, stock = read_exercise(asked)
    # after the trade Elif has teak, Hiro has oak
    found = bridge(exercise, "- Canoe: oak\n- Partner: oak", stock, random.Random(0))
    assert (found.text, found.changed_words) == ("- Canoe: teak\n- Partner: oak", 1)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["starter", "core"]),
    st.sampled_from(CATEGORIES),
    st.integers(1, 5),
    st.integers(0, 10_000),
    st.text(max_size=200),
)
def test_whatever_is_bridged_passes_and_whatever_is_dropped_says_why(pack, category, level, seed, noise):
    rng = random.Random(seed)
    exercise = draw_exercise(pack, category, level, rng)
    bare = compose(exercise.topic, (), seed, STOCKS[pack]) if exercise.topic else exercise.instruction[-60:]
    for response in (noise, f"{noise} {bare}", bare):
        found = bridge(exercise, response, STOCKS[pack], rng)
        assert bool(found.text) != bool(found.reason)
        assert found.reason or exercise.passes(found.text)


def test_most_texts_that_ignore_their_rules_can_be_mended():
    rng = random.Random(11)
    done = []
    for number in range(60):
        exercise = draw_exercise("starter", ("content", "style", "mixed")[number % 3], 1 + number % 3, rng)
        if exercise.topic is None:
            continue
        done.append(
            not bridge(exercise, compose(exercise.topic, (), number, STOCKS["starter"]), STOCKS["starter"], rng).reason
        )
    assert sum(done) / len(done) >= 0.85
