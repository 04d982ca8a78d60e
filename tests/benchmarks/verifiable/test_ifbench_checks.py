"""Responses that follow each kind of IFBench's instructions, mutants that do not, and where published code is odd."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quintain.benchmarks.verifiable.instructions import make_instruction
from quintain.benchmarks.verifiable.prompts import CHECKS, VerifiablePrompt
from quintain.benchmarks.verifiable.verdicts import verdicts
from tests.benchmarks.verifiable.ifbench_cases import CASES

INSTRUCTIONS = {kind: make_instruction(kind, parameters) for kind, (parameters, _, _) in CASES.items()}


def test_all_58_kinds_have_a_witness_and_a_mutant():
    assert len(CASES) == 58
    assert all(witnesses and mutants for _, witnesses, mutants in CASES.values())
    assert CHECKS


@pytest.mark.parametrize(("kind", "response"), [(kind, one) for kind, case in CASES.items() for one in case[1]])
def test_a_witness_follows(kind, response):
    assert INSTRUCTIONS[kind].holds(response)


@pytest.mark.parametrize(("kind", "response"), [(kind, one) for kind, case in CASES.items() for one in case[2]])
def test_a_mutant_does_not(kind, response):
    assert not INSTRUCTIONS[kind].holds(response)


@pytest.mark.parametrize("kind", CASES)
def test_silence_follows_no_instruction(kind):
    assert not INSTRUCTIONS[kind].holds("")
    assert not INSTRUCTIONS[kind].holds(" \n\t")


@settings(max_examples=40)
@given(st.text(st.characters(), max_size=120) | st.text("*[]<>.!? \n\"'`#-,Aa1:;\ud800😀", max_size=120))
def test_any_text_gets_a_verdict_and_what_holds_strictly_holds_loosely(text):
    strictly, loosely = verdicts(VerifiablePrompt("all", "Do it all.", tuple(INSTRUCTIONS.values())), text)
    assert all(verdict in (True, False) for verdict in (*strictly, *loosely))
    assert all(loose for strict, loose in zip(strictly, loosely, strict=True) if strict)


# --- parameters -------------------------------------------------------------------------------------------------


def holds(kind, response, **parameters):
    return make_instruction(kind, parameters).holds(response)


def test_numbers_that_the_file_writes_with_a_point_are_whole():
    assert make_instruction("count:numbers", {"N": 2.0, "small_n": None}).parameters == {"N": 2}
    with pytest.raises(ValueError, match=r"count:numbers takes N: Expected `int`, got `float`"):
        make_instruction("count:numbers", {"N": 2.5})


def test_lettered_options_are_compared_to_the_character():
    asked = {"options": "a), b), c), d)"}
    assert holds("format:options", "b)", **asked)
    assert not holds("format:options", "B)", **asked)
    assert not holds("format:options", "b", **asked)
    assert not holds("format:options", "b)\n", **asked)


def test_options_may_be_parted_by_or():
    asked = {"options": "I know or I don't know"}
    assert holds("format:options", "i don't know.", **asked)
    assert not holds("format:options", "I know or I don't know", **asked)


def test_trigrams_of_the_response_are_counted_once_each_and_two_percent_are_forgiven():
    # 25 different trigrams, 13 of them in the reference: 52 %
    reference = " ".join(f"r{n}" for n in range(15))
    response = f"{reference} {' '.join(f's{n}' for n in range(12))}"
    for percentage, follows in ((49, False), (50, True), (54, True), (55, False)):
        assert holds("ratio:overlap", response, reference_text=reference, percentage=percentage) is follows


# --- readings that are published so, odd as they are --------------------------------------------------------------


def test_the_same_conjunction_counts_again_in_another_case_or_with_a_comma():
    assert holds("count:conjunctions", "and And and, and", small_n=3)


def test_of_blank_lines_in_a_row_every_second_one_counts_as_a_line():
    # the list is walked while blank lines are taken from it, so the one behind each is passed over
    assert holds("format:line_indent", "a\n\n b\n\n  c")
    assert not holds("format:line_indent", "a\n\n\n b")
    assert holds("format:line_indent", "\n\n a")  # the second one is first, indented by nothing


def test_bullets_without_a_bullet_and_proportions_without_a_question_are_followed():
    assert holds("format:sub-bullets", "No bullet.")
    assert holds("ratio:sentence_type", "Wow!")


def test_curly_quotation_marks_are_none():
    assert holds("format:quote_unquote", "“One.” “Two.”")


def test_rows_behind_the_special_field_may_have_any_length():
    header = "ProductID,Category,Brand,Price,Stock"
    rows = [header, '1,Tea,"Leaf & Co.",3,10', *["2,Tea"] * 13]
    assert holds("custom:csv_special_character", "\n".join(rows))


# --- where the published code stops, ours says no -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "response"),
    [
        ("custom:csv_quotes", '"StudentID"\t"Subject"\t"Grade"\t"Semester"\t"Score"\n\t\t\t\t\n\t\t\t\t\n\t\t\t\t'),
        ("custom:csv_city", "a\rb"),
        ("custom:csv_city", '"' + "x" * 140_000 + '"'),
        ("words:alphabet", "?!"),
        ("words:last_first", "Hello. ... Next."),
    ],
)
def test_what_breaks_the_published_code_is_not_followed(kind, response):
    assert not INSTRUCTIONS[kind].holds(response)
