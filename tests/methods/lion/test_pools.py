"""What is taught, what is judged, what stays as it was."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quintain.methods.lion import LionParams, choose_judged, distinct, pair, probe_ids, train_pool
from quintain.records import Gap, Instruction, Response


def test_equal_and_empty_instructions_are_left_out_with_a_reason():
    texts = ["Name a river.", "Name  a river.", " ", "Name a lake."]
    pool, dropped = distinct(Instruction(text=text, category=str(i)) for i, text in enumerate(texts))
    assert [one.text for one in pool] == ["Name a river.", "Name a lake."]
    assert [(one.reason, one.where[:18]) for one in dropped] == [
        ("equal-text", "seed instruction 2"), ("empty", "seed instruction 3"),
    ]  # fmt: skip


def test_the_pool_of_an_earlier_loop_can_start_a_new_one():
    (one,), _ = distinct([Instruction(text="Name a river.", difficulty="hard", round=3)])
    assert one == Instruction(text="Name a river.")


def test_only_whole_responses_are_taught_and_the_input_goes_along(make):
    pool, teacher, _ = make(3, input="On page one.")
    cut = replace(teacher[pool[1].id], finish_reason="length")
    blank = replace(teacher[pool[2].id], text=" ")
    pairs = pair(pool, {**teacher, pool[1].id: cut, pool[2].id: blank})
    assert [(one.instruction, one.response, one.kind) for one in pairs] == [
        ("Task number 0\n\nOn page one.", "good 0", "distilled")
    ]
    assert pairs[0].origin.parents == (teacher[pool[0].id].id, pool[0].id)


@pytest.mark.parametrize(
    ("train_on", "share", "learnt"),
    [("new", 0.5, 6), ("cumulative", 0.5, 26), ("replay", 0.5, 12), ("replay", 0.25, 8), ("replay", 0.9, 26)],
)
def test_the_train_pool_follows_its_setting(make, train_on, share, learnt):
    # replay of 6 new ones: half is 6 more, a quarter 6·.25/.75 = 2 more, nine tenths would be 54, there are 20
    pool, _, _ = make(26)
    taught = train_pool(pool[:6], pool[6:], 1, LionParams(train_on=train_on, replay_share=share))
    assert taught[:6] == pool[:6]
    assert len({one.id for one in taught}) == len(taught) == learnt


def test_without_new_instructions_nothing_is_taught(make):
    pool, _, _ = make(4)
    assert train_pool([], pool, 2, LionParams(train_on="cumulative")) == []


def test_the_probe_set_stays_while_the_pool_grows(make):
    pool, _, _ = make(40, categories=("common",) * 7 + ("rare",))
    params = LionParams(probe_size=8)
    probe = probe_ids(pool, params)
    more = [replace(one, id="", text=f"{one.text} again", round=1) for one in pool]
    assert probe_ids([*pool, *more], params) == probe
    assert sum(one.category == "rare" for one in pool if one.id in probe) == 4  # evenly: half of 8


def gap(instruction, response):
    return Gap(instruction_id=instruction.id, label="easy", teacher_score=8, student_score=8, response_id=response.id)


def test_an_unchanged_response_keeps_its_gap_without_a_call(make):
    pool, _, student = make(3)
    former = {one.id: gap(one, student[one.id]) for one in pool[:2]}
    former[pool[1].id] = replace(former[pool[1].id], id="", response_id="another")
    judged, kept = choose_judged(pool, student, former, 2, LionParams())
    assert [one.id for one in judged] == [pool[1].id, pool[2].id]
    assert kept == [former[pool[0].id]]


def test_a_sample_spares_what_is_neither_probed_nor_new(make):
    pool, _, student = make(100)
    new = [replace(one, id="", text=f"{one.text} again", round=1) for one in pool[:10]]
    pool = [*pool, *new]
    student = {one.id: Response(instruction_id=one.id, role="student", text="x", finish_reason="stop") for one in pool}
    params = LionParams(referee_share=0.2, probe_size=10)
    judged, kept = choose_judged(pool, student, {}, 2, params)
    # 10 probed, 10 new, and 18 of the other 90
    assert (len(judged), kept) == (38, [])
    assert {one.id for one in new} | probe_ids(pool, params) <= {one.id for one in judged}


@given(st.integers(0, 60), st.floats(0, 1), st.integers(0, 20))
def test_any_share_judges_each_instruction_once_at_most(count, share, probe):
    pool = [Instruction(text=str(i), category=str(i % 3)) for i in range(count)]
    student = {one.id: Response(instruction_id=one.id, role="student", text="x", finish_reason="stop") for one in pool}
    judged, _ = choose_judged(pool, student, {}, 1, LionParams(referee_share=share, probe_size=probe))
    assert len({one.id for one in judged}) == len(judged) <= count
    assert len(judged) >= min(probe, count)


def test_reasoning_is_never_taught(make):
    pool, teacher, _ = make(2)
    thought = replace(teacher[pool[0].id], text="<think>\nplan\n</think>\n\ngood")
    endless = replace(teacher[pool[1].id], text="<think>\nplan")
    assert [one.response for one in pair(pool, {pool[0].id: thought, pool[1].id: endless})] == ["good"]
