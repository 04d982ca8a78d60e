"""Two local tasks are drawn from a seed, and their golds are right."""

import re

from quintain.almanac.lookup import look_up
from quintain.almanac.tasks import arithmetic_rows, two_hop_rows
from quintain.almanac.world import WorldParams, make_world

WORLD = make_world(WorldParams(towns=12, fresh_towns=8, persons=12, rivers=3, regions=3, years=8))


def test_arithmetic_is_right_and_no_question_comes_twice():
    rows = arithmetic_rows(90, seed=3)
    assert len({row["question"] for row in rows}) == len(rows) == 90
    for row in rows:
        a, b = sorted(map(int, re.findall(r"\d+", row["question"])), reverse=True)
        right = {"plus": a + b, "Add": a + b, "minus": a - b, "Take": a - b, "times": a * b, "Multiply": a * b}
        (word,) = (word for word in right if word in row["question"])
        assert int(row["answer"]) == right[word] >= 0


def test_as_many_questions_are_drawn_as_are_asked_for_until_there_are_no_more():
    # 12 * 13 / 2 products and 99 * 100 / 2 sums and differences, in two wordings each
    assert len(arithmetic_rows(30_000, seed=0)) == 2 * (78 + 4950 + 4950)
    assert [len(arithmetic_rows(count, seed=0)) for count in (1, 2, 3, 11, 12)] == [1, 2, 3, 11, 12]


def test_the_gold_of_a_two_hop_question_is_the_world_s_and_stands_among_four_of_a_kind():
    rows = two_hop_rows(WORLD, 30, seed=3)
    assert len({row["question"] for row in rows}) == 30
    for row in rows:
        assert row["options"][row["gold"]] == look_up(WORLD, row["question"])
        assert len(set(row["options"])) == len(row["options"]) in (3, 4)


def test_golds_stand_in_every_place():
    # 36 questions over 4 places: a place without a gold has a chance of 4 * 0.75**36, about 1 in 8,000
    assert {row["gold"] for row in two_hop_rows(WORLD, 36, seed=0)} == {0, 1, 2, 3}


def test_a_seed_gives_the_same_rows():
    assert two_hop_rows(WORLD, 20, seed=5) == two_hop_rows(WORLD, 20, seed=5)
    assert arithmetic_rows(20, seed=5) == arithmetic_rows(20, seed=5) != arithmetic_rows(20, seed=6)
