"""Instruction sets are read in every form in which they are released, and a broken entry is named."""

import json

import pytest

from quintain.benchmarks.judged.instruction_set import read_instruction_set
from quintain.errors import RecordError


def written(folder, entries, name="set.jsonl"):
    path = folder / name
    text = json.dumps(entries) if name.endswith(".json") else "".join(f"{json.dumps(each)}\n" for each in entries)
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    "entry",
    [
        {"question_id": 1, "text": "Write a poem.", "category": "writing"},
        {"instruction": "Write a poem.", "output": "…", "dataset": "writing"},
        {"uid": "a", "prompt": "Write a poem.", "category": "writing"},
        {"question_id": "a", "category": "writing", "turns": [{"content": "Write a poem."}, {"content": "Again."}]},
        {"question_id": 81, "category": "writing", "turns": ["Write a poem.", "Now rhyme it."]},
    ],
    ids=["vicuna", "alpaca-eval", "arena-hard", "arena-hard turns", "mt-bench"],
)
def test_every_released_form_gives_the_instruction_and_its_category(tmp_path, entry):
    (found,) = read_instruction_set(written(tmp_path, [entry])).instructions
    assert (found.prompt, found.category) == ("Write a poem.", "writing")


def test_instances_of_one_instruction_are_one_cluster(tmp_path):
    entry = {"instruction": "Shorten it.", "motivation_app": "Mail", "instances": [{"input": "A"}, {"input": "B"}]}
    found = read_instruction_set(written(tmp_path, [entry, {"instruction": "Sing.", "instances": [{"input": ""}]}]))
    assert [each.prompt for each in found.instructions] == ["Shorten it.\n\nA", "Shorten it.\n\nB", "Sing."]
    assert [found.clusters[each.id] == found.clusters[found.instructions[0].id] for each in found.instructions] == [
        True, True, False,
    ]  # fmt: skip


def test_what_stands_twice_is_asked_once_and_counted_and_a_limit_takes_the_first(tmp_path):
    entries = [{"instruction": text} for text in ("a", "b", "a", "c")]
    path = written(tmp_path, entries, "set.json")
    whole = read_instruction_set(path)
    assert ([each.text for each in whole.instructions], whole.repeated) == (["a", "b", "c"], 1)
    assert [each.text for each in read_instruction_set(path, limit=2).instructions] == ["a", "b"]
    assert whole.digest != read_instruction_set(path, limit=2).digest


@pytest.mark.parametrize(
    ("entries", "name", "said"),
    [
        ([{"instruction": "a"}, {"output": "b"}], "set.jsonl", r"set\.jsonl, line 2 has no instruction"),
        ([{"instruction": "a"}, {"instruction": "  "}], "set.json", r"set\.json, entry 2 has no instruction"),
        (["a"], "set.jsonl", "line 1 has no instruction"),
        ({"data": []}, "set.json", "must hold a list of entries"),
        ([], "set.jsonl", "holds no instructions"),
    ],
)
def test_a_broken_set_is_named(tmp_path, entries, name, said):
    with pytest.raises(RecordError, match=said):
        read_instruction_set(written(tmp_path, entries, name))
