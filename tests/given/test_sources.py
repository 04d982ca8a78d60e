"""Which kind of file lies there is told by its content, and all kinds give the same rows."""

import gzip
import json

import pyarrow as pa
import pytest
from pyarrow import parquet

from quintain.errors import RecordError
from quintain.given.sources import file_source, files_below

ROWS = [{"instruction": 'a "q", b', "output": "x\u2028y"}, {"instruction": "c", "output": "two\r\nlines"}]


def lines(rows):
    return "".join(json.dumps(row) + "\n" for row in rows)


def csv(rows, between=","):
    quoted = [['"' + cell.replace('"', '""') + '"' for cell in row.values()] for row in rows]
    return "\r\n".join([between.join(rows[0]), *(between.join(cells) for cells in quoted)])


TEXTS = {
    "a.jsonl": lines(ROWS),
    "b.json": json.dumps(ROWS),
    "c.json": json.dumps(ROWS, indent=2, ensure_ascii=False),
    "lines.json": lines(ROWS),
    "wrapped.json": json.dumps({"version": 1, "data": ROWS}, indent=1),
    "columns.json": json.dumps({name: [row[name] for row in ROWS] for name in ROWS[0]}),
    "d.csv": csv(ROWS),
    "semicolons.csv": csv(ROWS, ";"),
    "e.tsv": csv(ROWS, "\t"),
}


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_every_kind_of_file_gives_the_same_rows(tmp_path, name, mark):
    (tmp_path / name).write_bytes((mark + TEXTS[name]).encode())
    (tmp_path / f"{name}.gz").write_bytes(gzip.compress((mark + TEXTS[name]).encode(), mtime=0))
    for path in (tmp_path / name, tmp_path / f"{name}.gz"):
        assert [dict(row.values) for row in file_source(path).rows()] == ROWS


def test_parquet_gives_the_same_rows_and_no_nulls_inside_of_objects(tmp_path):
    parquet.write_table(pa.Table.from_pylist(ROWS), tmp_path / "a.parquet")
    assert [dict(row.values) for row in file_source(tmp_path / "a.parquet").rows()] == ROWS
    turns = [{"role": "user", "content": "u", "name": "A"}, {"role": "assistant", "content": "a"}]
    parquet.write_table(pa.Table.from_pylist([{"messages": turns, "n": None}]), tmp_path / "b.parquet")
    (row,) = file_source(tmp_path / "b.parquet").rows()
    assert (row.where.endswith("b.parquet, row 1"), row.values) == (True, {"messages": turns, "n": None})


def test_cells_of_chats_hold_json_or_what_pandas_writes(tmp_path):
    chat = [{"role": "user", "content": "it's"}]
    cells = ['"' + text.replace('"', '""') + '"' for text in (json.dumps(chat), repr(chat), "[not a list")]
    (tmp_path / "a.csv").write_text("messages\n" + "\n".join(cells) + "\n")
    assert [row.values["messages"] for row in file_source(tmp_path / "a.csv").rows()] == [chat, chat, "[not a list"]


@pytest.mark.parametrize("cell", ["[1, 2, 3]", '{"a": 1}', '[{"a": 1}]', "[]", '"Hi"', "(1, 2)"])
def test_a_cell_of_a_response_that_is_json_is_a_text(tmp_path, cell):
    turn = {"role": "assistant", "content": "A"}
    written = [json.dumps(turn), json.dumps([turn]), json.dumps([{"type": "text", "text": "A"}])]
    cells = ['"' + text.replace('"', '""') + '"' for text in (cell, *written)]
    (tmp_path / "a.csv").write_text("chosen\n" + "\n".join(cells) + "\n")
    assert [row.values["chosen"] for row in file_source(tmp_path / "a.csv").rows()] == [
        cell, turn, [turn], [{"type": "text", "text": "A"}],
    ]  # fmt: skip


def test_a_row_of_empty_cells_is_a_row_and_a_blank_line_is_none(tmp_path):
    (tmp_path / "a.csv").write_text("a,b\n,\n\n1,2\n")
    assert [row.values for row in file_source(tmp_path / "a.csv").rows()] == [{"a": "", "b": ""}, {"a": "1", "b": "2"}]


def test_several_columns_without_a_name_keep_their_cells(tmp_path):
    (tmp_path / "a.csv").write_text("a,,\n1,2,3\n")
    (tmp_path / "b.csv").write_text(",a\n1,2\n")
    assert [row.values for row in file_source(tmp_path / "a.csv").rows()] == [
        {"a": "1", "column 2": "2", "column 3": "3"}
    ]
    assert [row.values for row in file_source(tmp_path / "b.csv").rows()] == [{"": "1", "a": "2"}]


def test_lines_that_are_lists_are_rows_of_their_own_and_no_array(tmp_path):
    (tmp_path / "a.jsonl").write_text('["q", "a"]\n{"q": 1}\n')
    assert [row.fault.reason if row.fault else row.values for row in file_source(tmp_path / "a.jsonl").rows()] == [
        "no-object", {"q": 1},
    ]  # fmt: skip
    (tmp_path / "b.jsonl").write_text('[{"q": 1},\n{"q": 2}]\n')
    assert len(list(file_source(tmp_path / "b.jsonl").rows())) == 2


def test_a_row_of_a_table_that_does_not_fit_costs_itself_alone(tmp_path):
    (tmp_path / "a.csv").write_bytes(b'a,b\n1,2\n3\n"x"y,4\n\xff,5\n\n6,7\n')
    rows = list(file_source(tmp_path / "a.csv").rows())
    assert [(row.where.split(", ")[-1], row.fault.reason if row.fault else dict(row.values)) for row in rows] == [
        ("line 2", {"a": "1", "b": "2"}), ("line 3", "ragged-row"), ("line 4", "broken-quotes"),
        ("line 5", "not-utf-8"), ("line 7", {"a": "6", "b": "7"}),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", b"", "has no header"),
        ("a.csv", b"a,a\n1,2\n", "names the column 'a' twice"),
        ("a.csv", "a,\u00e9\n1,2\n".encode("latin-1"), "line 1: the header is not UTF-8; save the file as UTF-8"),
        ("a.csv", b",,\n1,2,3\n", "has no header"),
        ("a.csv", b'a\n"open\n1\n', "line 2: a quote is opened and never closed"),
        ("a.json", b"", "is empty"),
        ("a.json", b"[1, 2", "line 1: the array ends before its ']'"),
        ("a.json", b'[\n {"a": 1},\n {"a": }\n]', "line 3: item 2: Expecting value"),
        ("a.json", b'[{"a": 1}] x', "something stands behind the end"),
        ("a.json", b'[{"a": "\xff"}]', "what follows is not UTF-8"),
        ("a.json", b'{"train": [{"a": 1}], "test": [{"a": 2}]}', r"several lists of rows \(train, test\)"),
        ("a.json", '{"a": 1}'.encode("utf-16"), "is UTF-16; save it as UTF-8"),
        ("a.json", b"PK\x03\x04...", "is packed with zip"),
        ("a.jsonl.gz", gzip.compress(b'{"a": 1}\n' * 999, mtime=0)[:40], "is damaged"),
        ("a.txt", b"Some text", "is no JSON, CSV, TSV or Parquet"),
        ("a.parquet", b"PAR1 and no more", "is no whole Parquet file"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_error_that_names_it(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(RecordError, match=message) as caught:
        list(file_source(tmp_path / name).rows())
    assert name in str(caught.value)


def test_an_array_is_read_item_by_item_across_the_stretches_that_are_held(tmp_path, monkeypatch):
    monkeypatch.setattr("quintain.given.json_array._CHUNK_BYTES", 7)
    rows = [{"a": "ü" * length, "n": length * 1.5, "t": [True, None]} for length in range(20)]
    (tmp_path / "a.json").write_text(json.dumps(rows, ensure_ascii=False, indent=1), encoding="utf-8")
    found = list(file_source(tmp_path / "a.json").rows())
    assert [row.values for row in found] == rows
    assert found[1].where.endswith("a.json, line 10, item 2")


def test_a_folder_gives_its_files_in_order_and_no_others(tmp_path):
    for name in ("b.jsonl", "sub/a.json.gz", "README.md", ".hidden.json"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    assert [path.name for path in files_below(tmp_path)] == ["b.jsonl", "a.json.gz"]
    with pytest.raises(RecordError, match="holds no file that ends in"):
        files_below(tmp_path / "none")
