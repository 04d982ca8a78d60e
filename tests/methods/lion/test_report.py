"""The numbers of a round, by hand."""

import pytest

from quintain.methods.lion import LionParams, gap_numbers, generation_numbers, preference_pairs, review_numbers
from quintain.records import Dropped, Gap, Instruction, Origin, Review


def gaps_of(pool, sizes, **fields):
    return [
        Gap(
            instruction_id=one.id,
            label="unread" if size is None else "hard" if size >= 1 else "easy",
            teacher_score=None if size is None else 10,
            student_score=None if size is None else 10 - size,
            **fields,
        )
        for one, size in zip(pool, sizes, strict=True)
    ]


def test_hard_rates_count_what_was_read(make):
    pool, teacher, student = make(4)  # families a b a b
    numbers = gap_numbers(gaps_of(pool, [2, 0, 4, None]), {one.id: one for one in pool}, teacher, student, seed=0)
    assert (numbers["judged"], numbers["unread"]) == (4, 1)
    assert numbers["hard_rate"] == 2 / 3
    assert numbers["hard_rate_by_family"] == {"a": 1.0, "b": 0.0}
    assert numbers["mean_gap"] == 2
    assert numbers["mean_gap_low"] <= 2 <= numbers["mean_gap_high"]


def test_the_length_slope_is_points_per_ten_words(make):
    from dataclasses import replace

    pool, teacher, student = make(3)
    # the teacher is 2, 7, 12 words long, the student 2: gaps 0, 1, 2 are 2 points per 10 words
    teacher = {
        one.id: replace(teacher[one.id], text=" ".join(["word"] * length))
        for one, length in zip(pool, (2, 7, 12), strict=True)
    }
    numbers = gap_numbers(gaps_of(pool, [0, 1, 2]), {one.id: one for one in pool}, teacher, student, seed=0)
    assert numbers["gap_per_10_words_longer"] == pytest.approx(2)


def test_nothing_judged_gives_no_rates(make):
    assert gap_numbers([], {}, {}, {}, seed=0)["hard_rate"] is None
    assert review_numbers([], [])["conflict_rate"] is None


def test_the_advantage_of_the_first_place_is_in_points(make):
    pool, _, _ = make(1)
    reviews = [
        Review(instruction_id=pool[0].id, order="teacher-first", teacher_score=9, student_score=7),
        Review(instruction_id=pool[0].id, order="student-first", teacher_score=8, student_score=8),
        Review(instruction_id=pool[0].id, order="student-first", sample=1, fault="no-scores"),
    ]
    numbers = review_numbers(reviews, gaps_of(pool, [1], conflict=True))
    assert numbers == {
        "reviews": 3, "second_opinions": 1, "parse_failure_rate": 1 / 3, "parse_failures": {"no-scores": 1},
        "conflict_rate": 1.0, "first_place_advantage": 1.0,
    }  # fmt: skip


def test_the_funnel_and_the_variety_of_what_came_through():
    accepted = [
        Instruction(text=text, difficulty=difficulty, origin=Origin(knobs={"similarity": similarity}))
        for text, difficulty, similarity in (("a b c", "hard", "0.5"), ("a b d", "easy", "0.7"))
    ]
    dropped = [
        Dropped(stage="text", reason="echo", where="x"),
        Dropped(stage="novelty", reason="too-similar", where="y"),
    ]
    numbers = generation_numbers(accepted, dropped)
    assert (numbers["candidates"], numbers["accepted"]) == (4, 2)
    assert numbers["dropped"] == {"echo": 1, "too-similar": 1}
    assert numbers["accepted_by_difficulty"] == {"hard": 1, "easy": 1}
    assert numbers["distinct_bigrams"] == 3 / 4  # ab, bc, ab, bd
    assert numbers["nearest_similarity"] == pytest.approx(0.6)


def test_hard_instructions_become_preference_pairs(make):
    pool, teacher, student = make(3)
    gaps = [*gaps_of(pool[:2], [2, 0]), *gaps_of(pool[2:], [3], conflict=True)]
    (pair,) = preference_pairs(gaps, {one.id: one for one in pool}, teacher, student)
    assert (pair.prompt, pair.chosen, pair.rejected) == ("Task number 0", "good 0", "poor 0")
    assert pair.origin.parents == (gaps[0].id, teacher[pool[0].id].id, student[pool[0].id].id)


def test_equal_responses_prefer_nothing(make):
    pool, teacher, _ = make(1)
    assert preference_pairs(gaps_of(pool, [2]), {pool[0].id: pool[0]}, teacher, teacher) == []


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"mode": "published"}, "mode must be one of paper, robust"),
        ({"replay_share": 1.0}, r"replay_share must be in \[0, 1\)"),
        ({"per_round": 0}, "per_round must be at least 1"),
        ({"most_calls": -1}, "most_calls must be at least 0, got"),
        ({"hard_share": 2}, r"hard_share must be in \[0, 1\], got 2"),
        ({"dialect": "json"}, "dialect must be one of last-lines, first-line, got 'json'"),
        ({"controls": -1}, "controls must be at least 0"),
    ],
)
def test_settings_out_of_range_are_named(settings, message):
    with pytest.raises(ValueError, match=message):
        LionParams(**settings)


def test_paper_mode_takes_the_authors_tokens():
    assert (LionParams(mode="paper").tokens, LionParams().tokens) == ("rouge", "unicode")
