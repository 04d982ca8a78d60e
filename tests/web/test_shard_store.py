"""Outputs of shards: whole or not at all."""

import json
import os
import re
import resource
import time
from contextlib import contextmanager

import pytest

from quintain.errors import RecordError
from quintain.records import Dropped, Origin, WebPage
from quintain.web.duplicates import signatures
from quintain.web.shard_store import Batch, ShardStore

RECORDS = [
    WebPage(url="https://a.example", text="Zwölf Schiffe.", origin=Origin(knobs={"source": "a.warc, record 1"})),
    Dropped(stage="read", reason="truncated", where="a.warc, record 2"),
    WebPage(url="https://b.example", text="Ten ships."),
]


def batch(records=RECORDS):
    return Batch(records, signatures([one.text for one in records if isinstance(one, WebPage)], 5))


@contextmanager
def full_disk(n_bytes):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_what_is_written_is_read_in_order_and_columns_hold_the_pages_alone(tmp_path):
    store = ShardStore(tmp_path / "shards")
    store.write("a", [batch(), batch(RECORDS[1:2])])
    assert list(store.read("a")) == [*RECORDS, RECORDS[1]]
    assert next(store.read("a")).origin == RECORDS[0].origin
    assert store.urls("a") == ["https://a.example", "https://b.example"]
    assert (store.signatures("a") == signatures(["Zwölf Schiffe.", "Ten ships."], 5)).all()
    assert store.text_hashes("a").shape == (2,)
    assert store.pages_per_group("a") == [2, 0]
    assert store.texts("a", 0) == ["Zwölf Schiffe.", "Ten ships."]


def test_signatures_of_another_kind_are_refused(tmp_path, monkeypatch):
    store = ShardStore(tmp_path)
    store.write("a", [batch()])
    monkeypatch.setattr("quintain.web.duplicates.version", lambda _: "0.4.9")
    with pytest.raises(RecordError, match=r'a\.parquet are of the kind .*"rensa".*installation .*"0\.4\.9".*Remove'):
        store.signatures("a")


def test_a_shard_is_complete_once_its_mark_agrees_with_its_file(tmp_path):
    store = ShardStore(tmp_path)
    assert not store.is_complete("a")
    store.write("a", [batch()])
    assert store.is_complete("a")
    mark = json.loads((tmp_path / "a.done").read_text())
    assert (mark["rows"], mark["pages"]) == (3, 2)
    with (tmp_path / "a.parquet").open("ab") as file:
        file.truncate(100)
    assert not store.is_complete("a")


@pytest.mark.parametrize("mark", ["", "{}", '{"bytes": "x"}', "[]"])
def test_a_mark_that_was_cut_short_counts_for_nothing(tmp_path, mark):
    store = ShardStore(tmp_path)
    store.write("a", [batch()])
    (tmp_path / "a.done").write_text(mark)
    assert not store.is_complete("a")


def test_a_shard_without_pages_is_complete_too(tmp_path):
    store = ShardStore(tmp_path)
    store.write("a", [])
    assert store.is_complete("a")
    assert list(store.read("a")) == []
    assert store.text_hashes("a").shape == (0,)
    assert store.signatures("a").shape == (0, 128)


def test_a_batch_that_breaks_leaves_neither_file_nor_mark(tmp_path):
    def batches():
        yield batch()
        raise KeyError("x")

    store = ShardStore(tmp_path)
    with pytest.raises(KeyError):
        store.write("a", batches())
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_one_error_that_says_how_to_go_on(tmp_path):
    store = ShardStore(tmp_path)
    store.write("a", [batch()])
    many = [WebPage(url=f"https://{i}.example", text=f"{i} " * 500) for i in range(200)]
    with (
        full_disk(20_000),
        pytest.raises(RecordError, match=r"b\.parquet could not be written: .*run the same command"),
    ):
        store.write("b", [batch(many)])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.done", "a.parquet"]
    assert store.is_complete("a")


def test_what_a_killed_worker_left_goes_after_a_day(tmp_path):
    for name, age in ((".a.1.tmp", 100_000), (".b.2.tmp", 1000)):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (time.time() - age,) * 2)
    ShardStore(tmp_path).clear()
    assert [path.name for path in tmp_path.iterdir()] == [".b.2.tmp"]


def test_no_bit_flip_is_read_as_other_records(tmp_path, caplog):
    store = ShardStore(tmp_path)
    store.write("a", [batch(), batch(RECORDS[1:2])])
    file = tmp_path / "a.parquet"
    sound = file.read_bytes()
    for place in range(0, len(sound), 7):
        file.write_bytes(sound[:place] + bytes([sound[place] ^ 1 << place % 8]) + sound[place + 1 :])
        assert not store.is_complete("a")
    assert "a.parquet is not what was written; its shard is done again" in caplog.text
    # Damage that comes between the check and the reading is said, or does not matter.
    for place in range(0, len(sound), 41):
        file.write_bytes(sound[:place] + bytes([sound[place] ^ 1 << place % 8]) + sound[place + 1 :])
        assert read_or_refused(store) in ("records", "refused")


def read_or_refused(store):
    try:
        found = list(store.read("a"))
    except RecordError as error:
        return "refused" if re.search(r"a\.parquet is damaged .*remove it", str(error)) else str(error)
    return "records" if found == [*RECORDS, RECORDS[1]] else found


def test_a_shard_that_was_cut_short_is_named(tmp_path):
    store = ShardStore(tmp_path)
    store.write("a", [batch()])
    (tmp_path / "a.parquet").write_bytes(b"PAR1")
    for read in (store.urls, store.signatures, store.text_hashes, store.pages_per_group):
        with pytest.raises(RecordError, match=r"a\.parquet is damaged .*remove it"):
            read("a")
