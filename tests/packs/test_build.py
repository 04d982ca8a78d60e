"""Every item of the core pack proves itself: a witness, one mutant per rule, and nothing cheap passes."""

import collections
import itertools
import json

import pytest

from quintain.packs.build import CATEGORIES, DRAWN, VERSION, build_pack, digest, groups
from quintain.packs.checks import CHECKS, base_task_done, check
from quintain.packs.conversations import CONVERSATIONS
from quintain.packs.free_text import CATEGORY_OF
from quintain.packs.groups import CHEAP_RESPONSES
from quintain.records import content_id


@pytest.fixture(scope="module")
def core():
    return groups("core", 0)


@pytest.fixture(scope="module")
def extended():
    return groups("extended", 0)


@pytest.fixture(scope="module")
def items():
    return build_pack("core")


@pytest.fixture(scope="module")
def proved(core, extended):
    """Every group of core, every 25th of extended."""
    return [*core, *extended[::25]]


def test_the_core_pack_has_forty_groups_per_category_and_five_levels(items):
    # 40 groups × 6 categories × 5 levels = 1,200 items, and 24 groups × 2 kinds of conversation × 5 levels = 240
    sizes = dict.fromkeys(CATEGORIES, 40) | dict.fromkeys(CONVERSATIONS, 24)
    assert collections.Counter((item.category, item.level) for item in items) == {
        (category, level): size for category, size in sizes.items() for level in range(1, 6)
    }


def test_the_witness_of_every_item_obeys_all_its_rules_and_does_the_task(proved):
    for group in proved:
        for case in group.cases:
            assert all(check(rule, case.witness).holds for rule in case.rules), (case.instruction, case.witness)
            assert base_task_done(case.witness, case.target)


def test_every_rule_of_every_item_has_a_mutant_that_does_the_task_and_breaks_that_rule_alone(proved):
    for group in proved:
        for level, case in enumerate(group.cases, start=1):
            assert len(case.rules) == len(case.mutants) == level
            for i, mutant in enumerate(case.mutants):
                assert case.verdicts(mutant) == [j != i for j in range(level)], (case.rules[i], mutant)
                assert base_task_done(mutant, case.target)


def test_no_empty_constant_or_refusing_response_passes_any_item(proved):
    for case in (case for group in proved for case in group.cases):
        assert not [response for response in CHEAP_RESPONSES if case.passes(response)], case.instruction


def test_no_echo_of_an_instruction_passes_level_1(proved):
    for group in proved:
        echoes = [case.instruction for case in group.cases]
        assert not [echo for echo in (*echoes, *(2 * echo for echo in echoes)) if group.cases[0].passes(echo)]


def test_the_response_to_another_item_hardly_ever_passes(core):
    cases = [case for group in core for case in group.cases]
    passed = sum(case.passes(other.witness) for case, other in zip(cases, cases[5:], strict=False))
    assert passed / len(cases) < 0.02


def test_every_rule_of_the_packs_is_asked_for(extended):
    assert {rule.kind for group in extended for rule in group.cases[-1].rules} == set(CHECKS)


def test_each_level_adds_one_rule(items):
    by_group = collections.defaultdict(list)
    for item in items:
        by_group[item.example_id].append(item)
    for group in by_group.values():
        assert [len(item.rules) for item in group] == [1, 2, 3, 4, 5]
        kinds = [[rule.kind for rule in item.rules] for item in group]
        assert all(later[: len(earlier)] == earlier for earlier, later in itertools.pairwise(kinds))


def test_a_mixed_group_mixes_three_categories_by_level_3(extended):
    for group in (group for group in extended if group.category == "mixed"):
        assert {CATEGORY_OF[rule.kind] for rule in group.cases[2].rules} == {"content", "style", "format"}


def test_a_situations_new_fact_changes_what_was_right_before(extended):
    for group in (group for group in extended if group.category == "situation"):
        for earlier, later in itertools.pairwise(group.cases):
            assert later.rules[: len(earlier.rules)] != earlier.rules, later.instruction


def test_a_selections_new_condition_takes_something_out(extended):
    picked = [group for group in extended if group.cases[0].rules[0].kind == "picked"]
    for group in picked:
        sizes = [len(json.loads(case.target)["picked"]) for case in group.cases]
        assert all(later < earlier for earlier, later in itertools.pairwise(sizes))


def test_no_constant_guess_gains_from_an_unbalanced_key(extended):
    values = collections.defaultdict(collections.Counter)
    for group in (group for group in extended if group.category == "situation"):
        for case in group.cases:
            name, right = case.rules[-1].value.split("|")
            values[name][right] += 1
    for name, counts in values.items():
        # Of two possible values each is right in half of the groups, give or take the draw; with more, in fewer.
        most = counts.most_common(1)[0][1] / counts.total()
        assert most <= (0.75 if len(counts) == 2 else 0.65), (name, counts)


def test_shots_show_the_right_pattern_less_often_as_levels_rise(core):
    for group in (group for group in core if group.category == "example"):
        for level, case in enumerate(group.cases, start=1):
            questions = [line for line in case.instruction.split("\n") if line.startswith("Q: ")]
            assert len(questions) == 6
            # The witness of level n has n features; how many shots share its last mark shows in the separator.
            mark = f" {case.rules[0].value} "
            shots = [line for line in case.instruction.split("\n") if line.startswith("A: ")]
            right = sum(mark in shot for shot in shots)
            # 5 of 5 at level 1; every other pattern of the level takes at least one shot
            assert 1 <= right <= 6 - level


def test_no_two_items_share_what_is_asked(extended):
    asked = [case.asked for group in extended for case in group.cases]
    # 200 groups × 6 categories × 5 levels, and 120 × 2 kinds of conversation × 5
    assert len(asked) == len(set(asked)) == 7200


def test_one_seed_gives_one_pack_and_another_seed_another(items):
    assert digest(build_pack("core", seed=0)) == digest(items)
    assert digest(build_pack("core", seed=1)) != digest(items)


def test_the_core_pack_of_seed_0_is_the_one_that_the_documentation_names(items):
    # A change of any check's parameter, wording or draw changes it: raise VERSION, and write both to the page.
    assert (VERSION, digest(items)) == ("3.0.0", "3072981acbc259a6")


def test_conversations_came_to_items_that_are_those_of_version_2(items):
    # the digest that version 2.0.0 named
    assert content_id(DRAWN, [item.id for item in items[:1200]]) == "20fe972ee34849cc"


def test_an_unknown_size_names_the_known_ones():
    with pytest.raises(ValueError, match="there is no pack 'huge'; there are starter, core, extended"):
        build_pack("huge")
