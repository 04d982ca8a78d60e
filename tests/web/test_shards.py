"""How a source is cut."""

import gzip
import json
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quintain.records import Dropped, RawPage
from quintain.web import read_pages, write_warc
from quintain.web.shards import cut


def page(i):
    return RawPage(url=f"https://a.example/{i}", html=b"<p>" + bytes(str(i), "ascii") * (i % 7 * 30 + 1) + b"</p>")


@pytest.fixture(scope="module")
def mixed(tmp_path_factory):
    """One of every kind of file, in two folders."""
    folder = tmp_path_factory.mktemp("mixed")
    write_warc(map(page, range(40)), folder / "a.warc.gz")
    write_warc(map(page, range(40, 60)), folder / "b.warc")
    lines = "".join(json.dumps({"url": f"https://b.example/{i}", "html": "<p>x</p>" * i}) + "\n" for i in range(30))
    (folder / "c.jsonl").write_text(lines)
    (folder / "d.jsonl.gz").write_bytes(gzip.compress(lines.encode(), mtime=0))
    # One gzip around a whole archive: nothing can be read from its middle.
    (folder / "e.warc.gz").write_bytes(gzip.compress((folder / "b.warc").read_bytes(), mtime=0))
    # A plain archive under a wrong name.
    (folder / "f.warc.gz").write_bytes((folder / "b.warc").read_bytes())
    (folder / "html").mkdir()
    for i in range(5):
        (folder / "html" / f"{i}.html").write_text(f"<p>{i}</p>")
    (folder / "notes.txt").write_text("no page")
    return folder


def contents(found):
    return [(one.url, one.html) if isinstance(one, RawPage) else (one.stage, one.reason) for one in found]


@given(shard_bytes=st.integers(20, 8000))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_shards_of_any_size_hold_every_page_once_and_in_order(mixed, shard_bytes):
    source = read_pages(mixed)
    shards = cut(source, shard_bytes)
    for profile in ("quality", "bulk"):
        assert contents(found for shard in shards for found in shard.pages(profile)) == contents(source)
    assert len({shard.name for shard in shards}) == len(shards)


def test_small_files_share_a_shard_and_large_ones_are_cut(tmp_path):
    for i in range(4):
        (tmp_path / f"{i}.html").write_bytes(b"x" * 40)
    (tmp_path / "z.jsonl").write_text("x" * 250)
    # 40 + 40 fit into 100 bytes, a third page does not; 250 bytes make 3 stretches of 84, 84 and 82.
    shards = cut(read_pages(tmp_path), 100)
    assert [(shard.names, shard.start, shard.stop) for shard in shards] == [
        (("0.html", "1.html"), 0, None),
        (("2.html", "3.html"), 0, None),
        (("z.jsonl",), 0, 84),
        (("z.jsonl",), 84, 168),
        (("z.jsonl",), 168, 250),
    ]


def test_a_file_that_changed_makes_another_shard(tmp_path):
    for name in ("a.html", "b.html"):
        (tmp_path / name).write_text("one")
    before = [shard.name for shard in cut(read_pages(tmp_path), 1)]
    (tmp_path / "b.html").write_text("two")
    os.utime(tmp_path / "b.html", ns=(1, 1))
    after = [shard.name for shard in cut(read_pages(tmp_path), 1)]
    assert after[0] == before[0]
    assert after[1] != before[1]


def test_pages_of_a_stretch_say_their_byte_and_files_of_one_name_their_folder(tmp_path):
    for name in ("one", "two"):
        write_warc([page(1), page(2)], tmp_path / name / "pages.warc.gz")
    size = (tmp_path / "one/pages.warc.gz").stat().st_size
    whole = [found.where for shard in cut(read_pages(tmp_path), size) for found in shard.pages("quality")]
    assert whole[0] == "one/pages.warc.gz, record 1 at byte 0"
    assert whole[2] == "two/pages.warc.gz, record 1 at byte 0"
    stretches = [found.where for shard in cut(read_pages(tmp_path), size // 2 + 1) for found in shard.pages("quality")]
    assert stretches[0] == "one/pages.warc.gz, record at byte 0"


def test_a_record_that_is_damaged_costs_itself_in_whichever_stretch(tmp_path):
    write_warc(map(page, range(20)), tmp_path / "pages.warc.gz")
    starts = [int(found.where.rsplit(" ", 1)[1]) for found in read_pages(tmp_path / "pages.warc.gz")]
    data = bytearray((tmp_path / "pages.warc.gz").read_bytes())
    data[starts[10] + 40] ^= 0xFF
    (tmp_path / "pages.warc.gz").write_bytes(data)
    for shard_bytes in (starts[10], 700, 10**6):
        found = [one for shard in cut(read_pages(tmp_path), shard_bytes) for one in shard.pages("quality")]
        urls = [one.url for one in found if isinstance(one, RawPage)]
        assert urls == [page(i).url for i in range(20) if i != 10]
        assert sum(isinstance(one, Dropped) for one in found) == 1


def test_an_archive_that_breaks_off_gives_the_pages_before(tmp_path):
    write_warc(map(page, range(20)), tmp_path / "pages.warc.gz")
    data = (tmp_path / "pages.warc.gz").read_bytes()
    (tmp_path / "pages.warc.gz").write_bytes(data[: len(data) // 2])
    found = [one for shard in cut(read_pages(tmp_path), 500) for one in shard.pages("quality")]
    assert contents(found) == contents(read_pages(tmp_path))
    assert found[-1].reason == "truncated"


def test_a_shard_is_called_by_what_a_person_can_find(tmp_path):
    for name in ("a.html", "b.html"):
        (tmp_path / name).write_text("x" * 50)
    assert [str(shard) for shard in cut(read_pages(tmp_path), 1000)] == ["a.html to b.html"]
    assert [str(shard) for shard in cut(read_pages(Path(tmp_path / "a.html")), 1000)] == ["a.html"]
    (tmp_path / "c.jsonl").write_text("x" * 3000)
    assert str(cut(read_pages(tmp_path / "c.jsonl"), 2000)[1]) == "c.jsonl, bytes 1,500 to 3,000"
