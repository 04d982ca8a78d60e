"""Questions of the user's own with known answers."""

import json

import pytest

from quintain.benchmarks.own_items import OwnItems
from quintain.errors import RecordError


def benchmark(tmp_path, rows, match="contains"):
    (tmp_path / "items.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return OwnItems(filepath=str(tmp_path / "items.jsonl"), match=match)


def score(made, response):
    return made.judge(made.items[0], response).score


@pytest.mark.parametrize(
    ("match", "answer", "right", "wrong"),
    [
        ("contains", "Ada Brook", ["It is ADA BROOK, I think."], ["Ada", "Ada of Brook", ""]),
        ("contains", ["NYC", "New York"], ["In New York.", "nyc"], ["York"]),
        ("exact", "Ada Brook", ["ada brook."], ["It is Ada Brook"]),
        ("number", 1200, ["So 3 × 400 is 1,200.", "1200.0"], ["1200 or 1300", "none"]),
        ("number", "-3.5", ["The answer is −3.5"], ["3.5"]),
    ],
)
def test_a_response_is_right_when_it_gives_one_of_the_answers(tmp_path, match, answer, right, wrong):
    made = benchmark(tmp_path, [{"prompt": "Q", "answer": answer}], match)
    assert [score(made, response) for response in right] == [1.0] * len(right)
    assert [score(made, response) for response in wrong] == [0.0] * len(wrong)


def test_items_come_from_a_table_too_with_categories_levels_and_clusters(tmp_path):
    (tmp_path / "items.csv").write_text("question,target,category,level,cluster\nQ1,a,x,2,c\nQ2,b,y,,c\n")
    first, second = OwnItems(filepath=str(tmp_path / "items.csv")).items
    assert (first.prompt, first.target, first.category, first.level, first.cluster) == ("Q1", ("a",), "x", 2, "c")
    assert (second.level, second.cluster) == (1, "c")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"answer": "a"}, "no-prompt: none of prompt, instruction, question"),
        ({"prompt": "Q"}, "no-answer"),
        ({"prompt": "Q", "answer": "..."}, "no-answer: '...' is no text with a word in it"),
        ({"prompt": "Q", "answer": "a", "level": "high"}, "no-level"),
        ({"prompt": 3, "answer": "a"}, "not-text: prompt is a number"),
    ],
)
def test_a_row_that_is_no_item_is_named_with_file_and_line(tmp_path, row, message):
    with pytest.raises(RecordError, match=rf"items\.jsonl, line 2: {message}"):
        _ = benchmark(tmp_path, [{"prompt": "Q", "answer": "a"}, row]).items


def test_numbers_must_be_numbers_and_ways_to_compare_known(tmp_path):
    with pytest.raises(RecordError, match="line 1: no-answer: 'three' is no number"):
        _ = benchmark(tmp_path, [{"prompt": "Q", "answer": "three"}], "number").items
    with pytest.raises(ValueError, match="match must be one of contains, exact, number"):
        OwnItems(filepath="a", match="like")


def test_the_key_of_an_item_is_the_first_that_says_something(tmp_path):
    rows = [{"key": "a", "id": 1}, {"key": "", "id": 0}, {}]
    made = benchmark(tmp_path, [{"prompt": f"Q{number}", "answer": "x", **row} for number, row in enumerate(rows)])
    assert [item.key for item in made.items] == ["a", 0, ""]
