"""Outputs made elsewhere find their items and become verdicts, whatever the benchmark."""

import json

import pytest

from quintain.benchmarks import Benchmark, Item
from quintain.benchmarks.constraints import GivenItems
from quintain.benchmarks.outputs import Items, Output, Reply, item_key, judge_outputs, verdict_row, with_missing
from quintain.benchmarks.own_items import OwnItems
from quintain.records import ConstraintItem


class Sums(Benchmark):
    name = "sums"

    def load_items(self):
        return [Item(prompt=f" 2 + {n}? ", target=str(2 + n), cluster=f"c{n}") for n in range(3)]

    def judge(self, item, response):
        return self.judged(item, response, score=float(item.target in response.split()))


GIVEN = GivenItems(
    [ConstraintItem(example_id="7", category="style", level=level, instruction=f"Do {level}") for level in (1, 2)]
)


def test_a_row_finds_its_item_by_key_id_or_prompt():
    sums = Sums()
    rows = [Output(key="/c1/1"), Output(id=sums.items[0].id), Output(prompt="2 + 2?")]
    assert [item.cluster for item in Items(sums).match(rows, "output")] == ["c1", "c0", "c2"]


def test_a_row_finds_its_item_by_the_key_of_its_file_under_either_name(tmp_path):
    rows = [{"prompt": "2 + 2?", "answer": "4", "id": 7}, {"prompt": "3 + 3?", "answer": "6", "key": "b", "id": 8}]
    (tmp_path / "items.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    own = OwnItems(filepath=str(tmp_path / "items.jsonl"))
    for said in ([Output(key="7"), Output(key="b")], [Output(id=7), Output(id="b")], [Reply(id="7 "), Reply(key="b")]):
        assert [item.key for item in Items(own).match(said, "output")] == [7, "b"]
    item = Item(prompt="2 + 2?", target=("4",))
    assert (item_key(item), item.id) == (f"/{item.id}/1", Item(prompt="2 + 2?", target=("4",), key="").id)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([Output(key="x")], "output 1: no item of sums has key x; give `key` or `id`"),
        ([Output(prompt="3?")], "output 1: no item of sums has prompt '3\\?'"),
        ([Output(response="4")], "output 1 names no item; give `key`, `id`, or `prompt`"),
        ([Output(key="/c1/1"), Output(prompt="2 + 1?")], r"output 2 is of the item of output 1 again \(key /c1/1\)"),
    ],
)
def test_a_row_that_fits_no_item_or_comes_again_is_named(rows, message):
    with pytest.raises(ValueError, match=message):
        Items(Sums()).match(rows, "output")


def test_a_null_response_is_an_empty_one_and_a_missing_output_is_unscored():
    sums = Sums()
    items = Items(sums).match(rows := [Output(key="/c0/1"), Output(key="/c1/1", response="It is 3")], "output")
    judged = judge_outputs(sums, items, rows)
    assert [verdict_row(item, one) for item, one in zip(items, judged, strict=True)] == [
        {"key": "/c0/1", "id": items[0].id, "score": 0.0, "passed": False},
        {"key": "/c1/1", "id": items[1].id, "score": 1.0, "passed": True},
    ]
    complete = with_missing(sums, judged)
    assert [one.unscored_because for one in complete] == ["", "", "no-output"]


def test_replies_tell_what_no_rule_can_and_a_null_one_is_unread():
    items = Items(GIVEN).match(rows := [Output(key="style/7/1"), Output(key="style/7/2")], "output")
    replies = Items(GIVEN).match(given := [Reply(key="style/7/1", reply="YES"), Reply(key="style/7/2")], "reply")
    told = {item.id: row.reply for item, row in zip(replies, given, strict=True)}
    yes, unread = judge_outputs(GIVEN, items, rows, told)
    assert (yes.satisfied, unread.satisfied) == ((True,), (None, None))
    assert verdict_row(items[1], unread)["passed"] is None
    assert judge_outputs(GIVEN, items, rows)[0].needs_judge
