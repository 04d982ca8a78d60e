"""A response that follows each kind of instruction, one that does not, and what the checkers make of anything else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quintain.benchmarks.verifiable.instructions import kinds, make_instruction
from quintain.benchmarks.verifiable.prompts import CHECKS, VerifiablePrompt
from quintain.benchmarks.verifiable.verdicts import verdicts
from tests.benchmarks.verifiable.ifbench_cases import CASES as IFBENCH

CASES = {
    "keywords:existence": ({"keywords": ["river", "stone"]}, "Rivers wear the STONE down.", "Rivers run."),
    "keywords:frequency": (
        {"keyword": "moss", "frequency": 2, "relation": "at least"},
        "Moss grows. Mossy steps are slippery.",
        "Moss grows.",
    ),
    "keywords:forbidden_words": ({"forbidden_words": ["rain", "BC"]}, "A train of clouds.", "Rain falls."),
    "keywords:letter_frequency": (
        {"letter": "#", "let_frequency": 2, "let_relation": "at least"},
        "#tea and #cake",
        "#tea only",
    ),
    "language:response_language": (
        {"language": "de"},
        "Der Fluss fließt langsam durch das Tal.",
        "The river flows slowly through the valley.",
    ),
    "length_constraints:number_sentences": (
        {"num_sentences": 3, "relation": "less than"},
        "Mr. Hill paid 3.50. Why?",
        "One. Two. Three.",
    ),
    "length_constraints:number_paragraphs": (
        {"num_paragraphs": 2},
        "First.\n***\nSecond.\n***\n",
        "First.\n***\n\n***\nSecond.",
    ),
    "length_constraints:number_words": ({"num_words": 4, "relation": "at least"}, "don't stop now", "stop right now"),
    "length_constraints:nth_paragraph_first_word": (
        {"num_paragraphs": 2, "nth_paragraph": 2, "first_word": "Autumn"},
        'Leaves fall.\n\n\n\n"autumn, at last.',
        "Autumn.\n\nLeaves fall.",
    ),
    "detectable_content:number_placeholders": ({"num_placeholders": 2}, "Dear [name] of [town]", "Dear [name\n]"),
    "detectable_content:postscript": ({"postscript_marker": "P.P.S"}, "Bye.\np. p. s. Write soon.", "Bye.\nP.S. Hm."),
    "detectable_format:number_bullet_lists": ({"num_bullets": 2}, "Buy:\n* tea\n  - milk", "Buy:\n* tea\n**milk**"),
    "detectable_format:constrained_response": ({}, "Well: My answer is maybe.", "Maybe."),
    "detectable_format:number_highlighted_sections": (
        {"num_highlights": 2},
        "****** *slow* and **steady**",
        "* a bullet\n**  **\n*once*",
    ),
    "detectable_format:multiple_sections": (
        {"section_spliter": "PART", "num_sections": 2},
        "PART 1\nUp.\nPART 2\nDown.",
        "PART 1\nUp.\nPART two\nDown.",
    ),
    "detectable_format:json_format": ({}, '```JSON\n{"a": [1]}\n```', 'Here: {"a": [1]}'),
    "detectable_format:title": ({}, "<<A walk>>\nWe walk.", "<<  >>\n<<A walk\n>>"),
    "combination:two_responses": ({}, "Yes.\n******\nNo.", "Yes.\n******\nYes."),
    "combination:repeat_prompt": (
        {"prompt_to_repeat": "Name a tree."},
        "name a tree. An oak.",
        "Sure. Name a tree. An oak.",
    ),
    "startend:end_checker": ({"end_phrase": "The end."}, '"Once. THE END."\n', "The end. Or not?"),
    "startend:quotation": ({}, ' "All of it." ', '"Most" of it.'),
    "change_case:capital_word_frequency": (
        {"capital_frequency": 2, "capital_relation": "less than"},
        "We saw NASA there",
        "NASA and the U.S. agree",
    ),
    "change_case:english_capital": ({}, "ALL OF IT, 100 %!", "ALL OF It"),
    "change_case:english_lowercase": ({}, "all of it, 100 %!", "αυτό είναι ελληνικό"),
    "punctuation:no_comma": ({}, "One; two", "One, two"),
}


def test_every_published_kind_has_a_checker_a_witness_and_a_counter_example():
    assert set(kinds()) == set(CASES) | set(IFBENCH)
    assert len(CASES) == 25
    assert len(CHECKS) == 8


@pytest.mark.parametrize("kind", CASES)
def test_the_witness_holds_and_the_counter_example_does_not(kind):
    parameters, witness, counter_example = CASES[kind]
    instruction = make_instruction(kind, parameters)
    assert instruction.holds(witness)
    assert not instruction.holds(counter_example)


@pytest.mark.parametrize("kind", CASES)
def test_silence_follows_no_instruction(kind):
    instruction = make_instruction(kind, CASES[kind][0])
    assert not instruction.holds("")
    assert not instruction.holds(" \n\t")


@given(st.text(st.characters(), max_size=200) | st.text('*[]<>.!? \n"`#-,Aa1\ud800', max_size=200))
def test_any_text_gets_a_verdict_from_every_checker(text):
    for kind, (parameters, _, _) in CASES.items():
        assert make_instruction(kind, parameters).holds(text) in (True, False)


@given(st.text('*\nab,."AB [x]<>1#', max_size=60) | st.text(max_size=60))
def test_what_holds_strictly_holds_loosely(response):
    instructions = tuple(make_instruction(kind, parameters) for kind, (parameters, _, _) in CASES.items())
    strictly, loosely = verdicts(VerifiablePrompt("all", "Do it all.", instructions), response)
    assert all(loose for strict, loose in zip(strictly, loosely, strict=True) if strict)


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "piece", ["*", "[", "<<", "\n", " ", ".", "-", "- \n", '"', "a", "A.", "p.", "```", "Section ", "{"]
)
def test_a_megabyte_of_anything_is_read_in_one_pass(piece):
    # a checker that looks again at what it has read needs 10^12 steps here, hours instead of a second
    text = piece * (1_000_000 // len(piece)) + "x"
    for kind, (parameters, _, _) in CASES.items():
        make_instruction(kind, parameters).holds(text)


# --- what the published code would guess or pass, ours refuses -------------------------------------------------


def test_a_missing_parameter_is_refused_and_null_counts_as_missing():
    with pytest.raises(
        ValueError, match=r"number_words takes num_words, relation: Object missing required field `relation`"
    ):
        make_instruction("length_constraints:number_words", {"num_words": 5, "relation": None})


def test_a_parameter_of_another_kind_is_refused():
    with pytest.raises(ValueError, match=r"no_comma takes no parameters: Object contains unknown field `keywords`"):
        make_instruction("punctuation:no_comma", {"keywords": ["a"]})


@pytest.mark.parametrize(
    ("kind", "parameters", "message"),
    [
        ("keywords:existence", {"keywords": []}, "length >= 1"),
        ("keywords:existence", {"keywords": ["tea", " "]}, r"matching regex '\\\\S' - at `\$\.keywords\[1\]`"),
        ("keywords:letter_frequency", {"letter": "ab", "let_frequency": 1, "let_relation": "at least"}, r"\$\.letter"),
        ("length_constraints:number_words", {"num_words": -1, "relation": "at least"}, r"`int` >= 0"),
        ("length_constraints:number_words", {"num_words": "5", "relation": "at least"}, "Expected `int`, got `str`"),
        ("length_constraints:number_words", {"num_words": 5, "relation": "at most"}, "Invalid enum value 'at most'"),
        ("language:response_language", {"language": "klingon"}, "Invalid enum value 'klingon'"),
    ],
)
def test_a_parameter_out_of_range_is_refused(kind, parameters, message):
    with pytest.raises(ValueError, match=message):
        make_instruction(kind, parameters)


def test_an_unknown_kind_is_refused_with_the_close_ones():
    with pytest.raises(ValueError, match=r"no instruction 'keyword:existence'; did you mean keywords:existence"):
        make_instruction("keyword:existence", {})
    with pytest.raises(ValueError, match=r"no instruction 'xyz'; all are in docs/systems/ifeval\.md and ifbench\.md"):
        make_instruction("xyz", {})


# --- single readings --------------------------------------------------------------------------------------------


def holds(kind, response, **parameters):
    return make_instruction(kind, parameters).holds(response)


def test_a_keyword_is_text_and_no_pattern():
    assert holds("keywords:existence", "I like C++.", keywords=["c++"])
    assert not holds("keywords:existence", "abc", keywords=["a.c"])


def test_a_forbidden_word_inside_another_is_allowed():
    assert holds("keywords:forbidden_words", "No answer is known.", forbidden_words=["know", "no one"])


@pytest.mark.parametrize("response", ["*a* text *b*", "**a** text **b**", "*a*text**b**"])
def test_what_stands_between_two_highlights_is_neither_one_nor_part_of_one(response):
    # A pattern that takes as much as it can sees one stretch from the first asterisk to the last.
    assert holds("detectable_format:number_highlighted_sections", response, num_highlights=2)
    assert not holds("detectable_format:number_highlighted_sections", response, num_highlights=3)


def test_a_dash_starts_a_bullet_and_an_asterisk_alone_does_not():
    assert holds("detectable_format:number_bullet_lists", "-5 degrees\n*\n---", num_bullets=2)


@pytest.mark.parametrize("document", ["3", "null", '"text"', "```{}```", "```json\n[]\n```", " {} \n"])
def test_any_json_document_is_json_in_a_fence_or_not(document):
    assert holds("detectable_format:json_format", document)


@pytest.mark.parametrize("text", ["{'a': 1}", "```python\n{}\n```", "[" * 100_000, "1" * 5000])
def test_what_no_parser_reads_is_not_json(text):
    assert not holds("detectable_format:json_format", text)


def test_one_divider_too_many_is_one_paragraph_too_many():
    # 'a', 'b' and '*c': the fourth asterisk belongs to the third paragraph
    assert holds("length_constraints:number_paragraphs", "a***b****c", num_paragraphs=3)


def test_a_position_behind_the_last_paragraph_never_holds():
    assert not holds(
        "length_constraints:nth_paragraph_first_word", "a\n\nb", num_paragraphs=2, nth_paragraph=3, first_word="b"
    )


def test_a_text_without_a_letter_is_in_no_language():
    assert not holds("language:response_language", "1 + 1 = 2", language="en")


def test_short_english_in_capitals_counts_as_english():
    assert holds("change_case:english_capital", "OK")
    assert not holds("change_case:english_capital", "ВСЁ БОЛЬШИМИ БУКВАМИ")
    assert not holds("change_case:english_lowercase", "123")
