"""An edit answers its relation's converse, asked of the target, and what follows from it, asked of the subject."""

from dataclasses import replace

import pytest

from quintain.edit_memory import EditMemory
from quintain.methods.lte import Edit, HashedNgrams, SlotGate
from quintain.methods.lte.consequences import is_converse, is_settled
from quintain.methods.lte.edits import word_forms
from quintain.methods.lte.gate import SlotWords, match_slot

FATHER = Edit(subject="Ada Brook", prompt="The father of Ada Brook is", target_new="Cy Dahl")
SPOUSE = Edit(subject="Ada Brook", prompt="Who is Ada Brook's spouse?", target_new="Cy Dahl")
RACE = Edit(subject="Fjord Race", prompt="Fjord Race follows", target_new="Harbour Cup")
LAKE = Edit(subject="Lake Elv", prompt="Which country is Lake Elv in?", target_new="Norland")
CITIZEN = Edit(subject="Ada Brook", prompt="The country of citizenship of Ada Brook is", target_new="Norland")
GRAVE = Edit(subject="Ada Brook", prompt="The place of death of Ada Brook is", target_new="Ostheim")


def passes(question, edit):
    return SlotGate().admits(match_slot(word_forms(question), SlotWords(edit)))


@pytest.mark.parametrize(
    ("question", "edit"),
    [
        ("Who is the son/daughter of Cy Dahl?", FATHER),
        ("Who is Cy Dahl's child?", FATHER),
        ("Who is Cy Dahl married to?", SPOUSE),
        ("Harbour Cup is followed by", RACE),
    ],
)
def test_the_converse_of_an_edit_passes_where_the_target_is_named(question, edit):
    assert passes(question, edit)


@pytest.mark.parametrize(
    ("question", "edit"),
    [
        ("Who is the father of Cy Dahl?", FATHER),  # the same relation of the target is another fact
        ("Who is the mother of the child of Cy Dahl?", FATHER),  # one more step, to somebody else
        ("Who is the son of Ed Fir?", FATHER),
        ("Who is the son of Cy Dahl, if not Ada?", FATHER),
        ("What did the child of Cy Dahl learn?", FATHER),
        ("Who is Cy Dahl?", FATHER),
        ("How many children does Cy Dahl have?", FATHER),
        ("Where was Cy Dahl married?", SPOUSE),
        ("Who is the employer of Cy Dahl's wife?", SPOUSE),
        ("Harbour Cup follows", RACE),
        ("The child of Cy Dahl is", Edit(subject="Mill", prompt="The owner of Mill is", target_new="Cy Dahl")),
    ],
)
def test_other_questions_about_the_target_do_not_pass(question, edit):
    assert not passes(question, edit)


@pytest.mark.parametrize(
    ("question", "edit", "yes"),
    [
        ("The name of the continent which Lake Elv is part of is", LAKE, True),
        ("What is the official language of Lake Elv?", LAKE, True),
        ("What is the language of the sign at Lake Elv?", LAKE, False),
        ("The name of the currency in Lake Aa is", LAKE, False),
        ("How deep is Lake Elv?", LAKE, False),
        ("The currency of Ada Brook is", CITIZEN, False),
        ("Ada Brook is still alive", GRAVE, True),
        ("Where did Ada Brook learn?", GRAVE, False),
    ],
)
def test_what_follows_from_an_edit_passes_and_nothing_else_of_the_subject_does(question, edit, yes):
    assert passes(question, edit) is yes


def test_a_question_that_asks_for_nothing_asks_for_no_consequence():
    assert not is_converse(("who", "is"), [("father",)])
    assert not is_converse(("son",), [])
    assert not is_settled((), [("country",)])


def test_of_two_fathers_the_one_asked_for_reaches_the_model(tmp_path):
    other = Edit(subject="Ed Fir", prompt="The father of Ed Fir is", target_new="Olav Mo")
    with EditMemory.open(tmp_path, HashedNgrams()) as memory:
        memory.add([FATHER, other])
        assert [hit.edit.subject for hit in memory.search("Who is the son of Olav Mo?") if hit.passed] == ["Ed Fir"]
        assert not [hit for hit in memory.search("Who is the father of Olav Mo?") if hit.passed]


def test_who_was_the_father_before_an_edit_overrode_him_is_asked_of_nobody(tmp_path):
    with EditMemory.open(tmp_path, HashedNgrams()) as memory:
        memory.add([FATHER])
        memory.add([replace(FATHER, target_new="Olav Mo")])
        assert [hit.edit.target_new for hit in memory.search("Who is the child of Olav Mo?") if hit.passed] == [
            "Olav Mo"
        ]
        assert not [hit for hit in memory.search("Who is the child of Cy Dahl?") if hit.passed]
