"""Every rule of the packs, on responses small enough to check by eye."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quintain.packs.checks import CHECKS, base_task_done, check
from quintain.records import Rule

CASES = [
    ("include", "bee", "A Bee flies.", True),
    ("include", "bee", "Beeswax.", False),  # whole words only
    ("exclude", "bee", "Honey.", True),
    ("exclude", "bee", "The bee.", False),
    ("repeat", "2|bee", "Bee and bee.", True),
    ("repeat", "2|bee", "Bee, bee and bee.", False),
    ("in_first_sentence", "bee", "One bee. Two wasps.", True),
    ("in_first_sentence", "bee", "One wasp. Two bee.", False),
    ("in_first_sentence", "bee", "", False),
    ("order", "a|b", "a then b", True),
    ("order", "a|b", "b then a", False),
    ("order", "a|b", "only a", False),
    ("case", "lower", "all small, 3 of them", True),
    ("case", "lower", "Not all", False),
    ("case", "upper", "123", False),  # no letters, nothing shown
    ("without", ",", "No comma.", True),
    ("without", ",", "One, two.", False),
    ("without", ",", "", False),
    ("sentence_end", "!", "Yes! Now!", True),
    ("sentence_end", "!", "Yes! Now.", False),
    ("sentence_start", "Truly", "Truly good. Truly.", True),
    ("sentence_start", "Truly", "Truly good. Bad.", False),
    ("no_first_person", "", "Bees fly.", True),
    ("no_first_person", "", "I fly.", False),
    ("no_contraction", "", "It is not.", True),
    ("no_contraction", "", "It isn’t.", False),
    ("sentence_words", "2|3", "One two. One two three.", True),
    ("sentence_words", "2|3", "One. One two.", False),
    ("paragraph_count", "2", "a\n\nb", True),
    ("paragraph_count", "2", "a\nb", False),
    ("sentence_count", "3", "A costs 3.50 here. B. C", True),
    ("sentence_count", "3", "A. B.", False),
    ("bullets", "2", "x\n- a\n- b", True),
    ("bullets", "2", "- a", False),
    ("numbered", "2", "1. a\n2. b", True),
    ("numbered", "2", "1. a\n3. b", False),
    ("heading", "2", "## T\ntext", True),
    ("heading", "2", "# T\ntext", False),
    ("heading", "2", "## T\n## U", False),
    ("last_line", "Bye.", "Hi.\nBye.\n", True),
    ("last_line", "Bye.", "Bye. Hi.", False),
    ("first_line", "Hi.", "Hi.\nBye.", True),
    ("first_line", "Hi.", "Hi. Bye.", False),
    ("bold", "1", "a **b** c", True),
    ("bold", "1", "a **b** **c**", False),
    ("word_count", "2|3", "one two", True),
    ("word_count", "2|3", "one", False),
    ("field", "Total|12", "Total: 12", True),
    ("field", "Total|12", "- **Total:** 12.", True),
    ("field", "Total|12", "Total: 12\nTotal: 13", False),  # naming every value is no answer
    ("field", "Total|12", "The total is 12", False),
    ("wrapped", "separator|=>", "a => b", True),
    ("wrapped", "separator|=>", "a=>b", False),
    ("wrapped", "brackets|[]", "a [b]", True),
    ("wrapped", "brackets|[]", "a []", False),
    ("wrapped", "prefix|Answer", "Answer a", True),
    ("wrapped", "prefix|Answer", "a Answer", False),
    ("wrapped", "suffix|##", "a ##", True),
    ("wrapped", "suffix|##", "a##", False),
    ("wrapped", "swap|14|7", "[14] => 7", True),
    ("wrapped", "swap|14|7", "7 => [14]", False),
]


@pytest.mark.parametrize(("kind", "value", "response", "holds"), CASES)
def test_a_rule_holds_exactly_when_its_docstring_says(kind, value, response, holds):
    assert check(Rule(kind=kind, value=value), response).holds is holds


def test_every_rule_has_a_case_for_and_a_case_against():
    assert {kind for kind, _, _, holds in CASES if holds} == set(CHECKS)
    assert {kind for kind, _, _, holds in CASES if not holds} == set(CHECKS)


SAMPLE = {kind: value for kind, value, _, _ in CASES}


@pytest.mark.parametrize("kind", sorted(CHECKS))
@given(response=st.text(max_size=200))
def test_no_response_makes_a_rule_fail_otherwise_than_by_verdict(kind, response):
    finding = check(Rule(kind=kind, value=SAMPLE[kind]), response)
    assert isinstance(finding.holds, bool)
    assert all(0 <= span.start < span.end <= len(response) for span in finding.evidence)


def test_evidence_points_at_the_words():
    finding = check(Rule(kind="exclude", value="bee"), "The bee and the Bee.")
    assert [(span.start, span.end) for span in finding.evidence] == [(4, 7), (16, 19)]


def test_an_unknown_rule_asks_for_another_version():
    with pytest.raises(ValueError, match="there is no rule 'rhyme'; the pack needs another version"):
        check(Rule(kind="rhyme", value=""), "x")


@pytest.mark.parametrize(
    ("response", "done"),
    [
        ("Honey from the hive is sweet.", True),
        ("Honey is sweet and very good.", False),  # one term of two
        ("Hive honey.", False),  # too short
        ("", False),
    ],
)
def test_the_base_task_asks_for_terms_and_length(response, done):
    assert base_task_done(response, '{"terms": ["hive", "honey"], "least": 2, "words": 4}') is done


def test_a_computed_base_task_asks_for_the_answer():
    assert base_task_done("It is 14.", '{"answer": ["14"], "words": 1}')
    assert not base_task_done("It is 140.", '{"answer": ["14"], "words": 1}')
