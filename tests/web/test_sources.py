"""Pages from wherever they lie."""

import gzip
import io
import json
import os
from pathlib import Path

import pytest

from quintain.errors import RecordError
from quintain.records import Dropped, RawPage
from quintain.web import read_pages, write_warc
from quintain.web.sources import read_file

HTML = "<html><body><p>Größe</p></body></html>"


def test_a_warc_is_read_by_its_ending(tmp_path):
    page = RawPage(url="https://a.example", html=HTML.encode())
    write_warc([page], tmp_path / "pages.warc.gz")
    assert [found.url for found in read_pages(tmp_path / "pages.warc.gz")] == ["https://a.example"]


def test_an_html_file_is_one_page_under_its_name(tmp_path):
    (tmp_path / "page.HTML").write_bytes(HTML.encode("latin-1"))
    assert list(read_pages(str(tmp_path / "page.HTML"))) == [
        RawPage(url="page.HTML", html=HTML.encode("latin-1"), where="page.HTML")
    ]


def test_a_folder_is_read_in_the_order_of_its_paths_and_only_its_documents(tmp_path):
    (tmp_path / "b").mkdir()
    for name in ("c.htm", "b/a.html", "a.html", "notes.csv", "d.txt"):
        (tmp_path / name).write_text(HTML)
    assert [page.url for page in read_pages(tmp_path)] == ["a.html", "b/a.html", "c.htm", "d.txt"]


def test_text_beside_archives_and_tables_is_taken_for_notes(tmp_path):
    (tmp_path / "README.md").write_text("# A data set")
    (tmp_path / "pages.jsonl").write_text('{"url": "a", "html": "x"}\n')
    assert [page.url for page in read_pages(tmp_path)] == ["a"]


@pytest.mark.parametrize("name", ["pages.jsonl", "pages.jsonl.gz"])
def test_jsonl_holds_an_address_and_a_page_per_line(tmp_path, name):
    lines = "\n".join(json.dumps({"url": f"https://a.example/{i}", "html": HTML}) for i in range(2)) + "\n\n"
    data = lines.encode()
    (tmp_path / name).write_bytes(gzip.compress(data, mtime=0) if name.endswith("gz") else data)
    pages = list(read_pages(tmp_path / name))
    assert [page.url for page in pages] == ["https://a.example/0", "https://a.example/1"]
    assert (pages[1].html.decode(), pages[1].charset, pages[1].where) == (HTML, "utf-8", f"{name}, line 2")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"url": "a", "html": "<p>', "broken-json"),
        (b"\xff\xfe{}", "broken-json"),
        (b"[" * 100_000, "broken-json"),
        (b'{"url": "a"}', "no-html"),
        (b'{"url": 7, "html": "x"}', "bad-url"),
        (b'["a", "b"]', "no-html"),
        (b'{"url": "a", "html": "' + b"x" * 21_000 + b'"}', "too-large"),
        (b'{"url": "a", "html": "' + b"x" * 500_000 + b'"}', "too-large"),
    ],
)
def test_a_line_that_is_no_page_is_a_drop_and_reading_goes_on(tmp_path, line, reason):
    good = json.dumps({"url": "https://b.example", "html": HTML}).encode()
    (tmp_path / "pages.jsonl").write_bytes(line + b"\n" + good)
    dropped, page = read_pages(tmp_path / "pages.jsonl", max_bytes=20_000)
    assert (dropped.stage, dropped.reason, dropped.where) == ("read", reason, "pages.jsonl, line 1")
    assert page.url == "https://b.example"


def test_a_lone_surrogate_in_json_does_no_harm(tmp_path):
    (tmp_path / "pages.jsonl").write_text('{"url": "a", "html": "<p>\\ud800</p>"}')
    assert [page.html for page in read_pages(tmp_path / "pages.jsonl")] == [b"<p>?</p>"]


def test_a_gzip_cut_off_in_the_middle_gives_the_lines_before(tmp_path):
    lines = b"".join(json.dumps({"url": str(i), "html": HTML * 50}).encode() + b"\n" for i in range(2000))
    (tmp_path / "pages.jsonl.gz").write_bytes(gzip.compress(lines, mtime=0)[:-2000])
    *pages, dropped = read_pages(tmp_path / "pages.jsonl.gz")
    assert [page.url for page in pages] == [str(i) for i in range(len(pages))]
    assert len(pages) > 0
    assert dropped.reason == "broken-gzip"
    assert "nothing after it can be read" in dropped.text


def test_a_file_over_the_limit_is_a_drop_unread(tmp_path):
    (tmp_path / "big.html").write_bytes(b"x" * 21)
    (dropped,) = read_pages(tmp_path / "big.html", max_bytes=20)
    assert isinstance(dropped, Dropped)
    assert (dropped.reason, dropped.text) == ("too-large", "21 bytes, the limit max_bytes is 20")


def test_an_empty_source_gives_nothing(tmp_path):
    for name in ("empty.warc.gz", "empty.warc", "empty.jsonl"):
        (tmp_path / name).touch()
        assert list(read_pages(tmp_path / name)) == []
    (tmp_path / "folder").mkdir()
    assert list(read_pages(tmp_path / "folder")) == []


def test_a_missing_source_is_named_before_reading_starts(tmp_path):
    with pytest.raises(RecordError, match=r"there is no file or folder .*pages\.warc\.gz to read pages from"):
        read_pages(tmp_path / "pages.warc.gz")


def test_an_unknown_ending_names_the_known_ones(tmp_path):
    (tmp_path / "pages.csv").touch()
    with pytest.raises(RecordError, match=r"pages\.csv has none of the endings .* \.warc, \.warc\.gz, \.jsonl"):
        read_pages(tmp_path / "pages.csv")


def test_half_a_character_in_an_address_is_a_drop_that_names_the_line(tmp_path):
    path = tmp_path / "pages.jsonl"
    path.write_text('{"url": "a", "html": "x"}\n{"url": "b\\ud800", "html": "x"}\n{"url": "c", "html": "x"}\n')
    first, dropped, last = read_pages(path)
    assert (first.url, last.url) == ("a", "c")
    assert (dropped.reason, dropped.where) == ("bad-url", "pages.jsonl, line 2")
    assert all(is_utf8(text) for text in (dropped.text, dropped.where))


def is_utf8(text):
    return text == text.encode("utf-8", "replace").decode()


def test_names_that_are_no_utf8_are_shown_and_end_nothing(tmp_path):
    odd = os.fsdecode(b"odd\xff")
    (tmp_path / f"{odd}.html").write_text("<p>one</p>")
    (tmp_path / f"{odd}.jsonl").write_text('{"url": "a", "html": "x"}\n')
    (tmp_path / odd).mkdir()
    (tmp_path / odd / "in.html").write_text("<p>two</p>")
    (tmp_path / "whole.html").write_text("<p>three</p>")
    found = list(read_pages(tmp_path))
    assert sorted(one.url for one in found if isinstance(one, RawPage)) == ["a", "odd\\xff/in.html", "whole.html"]
    (dropped,) = [one for one in found if isinstance(one, Dropped)]
    assert (dropped.reason, dropped.where) == ("bad-name", "odd\\xff.html")
    assert all(is_utf8(one.where) for one in found)


def test_folders_behind_links_are_read_once_and_links_to_nowhere_are_named(tmp_path, caplog):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "a.html").write_text("<p>one</p>")
    source = tmp_path / "source"
    source.mkdir()
    (source / "b.html").write_text("<p>two</p>")
    (source / "linked").symlink_to(tmp_path / "elsewhere")
    (source / "linked again").symlink_to(tmp_path / "elsewhere")
    (source / "itself").symlink_to(source)
    (source / "gone.html").symlink_to(tmp_path / "nowhere.html")
    assert [page.url for page in read_pages(source)] == ["b.html", "linked/a.html"]
    assert "gone.html is passed over" in caplog.text


def test_a_separator_of_lines_within_a_text_ends_no_line(tmp_path):
    path = tmp_path / "pages.jsonl"
    path.write_text('\ufeff{"url": "a", "html": "one\u2028two\x85three"}\r\n{"url": "b", "html": "x"}\n')
    assert [page.url for page in read_pages(path)] == ["a", "b"]


class CountedFile(io.BufferedReader):
    """Counts the calls that read, and the bytes that they gave."""

    def __init__(self, path):
        super().__init__(io.FileIO(path))
        self.calls = self.taken = 0

    def readline(self, *size):
        line = super().readline(*size)
        self.calls += 1
        self.taken += len(line)
        return line


def test_a_stretch_within_a_long_line_is_passed_over_in_few_steps_and_never_beyond_its_end(tmp_path, monkeypatch):
    path = tmp_path / "pages.jsonl"
    path.write_bytes(b'{"url": "long", "html": "' + b"x" * 30_000_000 + b'"}\n{"url": "b", "html": "x"}\n')
    opened = []
    monkeypatch.setattr(Path, "open", lambda self, _: opened.append(CountedFile(self)) or opened[-1])
    size, step = path.stat().st_size, 5_000_000
    found = [
        one
        for start in range(0, size, step)
        for one in read_file(path, "pages.jsonl", 1_000_000, start, min(start + step, size))
    ]
    assert [getattr(one, "url", None) or one.reason for one in found] == ["too-large", "b"]
    assert sum(file.calls for file in opened) < 100
    assert sum(file.taken for file in opened) < 2 * size
