"""Edits of the almanac are true to the world, and test subjects stand nowhere in training."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quintain.almanac.edits import EditParams, draw_edits
from quintain.almanac.lookup import look_up
from quintain.almanac.phrasing import RELATIONS
from quintain.almanac.world import WorldParams, make_world
from quintain.methods.lte.edits import edit_of, word_forms
from quintain.methods.lte.faults import find_faults
from quintain.methods.lte.gate import SlotGate, SlotWords, match_slot

WORLD = make_world(WorldParams())
PARAMS = EditParams(train=400, test=300, test_share=0.1)
TRAIN, TEST = draw_edits(WORLD, PARAMS)


def texts(case):
    probes = [text for probe in case.probes for text in (probe.prompt, *probe.answers[0])]
    return " ".join([case.prompt, case.target_new, *case.ground_truth, *case.paraphrases, *probes])


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 1000), st.integers(1, 300), st.integers(1, 300), st.floats(0.05, 0.5))
def test_no_test_subject_stands_anywhere_in_a_training_edit(seed, train, test, share):
    world = make_world(WorldParams(towns=8, fresh_towns=3, persons=8, rivers=3, seed=seed % 5))
    learned, tested = draw_edits(world, EditParams(train=train, test=test, test_share=share, seed=seed))
    assert (len(learned), len(tested)) == (train, test)
    subjects = {case.subject.lower() for case in tested}
    assert not subjects & {word for case in learned for word in word_forms(texts(case))}


def test_there_are_enough_subjects_and_most_are_names_that_nobody_has_heard_of():
    subjects = {case.subject for case in TEST}
    known = subjects & set(WORLD.facts)
    assert len(subjects) >= 60
    # A tenth of 40 towns, 40 persons and 10 rivers.
    assert len(known) == 4 + 4 + 1
    # 3 of 6 relations of a town, 1 of 2 of a person, 1 of 1 of a river; they lie among as many others at the head.
    of_known = [number for number, case in enumerate(TEST) if case.subject in known]
    assert len(of_known) == 4 * 3 + 4 * 1 + 1 * 1
    assert max(of_known) < 2 * len(of_known)


def test_test_edits_have_no_faults_and_training_edits_none_but_that_each_is_learned_alone():
    assert find_faults(TEST) == []
    assert {fault.kind for fault in find_faults(TRAIN)} == {"conflict"}


@pytest.mark.parametrize("cases", [TRAIN, TEST], ids=["train", "test"])
def test_every_answer_is_true_under_the_edit(cases):
    for case in cases:
        edit = edit_of(case)
        assert look_up(WORLD, case.prompt, [edit.fact]) == case.target_new
        for probe in case.probes:
            name = case.aliases[0] if probe.aspect == "subject-aliasing" else case.subject
            told = look_up(WORLD, probe.prompt, [f"{edit.prompt_of(name)} {case.target_new}"])
            assert (told,) in probe.answers


def test_only_a_subject_that_nobody_has_heard_of_has_an_alias_and_it_stands_nowhere_else():
    aliases = Counter(alias for case in (*TRAIN, *TEST) for alias in case.aliases)
    assert aliases
    assert not {case.subject for case in (*TRAIN, *TEST) if case.aliases} & set(WORLD.facts)
    assert not set(aliases) & {*WORLD.names, *(case.subject for case in (*TRAIN, *TEST))}
    assert not {alias for case in TEST for alias in case.aliases} & {alias for case in TRAIN for alias in case.aliases}


def test_a_question_turned_round_counts_every_subject_of_the_memory_that_got_the_target():
    asked = {probe.prompt: probe.answers for case in TEST for probe in case.probes if "town has" in probe.prompt}
    several = [(prompt, answers) for prompt, answers in asked.items() if len(answers) > 1]
    assert several
    prompt, answers = several[0]
    right = {case.subject for case in TEST if case.relation == "mayor" and f" {case.target_new} " in prompt}
    assert {spellings[0] for spellings in answers} == right


def test_the_gate_lets_questions_turned_round_through():
    gate, slots = SlotGate(), {case.id: SlotWords(edit_of(case)) for case in TEST}
    for case in TEST:
        for probe in case.probes:
            if probe.aspect == "logical-generalization":
                assert gate.admits(match_slot(word_forms(probe.prompt), slots[case.id]))


def test_training_edits_are_mostly_of_known_subjects():
    known = [case for case in TRAIN if case.subject in WORLD.facts]
    assert len(known) == 0.75 * len(TRAIN)
    assert all(case.ground_truth == (WORLD.facts[case.subject][relation(case)],) for case in known)


def relation(case):
    nouns = {one.noun: name for kind in RELATIONS.values() for name, one in kind.items()}
    return nouns[case.relation]


def test_no_locality_probe_asks_for_what_another_edit_sets():
    gate, slots = SlotGate(subject=1.0), [SlotWords(edit_of(case)) for case in TEST]
    probes = {probe.prompt for case in TEST for probe in case.probes if not probe.in_scope}
    asked = [word_forms(prompt) for prompt in probes]
    assert [one for one in asked if any(gate.admits(match_slot(one, slot)) for slot in slots)] == []


def test_every_aspect_that_the_almanac_can_ask_for_is_there():
    aspects = Counter(probe.aspect for case in TEST for probe in case.probes)
    in_scope = {"rephrase", "subject-aliasing", "reasoning", "logical-generalization"}
    assert set(aspects) == {*in_scope, "relation-specificity", "far"}
    assert aspects["rephrase"] == 2 * len(TEST)


def test_the_same_seed_draws_the_same_edits():
    assert draw_edits(WORLD, PARAMS) == (TRAIN, TEST)
    assert draw_edits(WORLD, EditParams(train=400, test=300, test_share=0.1, seed=1))[0] != TRAIN


@pytest.mark.parametrize(("sizes", "message"), [({"train": 0, "test": 1}, "train must be at least 1")])
def test_sizes_that_make_no_sense_are_named(sizes, message):
    with pytest.raises(ValueError, match=message):
        EditParams(**sizes)
    with pytest.raises(ValueError, match=r"test_share must be in \(0, 1\), got 1"):
        EditParams(train=1, test=1, test_share=1)
    with pytest.raises(ValueError, match=r"known_share must be in \[0, 1\], got 2"):
        EditParams(train=1, test=1, known_share=2)
