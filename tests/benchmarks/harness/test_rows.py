"""Rows are read strictly: what is wrong is said by file, line and field."""

import json

import pytest

from quintain.benchmarks.harness.rows import read_rows
from quintain.benchmarks.harness.task_file import TaskFile
from quintain.errors import RecordError


def task_file(**settings):
    defaults = {"path": "sums.yaml", "task": "sums", "files": "rows.jsonl", "fields": {"q": "text"}, "config": {}}
    return TaskFile(**{**defaults, **settings})


def written(folder, *rows, name="rows.jsonl"):
    (folder / name).write_text("\n".join(json.dumps(row) for row in rows))
    return folder


def test_json_lines_are_read_without_what_nobody_asked_for(tmp_path):
    assert read_rows(task_file(), written(tmp_path, {"q": "a", "id": 1}, {"q": "b"})) == [{"q": "a"}, {"q": "b"}]


def test_a_list_under_a_key_a_part_and_its_own_fields(tmp_path):
    (tmp_path / "snarks.json").write_text(json.dumps({"canary": "", "examples": [{"q": "a"}]}))
    file = task_file(files="{part}.json", rows="examples", parts={"snarks": {"options": ["A"]}})
    assert read_rows(file, tmp_path, "snarks") == [{"q": "a", "options": ["A"]}]


def test_a_default_stands_in_for_a_field_that_is_missing_or_null(tmp_path):
    file = task_file(defaults={"passage": ""})
    rows = read_rows(file, written(tmp_path, {"q": "a"}, {"q": "b", "passage": None}, {"q": "c", "passage": "P"}))
    assert [row["passage"] for row in rows] == ["", "", "P"]


def test_a_field_inside_an_object_keeps_the_object(tmp_path):
    file = task_file(fields={"question.stem": "text"})
    row = {"question": {"stem": "a", "choices": []}}
    assert read_rows(file, written(tmp_path, row)) == [row]


@pytest.mark.parametrize(
    ("fields", "row", "said"),
    [
        ({"q": "text"}, {"question": "a"}, r"line 2: the row lacks 'q', which the task sums reads as text"),
        ({"q": "text"}, {"q": 3}, r"line 2: the row has '3' as 'q'"),
        ({"q": "number"}, {"q": True}, r"has 'True' as 'q', which the task sums reads as number"),
        ({"q": "flag"}, {"q": "yes"}, r"reads as flag"),
        ({"q.stem": "text"}, {"q": "a"}, r"lacks 'q\.stem'"),
        ({"q": "text"}, ["a"], r"line 2: the task sums reads objects"),
    ],
)
def test_a_row_that_cannot_be_asked_is_named(tmp_path, fields, row, said):
    good = {"q": {"stem": "a"}} if "q.stem" in fields else {"q": {"text": "a", "number": 1, "flag": True}[fields["q"]]}
    with pytest.raises(RecordError, match=said):
        read_rows(task_file(fields=fields), written(tmp_path, good, row))


def test_a_missing_file_an_empty_one_and_one_of_another_form_are_said(tmp_path):
    with pytest.raises(RecordError, match=r"rows\.jsonl does not exist.*sources\.sums"):
        read_rows(task_file(), tmp_path)
    with pytest.raises(RecordError, match="holds no rows of the task sums"):
        read_rows(task_file(), written(tmp_path))
    (tmp_path / "rows.json").write_text('{"rows": []}')
    with pytest.raises(RecordError, match="must hold a list of rows under 'examples'"):
        read_rows(task_file(files="rows.json", rows="examples"), tmp_path)
