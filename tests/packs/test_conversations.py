"""Conversations prove what is in force at their end."""

import collections
import random

import pytest

from quintain.benchmarks.exact.benchmark import ExactBenchmark
from quintain.benchmarks.scoring import make_scorecard
from quintain.packs.build import draw_conversation, groups
from quintain.packs.checks import base_task_done, check
from quintain.packs.conversations import CONVERSATIONS


@pytest.fixture(scope="module")
def conversations():
    return [group for group in groups("core", 0) if group.category in CONVERSATIONS]


def of(conversations, way):
    found = [group for group in conversations if group.source.startswith(f"{way}: ")]
    assert found
    return [(level, case) for group in found for level, case in enumerate(group.cases, start=1)]


def test_the_ways_of_a_kind_take_turns(conversations):
    # 24 groups of each kind: 8 of each of three ways, 12 of each of two
    assert collections.Counter(group.source.partition(":")[0] for group in conversations) == {
        "adds": 8, "changes": 8, "takes back": 8, "sets": 12, "contradicted": 12,
    }  # fmt: skip


def test_a_witness_obeys_what_is_in_force_and_each_mutant_breaks_one_rule_of_it(conversations):
    for group in conversations:
        for level, case in enumerate(group.cases, start=1):
            assert case.verdicts(case.witness) == [True] * level
            assert base_task_done(case.witness, case.target)
            for i, mutant in enumerate(case.mutants):
                assert case.verdicts(mutant) == [j != i for j in range(level)]
                assert base_task_done(mutant, case.target)


def test_what_the_assistant_said_before_does_the_task_and_never_passes(conversations):
    for way in ("adds", "changes", "takes back"):
        for _, case in of(conversations, way):
            user, assistant = case.context
            assert (user.role, assistant.role) == ("user", "assistant")
            assert assistant.content in case.mutants
            assert base_task_done(assistant.content, case.target)


def test_a_second_turn_asks_for_the_last_rule_only(conversations):
    for level, case in of(conversations, "adds"):
        said = case.context[1].content
        assert case.verdicts(said) == [True] * (level - 1) + [False]


def test_the_changed_rule_had_another_value_that_the_first_response_obeyed(conversations):
    for level, case in of(conversations, "changes"):
        said = case.context[1].content
        assert case.verdicts(said).count(False) == 1
        assert sum(mutant == said for mutant in case.mutants) == 1
        assert len(case.rules) == level


def test_what_was_taken_back_is_asked_first_and_is_no_rule_at_the_end(conversations):
    for level, case in of(conversations, "takes back"):
        first, said = (turn.content for turn in case.context)
        assert case.verdicts(said) == [True] * (level - 1) + [False]
        # the wording of the rule that was taken back ends the first turn and stands in the second one too
        dropped = next(first[at:] for at in range(len(first)) if first[at:] in case.instruction)
        assert len(dropped.split()) > 2
        assert dropped in case.instruction


def test_rules_of_the_operator_stand_in_the_system_turn_and_hold_against_the_user(conversations):
    for _, case in of(conversations, "sets"):
        assert [turn.role for turn in case.context] == ["system"]
    for level, case in of(conversations, "contradicted"):
        (system,) = case.context
        assert system.role == "system"
        # somebody who does what the user wants breaks exactly one of the rules, and the witness does not do it
        assert any(case.verdicts(mutant).count(False) == 1 for mutant in case.mutants)
        assert all(check(rule, case.witness).holds for rule in case.rules[:level])


def test_the_turns_reach_the_student_in_their_roles():
    core = ExactBenchmark(size="core")
    asked = {item.category: core.ask(item) for item in core.items}
    assert [message.role for message in asked["turns"].messages] == ["user", "assistant", "user"]
    assert [message.role for message in asked["system"].messages] == ["system", "user"]
    assert [message.role for message in asked["content"].messages] == ["user"]
    item = next(item for item in core.items if item.category == "turns")
    request = core.ask(item)
    assert tuple(request.messages[:2]) == item.context
    assert request.messages[2].content == item.instruction
    first, said = (turn.content for turn in item.context)
    assert item.prompt == f"[user]\n{first}\n\n[assistant]\n{said}\n\n[user]\n{item.instruction}"
    assert len({core.ask(each).id for each in core.items}) == 1440


def test_kinds_of_conversation_are_rows_of_the_scorecard():
    core = ExactBenchmark(size="core")
    some = [item for item in core.items if item.category in (*CONVERSATIONS, "style")]
    core.items = tuple(some)
    card = make_scorecard(core, [core.judge(item, "No.") for item in some], model="m")
    assert card.categories == ("style", "system", "turns")
    assert card.estimate("hsr", category="turns", level=5).n == 24


def test_one_seed_gives_one_conversation(conversations):
    one, again = (draw_conversation("turns", 1, random.Random("seed")) for _ in range(2))
    assert one == again
