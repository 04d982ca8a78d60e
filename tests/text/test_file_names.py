"""Names that come from elsewhere fit into names of ours."""

import os

from quintain.datasets import atomic
from quintain.records import RawPage
from quintain.text.file_names import short_name, shown_name
from quintain.text.web_archive import write_warc
from quintain.web import IngestionParams, PageLimits, ingest, read_pages


def test_a_name_is_cut_between_characters_and_shows_what_is_no_utf8():
    assert len(short_name("路" * 80).encode()) <= 120
    assert short_name("路" * 80) == "路" * 40
    assert shown_name(os.fsdecode(b"a\xff")) == "a\\xff"


def test_files_with_the_longest_names_are_read_and_written(tmp_path):
    name = "n" * 245 + ".html"
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / name).write_text("<p>Ten ships lay in the harbour, all of them laden with salt.</p>")
    params = IngestionParams(workers=1, folder=str(tmp_path / "shards"))
    (page,) = ingest(read_pages(tmp_path / "source"), PageLimits(min_words=1), params)
    assert page.url == name
    with atomic.written(tmp_path / name) as temporary:
        temporary.write_text("whole")
    assert (tmp_path / name).read_text() == "whole"
    write_warc([RawPage(url="https://a.example", html=b"x")], tmp_path / ("n" * 240 + ".warc.gz"))
