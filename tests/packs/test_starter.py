"""The pack for small models: everything that core proves, on tasks that a short text or a glance can do."""

import collections
import json

import pytest

from quintain.packs.build import CATEGORIES, build_pack, digest, groups
from quintain.packs.checks import base_task_done, check
from quintain.packs.free_text import CATEGORY_OF
from quintain.packs.language import words
from quintain.packs.material.starter import STARTER


@pytest.fixture(scope="module")
def starter():
    return groups("starter", 0)


def test_it_has_240_groups_of_five_levels(starter):
    # 40 groups × 6 categories
    assert collections.Counter(group.category for group in starter) == dict.fromkeys(CATEGORIES, 40)
    assert all(len(group.cases) == 5 for group in starter)


def test_every_group_is_proved_as_those_of_core_are(starter):
    assert not [fault for group in starter for fault in group.faults()]


def test_a_level_adds_one_constraint(starter):
    for group in starter:
        assert [len(case.rules) for case in group.cases] == [1, 2, 3, 4, 5]


def test_a_witness_of_level_1_is_a_short_response(starter):
    # Between a word and 60: what a small model can write before it loses the thread.
    lengths = [len(words(group.cases[0].witness)) for group in starter]
    assert sorted(lengths)[len(lengths) // 2] <= 60


def test_a_text_needs_eight_words_and_one_word_of_its_topic(starter):
    tasks = [json.loads(group.cases[0].target) for group in starter if group.category in ("style", "mixed")]
    assert {(task["words"], task["least"]) for task in tasks} == {(8, 1)}


def test_situations_are_followed_fact_by_fact(starter):
    for group in (group for group in starter if group.category == "situation"):
        case = group.cases[2]
        assert base_task_done(case.witness, case.target)
        assert all(check(rule, case.witness).holds for rule in case.rules)
        # The witness of the level before no longer holds for what it was asked then.
        assert not all(check(rule, group.cases[1].witness).holds for rule in case.rules[:2])


def test_every_rule_on_texts_has_a_rank_and_levels_add_the_easier_ones_first(starter):
    assert sorted(STARTER.ranked) == sorted(CATEGORY_OF)
    for group in starter:
        kinds = [rule.kind for rule in group.cases[-1].rules]
        if set(kinds) <= set(STARTER.ranked):
            ranks = [STARTER.ranked.index(kind) for kind in kinds]
            parts = (ranks[:3], ranks[3:]) if group.category == "mixed" else (ranks,)
            assert all(part == sorted(part) for part in parts)


def test_a_mixture_has_three_categories_by_level_3(starter):
    for group in (group for group in starter if group.category == "mixed"):
        assert {CATEGORY_OF[rule.kind] for rule in group.cases[2].rules} == {"content", "style", "format"}


def test_one_seed_gives_one_pack():
    assert digest(build_pack("starter")) == digest(build_pack("starter")) != digest(build_pack("starter", 1))


def test_a_part_of_a_pack_holds_the_first_groups_of_each_category(starter):
    part = groups("starter", 0, most=2)
    firsts = [group for category in CATEGORIES for group in [g for g in starter if g.category == category][:2]]
    assert [group.cases for group in part] == [group.cases for group in firsts]
    assert len(build_pack("starter", 0, 2)) == 2 * 6 * 5
    assert digest(build_pack("starter", 0, 2)) != digest(build_pack("starter"))


def test_no_item_of_starter_stands_in_core():
    assert {item.instruction for item in build_pack("starter")}.isdisjoint(
        item.instruction for item in build_pack("core")
    )
