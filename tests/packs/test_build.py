"""Every group of the core pack proves itself: a witness, one mutant per rule, and nothing cheap passes."""

import collections
import itertools

import pytest

from quintain.packs.build import CATEGORIES, build_pack, digest, groups
from quintain.packs.checks import base_task_done
from quintain.packs.groups import REFUSALS


@pytest.fixture(scope="module")
def core():
    return groups("core", 0)


@pytest.fixture(scope="module")
def items():
    return build_pack("core")


def test_the_core_pack_has_forty_groups_per_category_and_five_levels(items):
    # 40 groups × 6 categories × 5 levels = 1,200 items
    assert collections.Counter((item.category, item.level) for item in items) == {
        (category, level): 40 for category in CATEGORIES for level in range(1, 6)
    }


def test_the_witness_obeys_all_rules_and_each_mutant_breaks_its_own_alone(core):
    for group in core:
        assert group.verdicts(group.witness) == [True] * 5
        assert base_task_done(group.witness, group.target)
        for i, mutant in enumerate(group.mutants):
            assert group.verdicts(mutant) == [j != i for j in range(5)], (group.rules[i], mutant)


def test_refusals_constants_and_echoes_fail_level_1(core):
    for group in core:
        for response in (*REFUSALS, *group.instructions):
            assert not (base_task_done(response, group.target) and group.verdicts(response)[0]), (group, response)


def test_each_level_adds_one_rule_and_keeps_the_base(items):
    by_group = collections.defaultdict(list)
    for item in items:
        by_group[item.example_id].append(item)
    for group in by_group.values():
        assert [len(item.rules) for item in group] == [1, 2, 3, 4, 5]
        assert all(later.rules[: len(item.rules)] == item.rules for item, later in itertools.pairwise(group))


def test_a_mixed_group_mixes_three_categories_by_level_3(core):
    family = {"include", "exclude", "repeat", "in_first_sentence", "order"}, {
        "case", "without", "sentence_end", "sentence_start", "no_first_person", "no_contraction", "sentence_words",
    }  # fmt: skip
    for group in (group for group in core if group.category == "mixed"):
        kinds = [next((i for i, kinds in enumerate(family) if rule.kind in kinds), 2) for rule in group.rules[:3]]
        assert sorted(kinds) == [0, 1, 2]


def test_the_key_of_yes_or_no_questions_is_balanced(core):
    answers = [group.rules[1].value.split("|")[1] for group in core if group.category == "situation"]
    assert 0.25 <= answers.count("yes") / len(answers) <= 0.75


def test_one_seed_gives_one_pack_and_another_seed_another(items):
    assert digest(build_pack("core", seed=0)) == digest(items)
    assert digest(build_pack("core", seed=1)) != digest(items)


def test_an_unknown_size_names_the_known_ones():
    with pytest.raises(ValueError, match="there is no pack 'huge'; there are core, extended"):
        build_pack("huge")
