"""Tables of pages: the same rows whole and in stretches, every damage a counted drop."""

import gzip
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from quintain.errors import RecordError
from quintain.records import Dropped, RawPage
from quintain.web import Columns, read_pages
from quintain.web.shards import cut

ROWS = [{"url": f"https://a.example/{i}", "text": f"Page number {i}. " * (i % 5 + 1), "n": i} for i in range(50)]


def contents(found):
    return [(one.url, one.html, one.where) if isinstance(one, RawPage) else (one.reason, one.where) for one in found]


@pytest.fixture
def table(tmp_path):
    """50 rows in row groups of 7."""
    path = tmp_path / "pages.parquet"
    pq.write_table(pa.Table.from_pylist(ROWS), path, row_group_size=7)
    return path


def test_a_parquet_file_gives_its_rows(table):
    pages = list(read_pages(table))
    assert [page.url for page in pages] == [row["url"] for row in ROWS]
    assert [page.html.decode() for page in pages] == [row["text"] for row in ROWS]
    assert pages[8].where == "pages.parquet, row 9"


@pytest.mark.parametrize("shard_bytes", [1, 300, 1000, 10**6])
def test_stretches_of_a_parquet_file_hold_every_row_once_and_in_order(table, shard_bytes):
    source = read_pages(table)
    for profile in ("quality", "bulk"):
        found = [one for shard in cut(source, shard_bytes) for one in shard.pages(profile)]
        assert contents(found) == contents(source)


def test_a_damaged_row_group_costs_its_own_rows_and_each_is_counted(table):
    data = bytearray(table.read_bytes())
    about = pq.read_metadata(table).row_group(2).column(1)
    start = about.dictionary_page_offset or about.data_page_offset
    data[start : start + about.total_compressed_size] = bytes(about.total_compressed_size)
    table.write_bytes(data)
    found = list(read_pages(table))
    assert len(found) == 50
    assert [one.reason for one in found if isinstance(one, Dropped)] == ["broken-parquet"] * 7
    assert found[14].where == "pages.parquet, row 15"


def test_a_file_that_is_no_parquet_is_one_drop_in_whatever_stretches(tmp_path):
    (tmp_path / "x.parquet").write_bytes(b"PAR1" + bytes(500))
    for shard_bytes in (100, 10_000):
        found = [one for shard in cut(read_pages(tmp_path), shard_bytes) for one in shard.pages("quality")]
        assert [one.reason for one in found] == ["broken-parquet"]


def test_a_mapping_that_fits_no_column_is_an_error_before_anything_is_read(table, tmp_path):
    with pytest.raises(RecordError, match=r"pages\.parquet: there is no column body .* there are url, text, n"):
        read_pages(table, columns=Columns(text="body"))
    (tmp_path / "a.jsonl").write_text('{"url": "a", "text": "x"}\n')
    with pytest.raises(RecordError, match=r"a\.jsonl: there is no column body .* there are url, text"):
        read_pages(tmp_path / "a.jsonl", columns=Columns(text="body"))


def test_a_table_without_a_body_names_what_it_has(tmp_path):
    pq.write_table(pa.Table.from_pylist([{"question": "a", "reply": "b"}]), tmp_path / "x.parquet")
    with pytest.raises(RecordError, match=r"none of its columns \(question, reply\) is called html.*columns: \{text"):
        read_pages(tmp_path / "x.parquet")


def test_binary_columns_are_read_in_the_character_set_of_their_page(tmp_path):
    rows = [{"html": '<meta charset="koi8-r"><p>Съешь</p>'.encode("koi8-r")}]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "x.parquet")
    (page,) = read_pages(tmp_path / "x.parquet")
    assert (page.charset, page.is_text) == ("", False)


def test_rows_of_different_kinds_in_one_file_are_each_read_as_they_are(tmp_path):
    lines = [{"url": "a", "html": "<p>x</p>"}, {"text": "y", "url": "b"}, {"content": "z", "url": "c"}]
    (tmp_path / "x.jsonl").write_text("\n".join(map(json.dumps, lines)))
    assert [(page.url, page.is_text) for page in read_pages(tmp_path / "x.jsonl")] == [
        ("a", False), ("b", True), ("c", True),
    ]  # fmt: skip


def packed(data, ending):
    if ending.endswith("gz"):
        return gzip.compress(data, mtime=0)
    if not ending.endswith("zst"):
        return data
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(data)
    return sink.getvalue().to_pybytes()


@pytest.mark.parametrize("ending", [".jsonl", ".jsonl.gz", ".json.gz", ".jsonl.zst", ".ndjson", ".json"])
def test_json_lines_under_any_of_their_names(tmp_path, ending):
    path = tmp_path / f"c4-train.00000-of-01024{ending}"
    path.write_bytes(packed("\n".join(map(json.dumps, ROWS)).encode(), ending))
    assert [page.url for page in read_pages(path)] == [row["url"] for row in ROWS]


@pytest.mark.parametrize("indent", [None, 2])
def test_a_json_array_is_read_item_by_item(tmp_path, indent):
    rows = [{"webpage": "One page."}, {"webpage": 3}, {"webpage": "Another."}]
    (tmp_path / "web_en_1k.json").write_text(json.dumps(rows, indent=indent))
    first, dropped, last = read_pages(tmp_path / "web_en_1k.json")
    assert (first.html, last.html) == (b"One page.", b"Another.")
    assert (dropped.reason, dropped.where) == ("no-html", "web_en_1k.json, item 2")


def test_an_array_that_breaks_off_is_one_drop(tmp_path):
    (tmp_path / "x.json").write_text('[{"text": "a"}, {"te')
    (dropped,) = read_pages(tmp_path / "x.json")
    assert dropped.reason == "broken-json"
