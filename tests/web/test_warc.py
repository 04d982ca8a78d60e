"""Pages of whole archives, whoever wrote them, and written with the same bytes every time."""

import gzip
import re
import uuid

import pytest
from warcio.archiveiterator import ArchiveIterator

from quintain.errors import RecordError
from quintain.records import RawPage
from quintain.text.web_archive import write_warc
from quintain.web.warc import read_warc
from quintain.web.warc_fast import read_warc_fast
from tests.web.archives import LIMIT, foreign, html, http, plain, reasons, response, urls


@pytest.mark.parametrize("name", ["pages.warc", "pages.warc.gz"])
def test_what_was_written_is_read_back(tmp_path, name):
    pages = [
        RawPage(url="https://a.example/ä?b=c", html="<p>Größe</p>".encode("latin-1"), charset="iso-8859-1"),
        RawPage(url="https://a.example/empty", html=b""),
        RawPage(url="file.html", html=b"<p>\r\n\r\nWARC/1.0\r\n</p>"),
    ]
    write_warc(pages, tmp_path / name)
    read = list(read_warc(tmp_path / name, LIMIT))
    assert [(page.url, page.html, page.charset) for page in read] == [
        (page.url, page.html, page.charset) for page in pages
    ]
    assert read[1].where.startswith(f"{name}, record 2 at byte ")


def test_equal_pages_give_equal_bytes(tmp_path):
    pages = [RawPage(url=f"https://a.example/{i}", html=html(i)) for i in range(3)]
    write_warc(pages, tmp_path / "one.warc.gz")
    write_warc(iter(pages), tmp_path / "deep" / "other.warc.gz")
    assert (tmp_path / "one.warc.gz").read_bytes() == (tmp_path / "deep" / "other.warc.gz").read_bytes()


def test_another_reader_reads_what_was_written(archive):
    path, _ = archive
    with path.open("rb") as file:
        records = [
            (record.rec_type, record.rec_headers.get_header("WARC-Target-URI"), record.content_stream().read())
            for record in ArchiveIterator(file, check_digests="raise")
        ]
    assert records == [("response", f"https://a.example/{i}", html(i)) for i in range(5)]


def test_record_ids_differ_between_pages_and_are_uuids(archive):
    path, _ = archive
    with path.open("rb") as file:
        ids = [record.rec_headers.get_header("WARC-Record-ID") for record in ArchiveIterator(file)]
    assert len({uuid.UUID(identity[len("<urn:uuid:") : -1]) for identity in ids}) == 5


def test_a_write_that_fails_leaves_the_former_archive_and_no_litter(archive):
    path, _ = archive
    before = path.read_bytes()

    def pages():
        yield RawPage(url="https://b.example", html=b"x")
        raise OSError("No space left on device")

    with pytest.raises(OSError, match="No space left"):
        write_warc(pages(), path)
    assert path.read_bytes() == before
    assert [found.name for found in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("url", ["", "https://a.example/\r\nWARC-Type: evil"])
def test_an_address_that_would_break_the_header_is_refused(tmp_path, url):
    with pytest.raises(RecordError, match="cannot be written to a WARC under the address"):
        write_warc([RawPage(url=url, html=b"x")], tmp_path / "pages.warc")
    assert list(tmp_path.iterdir()) == []


def test_chunks_and_content_encodings_are_undone(tmp_path):
    body = gzip.compress(html(1), mtime=0)
    chunked = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:20], body[20:])) + b"0\r\n\r\n"
    path = foreign(
        tmp_path / "x.warc.gz",
        response("https://a.example", chunked, Transfer_Encoding="chunked", Content_Encoding="gzip"),
    )
    assert [page.html for page in read_warc(path, LIMIT)] == [html(1)]


def test_requests_and_metadata_are_no_pages_and_no_drops(tmp_path):
    path = foreign(
        tmp_path / "x.warc.gz",
        ("warcinfo", "", "", [], b"software: a crawler\r\n"),
        ("request", "https://a.example", "", [], b"GET / HTTP/1.1\r\n\r\n"),
        ("metadata", "https://a.example", "", [], b"fetchTimeMs: 7\r\n"),
        response("https://a.example", html(1)),
    )
    assert urls(read_warc(path, LIMIT)) == ["https://a.example"]
    assert reasons(read_warc(path, LIMIT)) == []


def test_a_resource_record_is_a_page_without_http(tmp_path):
    write_warc([RawPage(url="urn:page:1", html=html(1))], tmp_path / "x.warc")
    assert b"WARC-Type: resource" in (tmp_path / "x.warc").read_bytes()
    assert urls(read_warc(tmp_path / "x.warc", LIMIT)) == ["urn:page:1"]


@pytest.mark.parametrize(
    "status",
    [b"HTTP/2 200", b"HTTP/2 200 ", b"HTTP/2.0 200 OK", b"HTTP/3 200", b"http/1.1 200 ok", b"HTTP/1.1 200", b"h2 200"],
)
@pytest.mark.parametrize("read", [read_warc, read_warc_fast])
def test_status_lines_of_any_version_are_read(tmp_path, status, read):
    (tmp_path / "x.warc").write_bytes(plain("response", http(status), "application/http"))
    (page,) = read(tmp_path / "x.warc", LIMIT)
    assert page.html == b"<p>x</p>"


@pytest.mark.parametrize("read", [read_warc, read_warc_fast])
def test_a_response_whose_record_names_no_type_is_read_as_it_is(tmp_path, read):
    (tmp_path / "x.warc").write_bytes(plain("response", http(), ""))
    assert [page.html for page in read(tmp_path / "x.warc", LIMIT)] == [b"<p>x</p>"]


def test_an_interim_response_is_passed_over(tmp_path):
    block = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n" + http(b"HTTP/2 404")
    (tmp_path / "x.warc").write_bytes(plain("response", block, "application/http"))
    (dropped,) = read_warc(tmp_path / "x.warc", LIMIT)
    assert (dropped.reason, dropped.text) == ("status", "HTTP status 404")


@pytest.mark.parametrize("read", [read_warc, read_warc_fast])
@pytest.mark.parametrize("zipped", [True, False])
def test_lines_may_end_with_a_line_feed_alone_or_now_so_and_now_so(tmp_path, read, zipped):
    records = [
        plain("response", http(body=html(number), ends=ends), "application/http", ends, f"https://a.example/{number}")
        for number, ends in enumerate([b"\n", b"\r\n", b"\n", b"\n"])
    ]
    path = tmp_path / ("x.warc.gz" if zipped else "x.warc")
    path.write_bytes(b"".join(map(gzip.compress, records) if zipped else records))
    assert [(page.url, page.html) for page in read(path, LIMIT)] == [
        (f"https://a.example/{number}", html(number)) for number in range(4)
    ]


@pytest.mark.parametrize("read", [read_warc, read_warc_fast])
def test_texts_of_a_wet_file_are_pages_whose_text_is_there(tmp_path, read):
    text = "Zwölf Schiffe\nlagen im Hafen.\n".encode()
    records = [
        plain("warcinfo", b"software: x\r\n", "application/warc-fields"),
        plain("conversion", text, "text/plain"),
        plain("conversion", text, "", url="https://b.example"),
        plain("conversion", b"<p>x</p>", "text/html", url="https://c.example"),
        plain("conversion", b"%PDF", "application/pdf", url="https://d.example"),
    ]
    path = tmp_path / "x.warc.wet.gz"
    path.write_bytes(b"".join(map(gzip.compress, records)))
    *pages, dropped = read(path, LIMIT)
    assert [(page.url, page.is_text) for page in pages] == [
        ("https://a.example", True), ("https://b.example", True), ("https://c.example", False),
    ]  # fmt: skip
    assert pages[0].html == text
    assert dropped.reason == "not-html"


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (plain("revisit", http(body=b""), "application/http"), "revisit"),
        (plain("continuation", b"more", "text/html"), "record-type"),
        (plain("whatever", b"<p>x</p>", "text/html"), "record-type"),
        (plain("response", b"20260101 10.0.0.1", "text/dns", url="dns:a.example"), "not-html"),
        (plain("conversion", b"x", "text/plain", url=""), "no-url"),
    ],
)
@pytest.mark.parametrize("read", [read_warc, read_warc_fast])
def test_every_other_record_is_a_drop_with_its_reason(tmp_path, record, reason, read):
    (tmp_path / "x.warc").write_bytes(record + plain("response", http(), "application/http"))
    dropped, page = read(tmp_path / "x.warc", LIMIT)
    assert (dropped.stage, dropped.reason, page.html) == ("read", reason, b"<p>x</p>")


def test_a_page_that_is_text_is_written_as_a_conversion_and_read_back(tmp_path):
    write_warc([RawPage(url="notes.md", html=b"One line.", is_text=True)], tmp_path / "x.warc.gz")
    (page,) = read_warc(tmp_path / "x.warc.gz", LIMIT)
    assert (page.html, page.is_text) == (b"One line.", True)


@pytest.mark.parametrize(
    ("record", "reason", "said"),
    [
        (response("https://a.example", b"gone", "404 Not Found"), "status", "HTTP status 404"),
        (response("https://a.example", b"GIF89a", Content_Type="image/gif"), "not-html", "image/gif"),
        (response("https://a.example", b"x", Content_Encoding="zstd"), "encoding", "no decoder for .* zstd"),
        (response("https://a.example", b"x" * (LIMIT + 1)), "too-large", "10,001 bytes or more, the limit max_bytes"),
        (
            response("https://a.example", gzip.compress(bytes(50_000_000), mtime=0), Content_Encoding="gzip"),
            "too-large",
            "10,001 bytes or more",
        ),
        (response("https://a.example", bytes(2_000_000)), "too-large", "2,000,0.. bytes or more"),
    ],
    ids=["status", "image", "encoding", "large", "bomb", "larger"],
)
def test_a_response_that_is_no_page_is_a_drop_and_reading_goes_on(tmp_path, record, reason, said):
    path = foreign(tmp_path / "x.warc.gz", record, response("https://b.example", html(1)))
    dropped, page = read_warc(path, LIMIT)
    assert (dropped.stage, dropped.reason) == ("read", reason)
    assert dropped.where.startswith("https://a.example (x.warc.gz, record 1 at byte 0)")
    assert re.search(said, dropped.text)
    assert page.url == "https://b.example"
