"""What a student lost and gained is said by category and item."""

import pytest

from quintain.benchmarks import Benchmark, Item
from quintain.benchmarks.satisfaction.retention import retained
from quintain.statistics.resampling import Resampling

FAST = Resampling(replicates=300)


class Tasks(Benchmark):
    """Forty items of two categories."""

    name = "tasks"

    def load_items(self):
        return [Item(prompt=f"{name} {n}", category=name) for name in ("sums", "words") for n in range(20)]

    def judge(self, item, response):
        return self.judged(item, response, score=float(response))


TASKS = Tasks()


def judged(passes):
    return [TASKS.judge(item, str(float(passes(n)))) for n, item in enumerate(TASKS.items)]


# sums: the first ten before, all twenty after; words: all twenty before, the first five after
BEFORE = judged(lambda n: n < 10 or n >= 20)
AFTER = judged(lambda n: n < 25)


def test_both_sides_the_difference_and_the_items_that_flipped_stand_by_category():
    found = retained(AFTER, BEFORE, FAST)
    assert list(found) == ["", "sums", "words"]
    sums, words, overall = found["sums"], found["words"], found[""]
    assert (sums.before, sums.after, len(sums.gained), len(sums.lost)) == (0.5, 1.0, 10, 0)
    assert (words.before, words.after, len(words.gained), len(words.lost)) == (1.0, 0.25, 0, 15)
    # macro: (0.5 + 1.0) / 2 = 0.75 before, (1.0 + 0.25) / 2 = 0.625 after
    assert overall.difference == pytest.approx(-0.125)
    assert (overall.n_items, len(overall.gained), len(overall.lost)) == (40, 10, 15)
    assert set(words.lost) == {item.id for item in TASKS.items[25:]}
    assert (sums.outcome, words.outcome) == ("gained", "lost")


def test_a_student_that_changed_nothing_kept_everything():
    found = retained(BEFORE, BEFORE, FAST)
    assert {each.outcome for each in found.values()} == {"kept"}
    assert not [each for each in found.values() if each.gained or each.lost]


def test_a_partial_score_is_no_pass():
    half = [TASKS.judge(item, "0.5") for item in TASKS.items]
    found = retained(half, BEFORE, FAST)[""]
    assert (len(found.gained), len(found.lost)) == (0, 30)
