"""Edits of invented subjects: exact answers, subjects of their own, read by the project's reader."""

import json

import pytest

from quintain.methods.lte.edits import edit_of, word_forms
from quintain.methods.lte.faults import find_faults
from quintain.methods.lte.gate import SlotGate, SlotWords, match_slot
from quintain.methods.lte.knowedit import read_cases
from quintain.packs.edits import MOST_EDITS, draw_edits
from quintain.packs.material.edit_facts import POOLS, RELATIONS


@pytest.fixture(scope="module")
def edits():
    return draw_edits(seed=4, size=400)


@pytest.fixture(scope="module")
def cases(edits):
    return read_cases("invented", edits)


def test_every_edit_has_a_subject_and_an_alias_of_its_own(edits):
    names = [name for edit in edits for name in (edit["subject"], *edit["aliases"])]
    assert len(set(names)) == len(names) == 800  # 400 subjects, an alias each


def test_all_four_kinds_of_subjects_are_there(edits):
    relations = {edit["relation"] for edit in edits}
    assert relations == {relation.noun for each in RELATIONS.values() for relation in each}


def test_the_project_s_reader_finds_no_fault(cases):
    assert find_faults(cases) == []


def test_every_edit_has_every_kind_of_probe(cases):
    wanted = {
        "rephrase", "subject-aliasing", "reasoning", "logical-generalization", "relation-specificity", "far",
    }  # fmt: skip
    for case in cases:
        assert {probe.aspect for probe in case.probes} == wanted
        assert len(case.paraphrases) == 3
        assert len(case.aliases) == 1


def test_a_new_target_differs_from_the_former_one(edits):
    assert not [edit for edit in edits if edit["target_new"] in edit["ground_truth"]]


def test_a_question_two_hops_away_is_answered_by_what_everybody_knows_of_the_target(edits):
    pool_of = {relation.noun: POOLS[relation.pool] for each in RELATIONS.values() for relation in each}
    for edit in edits:
        said = [probe["ground_truth"][0][0] for probe in edit["portability"]["Reasoning"]]
        assert tuple(said) == pool_of[edit["relation"]].facts[edit["target_new"]]


def test_a_question_turned_round_names_all_who_came_to_the_target(edits):
    for edit in edits:
        others = {
            each["subject"]
            for each in edits
            if (each["relation"], each["target_new"]) == (edit["relation"], edit["target_new"])
        }
        (probe,) = edit["portability"]["Logical_Generalization"]
        # "country of citizenship" belongs to one kind of subject, as every relation does
        assert {name for (name,) in probe["ground_truth"]} == others
        assert edit["subject"] in others


def test_what_stays_of_a_subject_is_told(edits):
    for edit in edits:
        for probe in edit["locality"]["Relation_Specificity"]:
            answer = probe["ground_truth"][0][0]
            assert any(fact.endswith(f" {answer}.") for fact in edit["facts"])
            assert edit["subject"] in probe["prompt"]


def test_the_gate_lets_through_what_the_edit_answers_and_nothing_else(cases):
    gate = SlotGate()
    for case in cases:
        slot = SlotWords(edit_of(case))
        for probe in case.probes:
            assert gate.admits(match_slot(word_forms(probe.prompt), slot)) is probe.in_scope, probe.prompt


def test_no_name_is_a_target(edits):
    targets = {word.lower() for pool in POOLS.values() for thing in pool.facts for word in thing.split()}
    assert not [edit for edit in edits if targets & set(edit["subject"].lower().split())]


def test_equal_seeds_give_equal_edits():
    assert json.dumps(draw_edits(9, 25)) == json.dumps(draw_edits(9, 25)) != json.dumps(draw_edits(8, 25))


@pytest.mark.parametrize("size", [0, -1, MOST_EDITS + 1])
def test_a_size_out_of_range_is_refused(size):
    with pytest.raises(ValueError, match="the number of edits must be 1 to 50,000"):
        draw_edits(0, size)
