"""Sentences end where Punkt's English model ends them; each expectation was seen on nltk 3.10."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quintain.benchmarks.verifiable.punkt import sentences


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("One. Two? Three!", ["One.", "Two?", "Three!"]),
        ("Really?! Yes.", ["Really?!", "Yes."]),
        ("  Go on. ", ["  Go on."]),
        ("Title\n\nNo end", ["Title\n\nNo end"]),
        ("Mr. Hill met Dr. Rowe at 5 p.m. in Rome.", ["Mr. Hill met Dr. Rowe at 5 p.m. in Rome."]),
        ("He left at 5 p.m. They stayed.", ["He left at 5 p.m.", "They stayed."]),
        ("Git, e.g. this, etc. are free.", ["Git, e.g.", "this, etc.", "are free."]),
        ("1. Boil it.\n2. Drink it.", ["1.", "Boil it.", "2.", "Drink it."]),
        ("In 1990. then", ["In 1990. then"]),
        ("By J. Smith and J. R. Rowe.", ["By J. Smith and J. R. Rowe."]),
        ("It took vitamin C. The end.", ["It took vitamin C. The end."]),
        ("Plan B. The end.", ["Plan B.", "The end."]),
        ('He said "Go." Then (at last.) we went.', ['He said "Go."', "Then (at last.)", "we went."]),
        ("“Go.” He went.", ["“Go.”", "He went."]),
        ("**Stop.** Now.", ["**Stop.", "** Now."]),
        ("Wait... what? So... Yes.", ["Wait... what?", "So...", "Yes."]),
        ("It is 3.50 at example.com today.", ["It is 3.50 at example.com today."]),
        ("The U.S. House met. The U.S. He said.", ["The U.S. House met.", "The U.S.", "He said."]),
        ("Hello. ... Next.", ["Hello.", "... Next."]),
        ("Hi 😀. Bye.", ["Hi 😀.", "Bye."]),
        (" \n", []),
    ],
)
def test_sentences_end_where_the_model_ends_them(text, found):
    assert sentences(text) == found


@given(st.text("Aa1.!?… \n\")*'“", max_size=80))
def test_sentences_hold_every_mark_and_letter_in_order(text):
    kept = "".join("".join(sentences(text)).split())
    assert kept == "".join(text.split())
