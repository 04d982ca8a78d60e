"""Strict and loose verdicts."""

from quintain.benchmarks.verifiable.instructions import make_instruction
from quintain.benchmarks.verifiable.prompts import VerifiablePrompt
from quintain.benchmarks.verifiable.verdicts import loose_variants, verdicts


def prompt(*instructions):
    return VerifiablePrompt(
        7, "Say it.", tuple(make_instruction(kind, parameters) for kind, parameters in instructions)
    )


def test_a_preamble_and_bold_are_forgiven_loosely_only():
    asked = prompt(("startend:quotation", {}), ("punctuation:no_comma", {}), ("change_case:english_lowercase", {}))
    strict, loose = verdicts(asked, 'Sure, here it is:\n**"all small"**')
    # the second line without asterisks is quoted, small, and has no comma
    assert strict == (False, False, False)
    assert loose == (True, True, True)


def test_each_instruction_takes_the_reading_that_suits_it():
    asked = prompt(
        ("keywords:existence", {"keywords": ["tea"]}), ("keywords:forbidden_words", {"forbidden_words": ["tea"]})
    )
    strict, loose = verdicts(asked, "tea\nmilk")
    assert strict == (True, False)
    assert loose == (True, True)


def test_a_response_has_seven_other_readings():
    lines = "*a*\n*b*\n*c*"
    assert set(loose_variants(lines)) == {
        "*b*\n*c*", "*a*\n*b*", "*b*",
        "a\nb\nc", "b\nc", "a\nb", "b",
    }  # fmt: skip


def test_a_single_line_is_not_forgiven_into_silence():
    # without its only line nothing is left, and silence follows nothing
    assert verdicts(prompt(("punctuation:no_comma", {})), "One, two") == ((False,), (False,))


def test_a_kind_that_comes_twice_is_judged_twice():
    asked = prompt(
        ("length_constraints:number_words", {"num_words": 2, "relation": "at least"}),
        ("length_constraints:number_words", {"num_words": 4, "relation": "less than"}),
    )
    assert verdicts(asked, "one two three four")[0] == (True, False)
