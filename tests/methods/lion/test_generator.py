"""Seeds, candidates, filters: what the generator is asked and what becomes of it."""

import random
from collections import Counter

import pytest

from quintain.methods.lion import Draw, LionParams, NoveltyFilter, ask_generator, draw_seeds, quotas, read_candidates
from quintain.methods.lion.generator import fault
from quintain.records import Gap, Instruction

ROBUST, PAPER = LionParams(), LionParams(mode="paper")
SEED = Instruction(text="Name three rivers of Europe.", category="geography")


def gaps_of(pool, labels, conflicts=()):
    return [
        Gap(instruction_id=one.id, label=label, teacher_score=8, student_score=7, conflict=i in conflicts)
        for i, (one, label) in enumerate(zip(pool, labels, strict=True))
    ]


# Observed in the authors' filter: text, finish reason, kept by them, our reason.
@pytest.mark.parametrize(
    ("text", "finish_reason", "kept", "ours"),
    [
        ("Name five tall mountains quickly", "stop", True, ""),
        ("Name five tall mountains quickly", "length", False, "truncated"),
        ("Follow these instructions for a cake", "stop", False, ""),
        ("Name five mountains", "stop", False, "few-words"),
        ("Name five tall mountains", "stop", True, ""),
        ('"Name five tall mountains"', "stop", False, ""),
        ("\nName five tall mountains", "stop", True, ""),
        ("Énumère cinq hautes montagnes", "stop", False, ""),
        ("1. Name five tall mountains", "stop", True, ""),
        ("", "stop", False, "empty"),
        ("503 Service Unavailable now", "error", False, "model-error"),
        ("写一首关于河流的诗", "stop", False, ""),
        ("name three  Rivers of Europe.", "stop", True, "echo"),
        ("<given> Name five tall mountains </given>", "stop", False, "template"),
        ("Name five tall mountains </GIVEN >", "stop", True, "template"),
    ],
)
def test_the_filters_of_both_modes(candidate, text, finish_reason, kept, ours):
    completion = candidate(text, finish_reason)
    assert (fault(completion, SEED, PAPER) == "") == kept
    assert fault(completion, SEED, ROBUST) == ours


def test_quotas_split_by_the_hard_share(make):
    pool, _, _ = make(3)
    params = LionParams(per_round=9, hard_share=1 / 3)
    assert quotas(gaps_of(pool, ["hard", "easy", "easy"]), params) == {"hard": 3, "easy": 6}


@pytest.mark.parametrize(
    ("labels", "hard_share", "expected"),
    [
        (["easy"] * 2, 0.5, {"hard": 0, "easy": 10}),
        (["hard"] * 2, 0.5, {"hard": 10, "easy": 0}),
        (["unread"] * 2, 0.5, {"hard": 0, "easy": 0}),
        (["hard"] * 2, 0.0, {"hard": 0, "easy": 0}),
    ],
)
def test_a_side_without_seeds_leaves_its_part_to_the_other(make, labels, hard_share, expected):
    pool, _, _ = make(2)
    assert quotas(gaps_of(pool, labels), LionParams(per_round=10, hard_share=hard_share)) == expected


def drawn(pool, gaps, count, **settings):
    by_id = {one.id: one for one in pool}
    return draw_seeds(gaps, by_id, {"hard": count}, Counter(), random.Random(0), LionParams(**settings))


def test_a_seed_that_is_drawn_again_is_another_sample(make):
    pool, _, _ = make(1)
    draws = drawn(pool, gaps_of(pool, ["hard"]), 3)
    assert [draw.sample for draw in draws] == [0, 1, 2]
    assert len({one.id for one in ask_generator(draws)}) == 3


def test_the_balanced_curriculum_draws_every_family_alike(make):
    pool, _, _ = make(20, categories=("common",) * 9 + ("rare",))
    gaps = gaps_of(pool, ["hard"] * 20)
    share = {
        curriculum: Counter(draw.seed.category for draw in drawn(pool, gaps, 2000, curriculum=curriculum))["rare"]
        / 2000
        for curriculum in ("pool", "balanced")
    }
    # 2 of 20 seeds are rare; standard errors are .007 and .011
    assert share["pool"] == pytest.approx(0.1, abs=0.03)
    assert share["balanced"] == pytest.approx(0.5, abs=0.05)


def test_an_instruction_on_which_the_orders_disagree_counts_half(make):
    pool, _, _ = make(2)
    draws = drawn(pool, gaps_of(pool, ["hard"] * 2, conflicts={0}), 3000)
    assert Counter(draw.seed.id for draw in draws)[pool[0].id] / 3000 == pytest.approx(1 / 3, abs=0.04)


def test_one_gate_serves_hard_and_easy_candidates(candidate):
    draws = [Draw(SEED, "hard", 0), Draw(SEED, "easy", 0), Draw(SEED, "easy", 1)]
    texts = ["Name five tall mountains of Asia", "Name five tall mountains of Africa", "Sing about the deep blue sea"]
    read = read_candidates(
        draws, [candidate(text) for text in texts], NoveltyFilter([SEED.text]), {"hard": 1, "easy": 2}, 2, ROBUST
    )
    assert [(one.text, one.difficulty, one.round, one.category) for one in read.accepted] == [
        (texts[0], "hard", 2, "geography"), (texts[2], "easy", 2, "geography"),
    ]  # fmt: skip
    (dropped,) = read.dropped
    # 5 of 6 and 6 words are shared in order
    assert (dropped.reason, dropped.origin.knobs["similarity"]) == ("too-similar", "0.8333")
    assert dropped.origin.knobs["nearest"] == texts[0]
    assert read.accepted[0].origin.parents == ("request", SEED.id)


def test_candidates_beyond_the_quota_are_not_looked_at(candidate):
    draws = [Draw(SEED, "hard", i) for i in range(2)]
    completions = [candidate("Name five tall mountains"), candidate("Sing about the deep blue sea")]
    read = read_candidates(draws, completions, NoveltyFilter([]), {"hard": 1}, 1, ROBUST)
    assert (len(read.accepted), len(read.dropped)) == (1, 0)
