"""Data sets of the hub, streamed; a folder of this machine stands for one."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from quintain.errors import ConfigError, RecordError
from quintain.records import RawPage, WebPage
from quintain.web import Columns, IngestionParams, PageLimits, ingest, read_hub
from quintain.web.shards import cut

LIMITS = PageLimits(min_words=3, min_stop_words=0)


@pytest.fixture
def folder(tmp_path):
    """A data set of three files with 4 rows each, in the layout of the hub."""
    (tmp_path / "set" / "data").mkdir(parents=True)
    for file in range(3):
        rows = [
            {
                "text": f"The ships of harbour {chr(97 + row) * 5} and of town {chr(97 + file) * 5}.",
                "url": f"https://{file}.example/{row}",
            }
            for row in range(4)
        ]
        name = f"train-{file:05}-of-00003.parquet"
        pq.write_table(pa.Table.from_pylist(rows), tmp_path / "set" / "data" / name)
    return {"path": str(tmp_path / "set")}


def test_rows_are_streamed_as_pages(folder):
    pages = list(read_hub(folder))
    assert [page.url for page in pages] == [f"https://{file}.example/{row}" for file in range(3) for row in range(4)]
    assert all(page.is_text for page in pages)


def test_each_file_is_a_shard_and_the_first_rows_are_one(folder):
    shards = cut(read_hub(folder), 1)
    assert [str(shard) for shard in shards] == [f"{folder['path']} of the hub, file {n} of 3" for n in (1, 2, 3)]
    assert [page.url for page in shards[1].pages("quality")] == [f"https://1.example/{row}" for row in range(4)]
    (first,) = cut(read_hub(folder, rows=5), 1)
    assert len(list(first.pages("bulk"))) == 5
    assert len({shard.name for shard in [*shards, first]}) == 4


def test_it_is_ingested_as_files_are_and_no_row_is_read_twice(folder, tmp_path, monkeypatch):
    params = IngestionParams(folder=str(tmp_path / "shards"), workers=1, duplicate_similarity=1.0)
    found = list(ingest(read_hub(folder), LIMITS, params))
    assert len(found) == 12
    assert all(isinstance(one, WebPage) for one in found)
    monkeypatch.setattr("quintain.web.hub.page_of", lambda *_: pytest.fail("a row was read again"))
    assert list(ingest(read_hub(folder), LIMITS, params)) == found


def test_files_of_this_machine_that_changed_are_read_again(folder):
    before = [shard.name for shard in cut(read_hub(folder), 1)]
    file = Path(folder["path"]) / "data/train-00001-of-00003.parquet"
    pq.write_table(pa.Table.from_pylist([{"text": "Another page.", "url": "a"}]), file)
    assert not set(before) & {shard.name for shard in cut(read_hub(folder), 1)}


def test_columns_are_named_as_for_files(tmp_path):
    (tmp_path / "x.jsonl").write_text(json.dumps({"body": "<p>Some words.</p>", "address": "a"}) + "\n")
    hub = {"path": "json", "data_files": str(tmp_path / "x.jsonl")}
    (page,) = read_hub(hub, columns=Columns(html="body", url="address"))
    assert page == RawPage(url="a", html=b"<p>Some words.</p>", charset="utf-8", where="json of the hub, row 1")
    with pytest.raises(RecordError, match="json of the hub: there is no column text .* there are body, address"):
        list(read_hub(hub, columns=Columns(text="text")))


@pytest.mark.parametrize(
    ("hub", "rows", "said"),
    [
        ({"path": "HuggingFaceFW/fineweb"}, 0, "'HuggingFaceFW/fineweb' needs `revision`"),
        ({"split": "train"}, 0, "hub needs `path`"),
        ({"path": "json"}, -1, "rows must be at least 0, got -1"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_is_fetched(hub, rows, said):
    with pytest.raises(ConfigError, match=said):
        read_hub(hub, rows=rows)


def test_a_data_set_that_needs_code_is_refused(tmp_path):
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "set.py").write_text("raise SystemExit('its code was run')")
    with pytest.raises(RecordError, match="cannot be read"):
        list(read_hub({"path": str(tmp_path / "set"), "trust_remote_code": True}))


def test_a_split_that_is_not_there_is_named(folder):
    with pytest.raises(RecordError, match="of the hub cannot be read: .*test"):
        list(read_hub(folder | {"split": "test"}))
