"""Every rule of the packs, on responses small enough to check by eye."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quintain.packs.checks import CHECKS, base_task_done, check
from quintain.records import Rule

OBJECT = '{"facts": ["a", "b"], "n": 3, "ok": true, "text": "one two three"}'
TABLE = "| No | Thing |\n|---|---|\n| 1 | an ant |\n| 2 | a bee |"

CASES = [
    ("include", "bee", "A Bee flies.", True),
    ("include", "bee", "Beeswax.", False),  # whole words only
    ("exclude", "bee", "Honey.", True),
    ("exclude", "bee", "The bee.", False),
    ("repeat", "2|bee", "Bee and bee.", True),
    ("repeat", "2|bee", "Bee, bee and bee.", False),
    ("at_least", "2|bee", "Bee, bee and bee.", True),
    ("at_least", "2|bee", "Bee.", False),
    ("at_most", "1|bee", "No such thing.", True),
    ("at_most", "1|bee", "Bee and bee.", False),
    ("in_first_sentence", "bee", "# Bees\nOne bee. Two wasps.", True),  # a heading is no sentence
    ("in_first_sentence", "bee", "One wasp. Two bee.", False),
    ("in_first_sentence", "bee", "", False),
    ("in_last_sentence", "bee", "One wasp. Two bee.", True),
    ("in_last_sentence", "bee", "One bee. Two wasps.", False),
    ("in_paragraph", "2|bee", "# Title\n\nA wasp.\n\nA bee.", True),  # a heading is no paragraph
    ("in_paragraph", "2|bee", "A wasp.\nA bee.", False),
    ("order", "a|b", "a then b", True),
    ("order", "a|b", "b then a", False),
    ("order", "a|b", "only a", False),
    ("picked", "Lumo|Brill", "Picked: Lumo and Brill.", True),
    ("picked", "Lumo|Brill", "**Picked:** lumo", True),
    ("picked", "Lumo|Brill", "Picked: Lumo, Sella", False),
    ("picked", "Lumo|Brill", "Picked: Lumo\nPicked: Brill", False),  # one line was asked for
    ("picked", "Lumo|Brill", "Picked:", False),
    ("case", "lower", "all small, 3 of them", True),
    ("case", "lower", "Not all", False),
    ("case", "upper", "123", False),  # no letters, nothing shown
    ("without", ",", "No comma.", True),
    ("without", ",", "One, two.", False),
    ("without", ",", "", False),
    ("only_full_stops", "", "It's a well-known fact. Good.", True),
    ("only_full_stops", "", "It is (almost) true.", False),
    ("only_full_stops", "", "...", False),
    ("no_letter", "z", "No such letter.", True),
    ("no_letter", "z", "Zest.", False),
    ("sentence_end", "!", "Yes! He said: “Now!”", True),
    ("sentence_end", "!", "Yes! Now.", False),
    ("sentence_end", "!", "Yes! Now", False),  # no mark at all
    ("sentence_end", "!", "Two things!\n- one\n- two", True),  # a bare list item is no sentence
    ("sentence_start", "Truly", "Truly good. **Truly** bad.", True),
    ("sentence_start", "Truly", "Truly good. Bad.", False),
    ("alternate", "Often|Truly", "Often a. Truly b. Often c.", True),
    ("alternate", "Often|Truly", "Often a. Often b.", False),
    ("first_letter", "t", "Two. Then three.", True),
    ("first_letter", "t", "Two. And three.", False),
    ("distinct_openers", "", "One is. Two are.", True),
    ("distinct_openers", "", "One is. One was.", False),
    ("alliteration", "b", "Big bees buzz. A bee in a box.", True),
    ("alliteration", "b", "Big bees buzz. A bee.", False),
    ("no_first_person", "", "Bees fly.", True),
    ("no_first_person", "", "I fly.", False),
    ("no_contraction", "", "It is not the dog's.", True),  # a genitive is none
    ("no_contraction", "", "It isn’t.", False),
    ("no_contraction", "", "That's it.", False),
    ("sentence_words", "2|3", "One two. One two three.", True),
    ("sentence_words", "2|3", "One. One two.", False),
    ("paragraph_count", "2", "a\n\nb", True),
    ("paragraph_count", "2", "# T\n\na\n\n- x\n- y\n\nb", True),
    ("paragraph_count", "2", "a\nb", False),
    ("paragraph_words", "2|3", "one two\n\none two three", True),
    ("paragraph_words", "2|3", "one two\n\none", False),
    ("sentence_count", "3", "A costs 3.50 here, e.g. now. B! C", True),
    ("sentence_count", "3", "A. B.", False),
    ("bullets", "2", "x\n- a\n- b", True),
    ("bullets", "2", "- a", False),
    ("numbered", "2", "1. a\n2. b", True),
    ("numbered", "2", "1. a\n3. b", False),
    ("heading", "2", "## T\ntext", True),
    ("heading", "2", "# T\ntext", False),
    ("heading", "2", "## T\n## U", False),
    ("heading", "2", "text\n## T", False),
    ("last_line", "Bye.", "Hi.\nBye.\n", True),
    ("last_line", "Bye.", "Bye. Hi.", False),
    ("first_line", "Hi.", "Hi.\nBye.", True),
    ("first_line", "Hi.", "Hi. Bye.", False),
    ("bold", "1", "a **b** c", True),
    ("bold", "1", "a **b** **c**", False),
    ("bold", "1", "a **b c**", False),  # words one at a time
    ("tags", "tip", "One. <tip>Two.</tip> Three.", True),
    ("tags", "tip", "<tip>One. Two.</tip>", False),
    ("tags", "tip", "</tip>One.<tip>", False),
    ("word_count", "2|3", "one <tip>two</tip>", True),
    ("word_count", "2|3", "one", False),
    ("json_keys", "facts|n|ok|text", OBJECT, True),
    ("json_keys", "facts|n|ok|text", f"```json\n{OBJECT}\n```", True),
    ("json_keys", "facts|n|ok|text", f"Here it is: {OBJECT}", False),
    ("json_keys", "facts|n|ok", OBJECT, False),
    ("json_list", "facts|2", OBJECT, True),
    ("json_list", "facts|3", OBJECT, False),
    ("json_words", "text|2|4", OBJECT, True),
    ("json_words", "text|4|6", OBJECT, False),
    ("json_number", "n|1|5", OBJECT, True),
    ("json_number", "ok|0|5", OBJECT, False),  # true is no number
    ("json_flag", "ok", OBJECT, True),
    ("json_flag", "n", OBJECT, False),
    ("json_one_line", "", OBJECT, True),
    ("json_one_line", "", '{"a":\n1}', False),
    ("grid_columns", "markdown|No|Thing", TABLE, True),
    ("grid_columns", "markdown|Thing|No", TABLE, False),
    ("grid_columns", ",|No|Thing", 'No,Thing\n1,"an ant, red"', True),
    ("grid_columns", ",|No|Thing", "No;Thing\n1;an ant", False),
    ("grid_rows", "markdown|2", TABLE, True),
    ("grid_rows", "markdown|2", TABLE + "\nThat is all.", False),  # nothing but the table
    ("grid_words", "markdown|Thing|2|3", TABLE, True),
    ("grid_words", "markdown|Thing|3|4", TABLE, False),
    ("grid_counted", "markdown|No", TABLE, True),
    ("grid_counted", ";|No", "No;Thing\n2;a", False),
    ("grid_numbers", "markdown|No|1|2", TABLE, True),
    ("grid_numbers", "markdown|No|1|1", TABLE, False),
    ("grid_sorted", ";|Thing", "No;Thing\n1;ant\n2;Bee", True),
    ("grid_sorted", "markdown|Thing", TABLE, False),
    ("field", "Total|12", "Total: 12", True),
    ("field", "Total|12", "- **Total:** 12 coins.", True),
    ("field", "Total|12", "Total: 12\nTotal: 13", False),  # naming every value is no answer
    ("field", "Total|12", "Total: 3 × 4 = 12", False),
    ("field", "Total|12", "The total is 12", False),
    ("field", "Start|09:30", "Start: 9:30", True),
    ("field", "Start|09:30", "Start: 10:30", False),
    ("prefix", "Answer", "Answer a", True),
    ("prefix", "Answer", "a Answer", False),
    ("suffix", "##", "a ##\n", True),
    ("suffix", "##", "a##", False),
    ("brackets", "[]|14", "7 [14]", True),
    ("brackets", "[]|14", "7 [] 14", False),
    ("separator", "=>", "a => b", True),
    ("separator", "=>", "a=>b", False),
    ("sequence", "14|7", "[14] => 7", True),
    ("sequence", "14|7", "7 => [14]", False),
]


@pytest.mark.parametrize(("kind", "value", "response", "holds"), CASES)
def test_a_rule_holds_exactly_when_its_docstring_says(kind, value, response, holds):
    assert check(Rule(kind=kind, value=value), response).holds is holds


def test_every_rule_has_a_case_for_and_a_case_against():
    assert {kind for kind, _, _, holds in CASES if holds} == set(CHECKS)
    assert {kind for kind, _, _, holds in CASES if not holds} == set(CHECKS)


VALUES = {kind: value for kind, value, _, _ in CASES}
# Text that meets the rules half way: pieces of the responses above, in any order.
PIECES = st.lists(st.sampled_from([*(response for _, _, response, _ in CASES), "\n", "\n\n", "- ", "**", "<tip>", "|"]))


@pytest.mark.parametrize("kind", sorted(CHECKS))
@given(response=st.text(max_size=200) | PIECES.map("".join))
def test_no_response_makes_a_rule_fail_otherwise_than_by_verdict_and_evidence_lies_inside(kind, response):
    finding = check(Rule(kind=kind, value=VALUES[kind]), response)
    assert isinstance(finding.holds, bool)
    assert all(0 <= span.start < span.end <= len(response) for span in finding.evidence)


@pytest.mark.parametrize(
    ("kind", "value", "response", "stretches"),
    [
        ("exclude", "bee", "The bee and the Bee.", ["bee", "Bee"]),
        ("sentence_end", "!", "Fine! Not fine. Fine!", ["Not fine."]),
        ("sentence_words", "2|3", "One. One two.", ["One."]),
        ("case", "lower", "all but This", ["This"]),
        ("paragraph_words", "2|3", "one two\n\none", ["one"]),
        ("word_count", "1|2", "one two three four", ["three four"]),
        ("field", "Total|12", "Total: 13", [" 13"]),
        ("picked", "Lumo", "Picked: Sella", [" Sella"]),
        ("last_line", "Bye.", "Hi.\nSee you.", ["See you."]),
    ],
)
def test_evidence_points_at_what_decides(kind, value, response, stretches):
    finding = check(Rule(kind=kind, value=value), response)
    assert [response[start:end] for start, end in finding.evidence] == stretches


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


def test_a_computed_base_task_asks_for_the_answer_and_for_little_else():
    target = '{"answer": ["14"], "words": 1, "most": 3}'
    assert base_task_done("It is 14.", target)
    assert not base_task_done("It is 140.", target)
    assert not base_task_done("It is 14 as seven twice.", target)


def test_a_selection_must_be_complete():
    target = '{"picked": ["brill", "lumo"]}'
    assert base_task_done("Picked: Lumo, Brill", target)
    assert not base_task_done("Lumo and Brill are good.\nPicked: Lumo", target)
