"""The seam: what a benchmark of ten lines gets for nothing."""

import pytest

from quintain.benchmarks import Benchmark, Item
from quintain.benchmarks.scoring import make_scorecard
from quintain.errors import RecordError
from quintain.records import Judgement
from quintain.statistics.resampling import Resampling

FAST = Resampling(replicates=200)


class Sums(Benchmark):
    name = "sums"

    def __init__(self, items=()):
        self.given = items or [Item(prompt=f"{a} + {b}?", target=str(a + b)) for a in range(3) for b in range(3)]

    def load_items(self):
        return self.given

    def judge(self, item, response):
        return self.judged(item, response, score=float(item.target in response.split()))


def scored(benchmark, responses):
    judgements = [benchmark.judge(item, text) for item, text in zip(benchmark.items, responses, strict=True)]
    return make_scorecard(benchmark, judgements, model="m", resampling=FAST)


def test_ten_lines_come_to_a_scorecard():
    # sums 0 1 2, 1 2 3, 2 3 4: always "2" is right in three of nine
    card = scored(Sums(), ["It is 2"] * 9)
    assert card.headline == "score"
    found = card.measures["score"]
    assert found.value == pytest.approx(3 / 9)
    assert 0 <= found.low < found.value < found.high <= 1
    assert (found.n, card.n_items, card.n_scored, card.n_empty) == (9, 9, 9, 0)
    assert (card.benchmark.name, card.benchmark.rules, card.benchmark.language) == ("sums", "sums", "en")
    assert (card.tables, card.categories, card.levels) == ((), (), ())


def test_categories_weigh_alike_and_stand_in_a_table():
    items = [Item(prompt=f"easy {n}", target="yes", category="easy") for n in range(4)]
    items += [Item(prompt="hard", target="no", category="hard")]
    card = scored(Sums(items), ["yes"] * 5)
    # easy 4 of 4, hard 0 of 1: their mean is a half, four fifths of the items
    assert card.measures["score"].value == 0.5
    assert {name: card.estimate("score", category=name).value for name in card.categories} == {"easy": 1.0, "hard": 0.0}


def test_levels_stand_in_a_table_of_their_own():
    items = [Item(prompt=f"{level} {n}", target="yes", level=level) for level in (1, 2) for n in range(3)]
    card = scored(Sums(items), ["yes"] * 3 + ["no"] * 3)
    assert [card.estimate("score", level=level).value for level in card.levels] == [1.0, 0.0]
    assert card.measures["score"].value == 0.5


def test_items_of_a_cluster_are_drawn_together():
    alone = [Item(prompt=str(n), target="yes") for n in range(40)]
    together = [Item(prompt=str(n), target="yes", cluster=str(n // 10)) for n in range(40)]
    said = ["yes"] * 20 + ["no"] * 20
    wide, narrow = (scored(Sums(items), said).measures["score"] for items in (together, alone))
    assert wide.value == narrow.value == 0.5
    # four clusters that stand or fall whole: standard error .25 instead of .08
    assert wide.high - wide.low > 2 * (narrow.high - narrow.low)


def test_verdicts_score_an_item_when_all_of_them_hold():
    class Both(Sums):
        def judge(self, item, response):
            return self.judged(item, response, satisfied=("a" in response, "b" in response))

    card = scored(Both(), ["ab"] * 3 + ["a"] * 6)
    assert card.measures["score"].value == pytest.approx(1 / 3)


def test_a_response_that_nobody_can_judge_is_in_no_rate():
    class Picky(Sums):
        def judge(self, item, response):
            return super().judge(item, response) if response else self.unscored(item, response, "no-judge")

    card = scored(Picky(), ["2"] * 6 + [""] * 3)
    # 0+0 to 1+2: sums 0 1 2 1 2 3, of which two are 2
    assert card.measures["score"].value == pytest.approx(2 / 6)
    assert (card.n_scored, card.not_scored) == (6, {"no-judge": 3})


def test_a_benchmark_without_items_or_with_one_item_twice_says_so():
    class Empty(Sums):
        def load_items(self):
            return []

    with pytest.raises(RecordError, match=r"benchmark 'sums' has no items; see its settings .*sums\.items@benchmark"):
        Empty().items  # noqa: B018
    with pytest.raises(RecordError, match="asks the same twice: two of its 2 items are equal"):
        Sums([Item(prompt="?"), Item(prompt="?")]).items  # noqa: B018


def test_a_score_that_is_no_share_is_refused():
    with pytest.raises(ValueError, match=r"item x: a score must be in \[0, 1\], got 2"):
        Judgement(item_id="x", example_id="x", category="", level=1, score=2, by="rule:r")


def test_the_digest_is_that_of_the_items_whatever_their_order():
    items = Sums().given
    assert Sums(items).digest == Sums(items[::-1]).digest != Sums(items[1:]).digest


def test_a_scorecard_needs_one_judgement_per_item():
    sums = Sums()
    with pytest.raises(ValueError, match="9 items but 1 judgements, 8 items without one and 0 judgements of other"):
        make_scorecard(sums, [sums.judge(sums.items[0], "2")], model="m")


@pytest.mark.parametrize("wrong", [{"prompt": " "}, {"prompt": "?", "level": 0}])
def test_an_item_without_prompt_or_level_is_refused(wrong):
    with pytest.raises(ValueError, match="needs a prompt and a level from 1"):
        Item(**wrong)
