"""The fast reader gives what our own reader gives, page by page and drop by drop, on sound and on damaged archives."""

import gzip
import io
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from quintain.errors import ConfigError
from quintain.records import RawPage
from quintain.text.web_archive import write_warc
from quintain.web.warc import read_warc
from quintain.web.warc_fast import read_warc_fast

LIMIT = 10_000
REAL = Path(__file__).parents[3] / "shared" / "data" / "web" / "pages.warc.gz"
PAGES = [RawPage(url=f"https://a.example/{i}", html=f"<p>Page number {i}.</p>".encode() * 9) for i in range(5)]


def both(path, limit=LIMIT, *stretch):
    return [[(type(one), vars(one)) for one in read(path, limit, *stretch)] for read in (read_warc_fast, read_warc)]


@pytest.mark.parametrize("name", ["pages.warc", "pages.warc.gz"])
def test_a_sound_archive(tmp_path, name):
    write_warc([*PAGES, RawPage(url="notes.html", html=b"<p>A resource.</p>", charset="koi8-r")], tmp_path / name)
    fast, own = both(tmp_path / name)
    assert fast == own
    assert len(fast) == 6


@pytest.mark.parametrize(
    ("kind", "url", "status", "headers", "body"),
    [
        ("response", "https://a.example", "200 OK", [("Content-Type", "text/html; charset=koi8-r")], b"<p>x</p>"),
        ("response", "https://a.example", "200 OK", [("content-type", "TEXT/HTML")], b"<p>x</p>"),
        ("response", "https://a.example", "200 OK", [], b"<p>x</p>"),
        ("response", "https://a.example", "404 Not Found", [("Content-Type", "text/html")], b"<p>x</p>"),
        ("response", "https://a.example", "200 OK", [("Content-Type", "image/png")], b"png"),
        ("response", "https://a.example", "200 OK", [("Content-Type", "text/html")], b"x" * (LIMIT + 1)),
        ("response", "https://a.example", "200 OK", [("Content-Type", "text/html")], b"x" * 200_000),
        ("response", "https://a.example", "200 OK", [("Content-Type", "text/html")], b""),
        (
            "response", "https://a.example", "200 OK",
            [("Content-Type", "text/html"), ("Content-Encoding", "gzip")], gzip.compress(b"<p>x</p>", mtime=0),
        ),
        (
            "response", "https://a.example", "200 OK",
            [("Content-Type", "text/html"), ("Transfer-Encoding", "chunked")], b"8\r\n<p>x</p>\r\n0\r\n\r\n",
        ),
        ("request", "https://a.example", "GET / HTTP/1.1", [], b""),
        ("metadata", "https://a.example", "", [], b"notes"),
        ("resource", "https://a.example", "", [], b"<p>x</p>"),
    ],
)  # fmt: skip
def test_every_kind_of_record(tmp_path, kind, url, status, headers, body):
    path = tmp_path / "x.warc.gz"
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=True)
        for _ in range(2):
            http = StatusAndHeaders(status, headers, protocol="HTTP/1.1") if status else None
            writer.write_record(writer.create_warc_record(url, kind, io.BytesIO(body), len(body), http_headers=http))
    fast, own = both(path)
    assert fast == own


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_one_wrong_byte(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("wound") / "x.warc.gz"
    write_warc(PAGES, path)
    whole = path.read_bytes()
    at = data.draw(st.integers(0, len(whole) - 1))
    path.write_bytes(whole[:at] + bytes([whole[at] ^ data.draw(st.integers(1, 255))]) + whole[at + 1 :])
    fast, own = both(path)
    assert [one for kind, one in fast if kind is RawPage] == [one for kind, one in own if kind is RawPage]


@pytest.fixture(scope="module")
def archives(tmp_path_factory):
    """One archive a way to write it: a gzip member per record, plain, plain under a wrong name, one gzip around all."""
    folder = tmp_path_factory.mktemp("archives")
    write_warc([*PAGES, RawPage(url="notes.html", html=b"<p>A resource.</p>")], folder / "members.warc.gz")
    plain = gzip.decompress((folder / "members.warc.gz").read_bytes())
    (folder / "plain.warc").write_bytes(plain)
    (folder / "misnamed.warc.gz").write_bytes(plain)
    (folder / "whole.warc.gz").write_bytes(gzip.compress(plain, mtime=0))
    (folder / "mixed.warc.gz").write_bytes(gzip.compress(plain, mtime=0) + (folder / "members.warc.gz").read_bytes())
    return sorted(folder.iterdir())


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_stretch_of_any_archive(archives, data):
    path = data.draw(st.sampled_from(archives))
    bound = st.integers(0, path.stat().st_size + 10)
    stretch = (data.draw(bound), data.draw(st.none() | bound))
    fast, own = both(path, LIMIT, "part", *stretch)
    assert fast == own


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_stretch_with_a_wrong_byte(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("wound") / "x.warc.gz"
    write_warc(PAGES, path)
    whole = path.read_bytes()
    at = data.draw(st.integers(0, len(whole) - 1))
    path.write_bytes(whole[:at] + bytes([whole[at] ^ data.draw(st.integers(1, 255))]) + whole[at + 1 :])
    middle = data.draw(st.integers(0, len(whole)))
    for stretch in ((0, middle), (middle, len(whole))):
        fast, own = both(path, LIMIT, "part", *stretch)
        assert [one for kind, one in fast if kind is RawPage] == [one for kind, one in own if kind is RawPage]


@pytest.mark.parametrize("cut", [1, 10, 100, 200])
def test_an_archive_cut_off(tmp_path, cut):
    path = tmp_path / "x.warc.gz"
    write_warc(PAGES, path)
    path.write_bytes(path.read_bytes()[:-cut])
    fast, own = both(path)
    assert fast == own


@pytest.mark.parametrize(
    "content", [b"", b"no archive at all, but long enough to be one", gzip.compress(b"nor this", mtime=0)]
)
def test_what_is_no_archive(tmp_path, content):
    path = tmp_path / "x.warc.gz"
    path.write_bytes(content)
    fast, own = both(path)
    assert fast == own


@pytest.mark.skipif(not REAL.is_file(), reason=f"the real pages are not there: {REAL}")
def test_the_real_pages():
    fast, own = both(REAL, 5_000_000)
    assert fast == own
    assert len(fast) == 101


def test_without_the_library_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "fastwarc.warc", None)
    monkeypatch.delitem(sys.modules, "quintain.web.warc_fast")
    with pytest.raises(ConfigError, match=r"needs fastwarc: pip install 'quintain\[bulk\]'"):
        __import__("quintain.web.warc_fast")
