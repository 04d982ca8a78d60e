"""An edit passes when the question names its subject and asks for its relation."""

import pytest

from quintain.methods.lte import Edit, SlotGate
from quintain.methods.lte.edits import word_forms
from quintain.methods.lte.gate import SlotMatch, SlotWords, calibrate, match_slot

GATE = SlotGate()


def edit(**more):
    fields = {"subject": "Ada J Brook", "prompt": "The name of the employer of Ada J Brook is", "target_new": "Mill"}
    return Edit(**{**fields, **more})


def match(question, one):
    return match_slot(word_forms(question), SlotWords(one))


@pytest.mark.parametrize(
    "question",
    [
        "The name of the employer of Ada J Brook is",
        "Who is the employer of ADA J. BROOK?",
        "Which employer has Ada Brook?",  # a missing initial
        "Where does Ada J Brooke's employer stand?",  # another spelling
        "The capital of the country of the employer of Ada J Brook is",  # one more step
    ],
)
def test_a_question_about_the_slot_passes(question):
    assert GATE.admits(match(question, edit()))


@pytest.mark.parametrize(
    "question",
    [
        "The gender of Ada J Brook is",
        "The name of the mother of Ada J Brook is",
        "The name of the employer of Edward Fir is",
        "The name of the employer of Ada J Brook, which is not Mill, is",
        "Which employer other than the Mill has Ada J Brook?",
        "What is the tallest mountain?",
        "",
    ],
)
def test_a_question_about_another_slot_does_not_pass(question):
    assert not GATE.admits(match(question, edit()))


def test_numbers_in_a_name_allow_no_likeness():
    cup = edit(subject="1980 Veldmark Championships", prompt="The country of 1980 Veldmark Championships is")
    assert GATE.admits(match("Which country held the 1980 Veldmark Championships?", cup))
    assert match("Which country held the 1981 Veldmark Championships?", cup).subject == 0


def test_who_follows_is_not_who_is_followed():
    king = edit(subject="Olav II", prompt="Olav II is followed by")
    assert GATE.admits(match("By whom is it that Olav II is followed?", king))
    assert not GATE.admits(match("Olav II follows", king))


def test_aliases_labels_and_paraphrases_widen_the_slot():
    assert not GATE.admits(match("The employer of the Miller is", edit()))
    assert GATE.admits(match("The employer of the Miller is", edit(aliases=("the Miller",))))
    assert GATE.admits(match("The employer of Ada J Brook is", edit(aliases=("", "?!"))))  # names nobody
    assert not GATE.admits(match("Who pays wages to Ada J Brook?", edit()))
    assert GATE.admits(match("Who pays wages to Ada J Brook?", edit(relation="pays_wages")))
    assert GATE.admits(match("Who pays wages to Ada J Brook?", edit(paraphrases=("Who pays Ada J Brook her wages?",))))
    assert SlotWords(edit(relation="P108")).relations == SlotWords(edit()).relations  # a code says nothing


def test_a_prompt_of_function_words_alone_passes_only_itself():
    film = edit(subject="Toy Tale", prompt="Toy Tale is by whom?")
    assert GATE.admits(match("Toy Tale is by whom?", film))
    assert not GATE.admits(match("What is by the end of Toy Tale?", film))


def test_calibration_takes_the_widest_gate_within_the_limit():
    def seen(subject, relation=1.0):
        return SlotMatch(subject=subject, relation=relation, excludes=False)

    # Among ten questions out of scope one may pass at 10 %: the gate may go down to .7, which lets in the .75 too.
    inside = [(seen(1.0), True), (seen(0.85), True), (seen(0.75), True)]
    outside = [(seen(0.72), False), (seen(0.69), False), *[(seen(0.0), False)] * 8]
    assert calibrate(inside + outside, most_false=0.0) == SlotGate(subject=0.75, relation=1.0)
    assert calibrate([*inside, (seen(0.7), True), *outside], most_false=0.1) == SlotGate(subject=0.7, relation=1.0)
    with pytest.raises(ValueError, match="needs probes in scope and out of scope"):
        calibrate(inside)
    with pytest.raises(ValueError, match=r"even the strictest gate admits more than 0\.0%"):
        calibrate([(seen(1.0), True), (seen(1.0), False)], most_false=0.0)


@pytest.mark.parametrize(
    ("question", "passes"),
    [
        ("Which town has Ada Brook as its mayor?", True),
        ("Name the town whose mayor is Ada Brook.", True),
        ("Which town does not have Ada Brook as its mayor?", False),
        ("Which town has Cy Dahl as its mayor?", False),
        ("In which town does Ada Brook live?", False),
        ("Who is the mayor of the home of Ada Brook?", False),
        ("Who is the mayor of Veldmark?", True),
    ],
)
def test_a_paraphrase_that_names_the_target_opens_the_gate_for_questions_turned_round(question, passes):
    given = {"subject": "Veldmark", "prompt": "The mayor of Veldmark is", "target_new": "Ada Brook"}
    turned = Edit(**given, paraphrases=("Which town has Ada Brook as its mayor?",))
    assert SlotGate().admits(match_slot(word_forms(question), SlotWords(turned))) is passes
    plain = SlotGate().admits(match_slot(word_forms(question), SlotWords(Edit(**given))))
    assert plain is ("Veldmark" in question)


def test_a_prompt_that_names_the_target_alone_is_still_the_prompt():
    odd = Edit(subject="Veldmark", prompt="Whose mayor is Ada Brook?", target_new="Ada Brook")
    assert SlotWords(odd).backward == ()
    assert match_slot(word_forms("Is the mayor of Veldmark old?"), SlotWords(odd)).subject == 1
