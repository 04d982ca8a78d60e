"""Archives: whole, damaged in every way a crawl damages them, and written with the same bytes every time."""

import gzip
import io
import re
import tracemalloc
import uuid

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from quintain.errors import RecordError
from quintain.records import Dropped, RawPage
from quintain.text.web_archive import write_warc
from quintain.web import warc_records
from quintain.web.warc import read_warc
from quintain.web.warc_fast import read_warc_fast

LIMIT = 10_000


def html(number):
    return f"<html><body><p>Page number {number} of the archive.</p></body></html>".encode()


def urls(read):
    return [page.url for page in read if isinstance(page, RawPage)]


def reasons(read):
    return [page.reason for page in read if isinstance(page, Dropped)]


@pytest.fixture
def archive(tmp_path):
    """Five pages at https://a.example/0..4, and the offsets of their gzip members."""
    path = tmp_path / "pages.warc.gz"
    write_warc([RawPage(url=f"https://a.example/{i}", html=html(i)) for i in range(5)], path)
    with path.open("rb") as file:
        records = ArchiveIterator(file)
        offsets = [records.get_record_offset() for _ in records]
    return path, offsets


def foreign(path, *records, gzipped=True):
    """Write records with warcio: (type, url, HTTP status line, HTTP headers, body)."""
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=gzipped)
        for kind, url, status, headers, body in records:
            http = StatusAndHeaders(status, headers, protocol="HTTP/1.1") if status else None
            length = len(body)
            record = writer.create_warc_record(url, kind, io.BytesIO(body), length, http_headers=http)
            writer.write_record(record)
    return path


def response(url, body, status="200 OK", **headers):
    named = {"Content-Type": "text/html", **{name.replace("_", "-"): value for name, value in headers.items()}}
    return "response", url, status, list(named.items()), body


# --- whole archives ------------------------------------------------------------------------------------------------


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


def plain(kind, block, content_type, ends=b"\r\n", url="https://a.example", **fields):
    """A record by hand, its lines ending as said."""
    lines = [b"WARC/1.0", b"WARC-Type: " + kind.encode(), b"WARC-Target-URI: " + url.encode()]
    lines += [b"Content-Type: " + content_type.encode()] if content_type else []
    lines += [f"{name.replace('_', '-')}: {value}".encode() for name, value in fields.items()]
    return ends.join([*lines, b"Content-Length: %d" % len(block), b"", b""]) + block + ends * 2


def http(status=b"HTTP/1.1 200 OK", body=b"<p>x</p>", ends=b"\r\n", headers=(b"Content-Type: text/html",)):
    return ends.join([status, *headers, b"", body])


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


def test_a_file_with_all_records_in_one_gzip_member_is_read(archive):
    path, _ = archive
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes())))
    assert len(urls(read_warc(path, LIMIT))) == 5


# --- damaged archives ----------------------------------------------------------------------------------------------


def test_a_damaged_gzip_member_costs_its_own_page_alone(archive):
    path, offsets = archive
    data = bytearray(path.read_bytes())
    middle = (offsets[2] + offsets[3]) // 2
    data[middle : middle + 8] = b"\xff" * 8
    path.write_bytes(data)
    read = list(read_warc(path, LIMIT))
    assert urls(read) == [f"https://a.example/{i}" for i in (0, 1, 3, 4)]
    assert reasons(read) == ["broken-gzip"]


def test_a_wrong_checksum_is_noticed(archive):
    path, offsets = archive
    data = bytearray(path.read_bytes())
    data[offsets[1] - 8] ^= 0xFF  # the CRC-32 of the first member
    path.write_bytes(data)
    read = list(read_warc(path, LIMIT))
    assert urls(read) == [f"https://a.example/{i}" for i in (1, 2, 3, 4)]
    assert reasons(read) == ["broken-gzip"]


@pytest.mark.parametrize("cut", [10, 100])
def test_an_archive_cut_off_at_the_end_gives_all_pages_before(archive, cut):
    path, _ = archive
    path.write_bytes(path.read_bytes()[:-cut])
    read = list(read_warc(path, LIMIT))
    assert urls(read) == [f"https://a.example/{i}" for i in range(4)]
    assert reasons(read) == ["truncated"]


def test_rubbish_between_members_is_stepped_over(archive):
    path, offsets = archive
    data = path.read_bytes()
    path.write_bytes(data[: offsets[2]] + b"\x1f\x8b\x08 no member" + bytes(3000) + data[offsets[2] :])
    read = list(read_warc(path, LIMIT))
    assert len(urls(read)) == 5
    assert reasons(read) == ["broken-gzip"]


def test_rubbish_between_plain_records_is_one_drop(archive):
    path, _ = archive
    first, *others = gzip.decompress(path.read_bytes()).split(b"WARC/1.0\r\n")[1:]
    plain = path.with_suffix("")
    plain.write_bytes(b"WARC/1.0\r\n" + first + b"what is\nthis?\n" + b"".join(b"WARC/1.0\r\n" + r for r in others))
    read = list(read_warc(plain, LIMIT))
    assert len(urls(read)) == 5
    assert reasons(read) == ["broken-record"]


@pytest.mark.parametrize("length", [b"many", b"-5", b"", "１２".encode()])
def test_a_content_length_that_is_no_number_costs_one_page(archive, length):
    path, _ = archive
    records = gzip.decompress(path.read_bytes()).split(b"WARC/1.0\r\n")[1:]
    at = records[1].index(b"Content-Length: ")
    end = records[1].index(b"\r\n", at)
    records[1] = records[1][:at] + b"Content-Length: " + length + records[1][end:]
    plain = path.with_suffix("")
    plain.write_bytes(b"".join(b"WARC/1.0\r\n" + record for record in records))
    read = list(read_warc(plain, LIMIT))
    assert urls(read) == [f"https://a.example/{i}" for i in (0, 2, 3, 4)]
    assert reasons(read)[0] == "broken-record"


def test_a_plain_archive_cut_off_at_the_end_says_how_much_is_there(archive):
    path, _ = archive
    plain = path.with_suffix("")
    plain.write_bytes(gzip.decompress(path.read_bytes())[:-30])
    *pages, dropped = read_warc(plain, LIMIT)
    assert len(pages) == 4
    assert dropped.reason == "truncated"
    assert "bytes are there" in dropped.text


def test_a_record_that_is_longer_than_it_says_is_broken(archive):
    path, _ = archive
    plain = path.with_suffix("")
    plain.write_bytes(gzip.decompress(path.read_bytes()).replace(b"Page number 2", b"Page with the number 2"))
    read = list(read_warc(plain, LIMIT))
    assert urls(read) == [f"https://a.example/{i}" for i in (0, 1, 3, 4)]
    assert reasons(read)[0] == "broken-record"


def layouts(records):
    """The same records plain, in one gzip member, and in one member each."""
    whole = b"".join(records)
    return {
        "x.warc": whole,
        "one.warc.gz": gzip.compress(whole, mtime=0),
        "each.warc.gz": b"".join(map(gzip.compress, records)),
    }


def claiming(record, length):
    at = record.index(b"Content-Length: ") + len(b"Content-Length: ")
    return record[:at] + str(length).encode() + record[record.index(b"\r\n", at) :]


@pytest.mark.parametrize("layout", ["x.warc", "one.warc.gz", "each.warc.gz"])
@pytest.mark.parametrize("length", [0, 150, 700, 2_000, 200_000, 10**9, 10**17, "9" * 5000])
def test_a_wrong_length_costs_its_own_record_alone(archive, length, layout):
    path, _ = archive
    pages = [RawPage(url=f"https://a.example/{i}", html=html(i) * 40) for i in range(40)]
    write_warc(pages, path)
    records = [b"WARC/1.0\r\n" + one for one in gzip.decompress(path.read_bytes()).split(b"WARC/1.0\r\n")[1:]]
    for wrong in (1, 20):
        records[wrong] = claiming(records[wrong], length)
    (path.parent / layout).write_bytes(layouts(records)[layout])
    for read in (read_warc, read_warc_fast):
        read = list(read(path.parent / layout, LIMIT))
        assert urls(read) == [page.url for i, page in enumerate(pages) if i not in (1, 20)]
        assert len(reasons(read)) == 2


def test_lengths_that_all_are_wrong_are_not_read_again_and_again(tmp_path):
    """Each of the broken records claims nearly all that follows; the bytes read grow with the file alone."""
    asked = []
    for records in (500, 1000):
        path = tmp_path / f"{records}.warc"
        path.write_bytes(b"WARC/1.0\r\nContent-Length: 9999\r\n\r\n" * records)
        with path.open("rb", buffering=0) as raw:
            counted = CountedReads(raw)
            found = [one for _, one in warc_records._records(counted, LIMIT)]
        assert len(found) == records
        asked.append(counted.taken)
    assert asked[1] < 2.5 * asked[0]
    assert asked[1] < 20 * path.stat().st_size


class CountedReads:
    """A file that counts the bytes it gave."""

    def __init__(self, raw):
        self._file = io.BufferedReader(raw)
        self.taken = 0

    def __getattr__(self, name):
        return getattr(self._file, name)

    def read(self, *size):
        data = self._file.read(*size)
        self.taken += len(data)
        return data

    def readline(self, *size):
        data = self._file.readline(*size)
        self.taken += len(data)
        return data


def test_headers_that_never_end_are_read_once(tmp_path):
    path = tmp_path / "x.warc"
    path.write_bytes(b"WARC/1.0\n" * 3000)
    assert reasons(read_warc(path, LIMIT)) == ["broken-record"] * 2999 + ["truncated"]


def test_a_header_within_the_text_of_a_sound_record_begins_no_record(tmp_path):
    """A page must not be able to smuggle in another page under a foreign address."""
    smuggled = b"<p>\r\n\r\nWARC/1.0\r\nWARC-Type: resource\r\nWARC-Target-URI: https://bank.example\r\n\r\n"
    write_warc([RawPage(url=f"https://a.example/{i}", html=smuggled) for i in range(2)], tmp_path / "x.warc")
    assert urls(read_warc(tmp_path / "x.warc", LIMIT)) == ["https://a.example/0", "https://a.example/1"]


def test_magic_bytes_all_over_an_archive_are_passed_over(archive):
    path, offsets = archive
    data = path.read_bytes()
    path.write_bytes(data[: offsets[2]] + warc_records.GZIP * 30_000 + data[offsets[2] :])
    read = list(read_warc(path, LIMIT))
    assert len(urls(read)) == 5
    assert reasons(read) == ["broken-gzip"]


def test_a_response_without_http_headers_is_broken(tmp_path):
    path = tmp_path / "x.warc"
    block = b"<html>no status line</html>"
    path.write_bytes(
        b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://a.example\r\n"
        b"Content-Type: application/http\r\nContent-Length: %d\r\n\r\n%s\r\n\r\n" % (len(block), block)
    )
    assert reasons(read_warc(path, LIMIT)) == ["broken-http"]


def test_a_response_without_an_address_is_a_drop(tmp_path):
    path = tmp_path / "x.warc"
    path.write_bytes(
        b"WARC/1.0\r\nWARC-Type: response\r\nContent-Type: application/http\r\nContent-Length: 0\r\n\r\n\r\n\r\n"
    )
    assert reasons(read_warc(path, LIMIT)) == ["no-url"]


@pytest.mark.parametrize("content", [b"", b"\r\n\r\n"])
def test_an_empty_archive_holds_nothing(tmp_path, content):
    path = tmp_path / "x.warc"
    path.write_bytes(content)
    assert list(read_warc(path, LIMIT)) == []


def test_a_file_that_is_no_archive_is_one_drop(tmp_path):
    path = tmp_path / "x.warc"
    path.write_bytes(b"<html>\n" * 100)
    assert reasons(read_warc(path, LIMIT)) == ["broken-record"]


def test_memory_does_not_hold_a_page_over_the_limit(tmp_path):
    path = tmp_path / "x.warc.gz"
    with gzip.open(path, "wb") as file:
        file.write(
            b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://a.example\r\n"
            b"Content-Type: application/http\r\nContent-Length: 50000000\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"
        )
        file.write(bytes(50_000_000 - 19))
        file.write(b"\r\n\r\n")
    tracemalloc.start()
    assert reasons(read_warc(path, LIMIT)) == ["too-large"]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 5_000_000


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300), st.booleans())
def test_any_bytes_are_read_without_an_error(tmp_path_factory, data, zipped):
    path = tmp_path_factory.mktemp("any") / "x.warc"
    path.write_bytes(warc_records.GZIP + data if zipped else b"WARC/1.0\r\n" + data)
    list(read_warc(path, LIMIT))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_one_wrong_byte_costs_at_most_one_page_and_never_silently(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("wound") / "x.warc.gz"
    write_warc([RawPage(url=f"https://a.example/{i}", html=html(i)) for i in range(5)], path)
    whole = path.read_bytes()
    at = data.draw(st.integers(0, len(whole) - 1))
    path.write_bytes(whole[:at] + bytes([whole[at] ^ data.draw(st.integers(1, 255))]) + whole[at + 1 :])
    read = list(read_warc(path, LIMIT))
    pages = [page for page in read if isinstance(page, RawPage)]
    assert len(pages) == 5 or (len(pages) == 4 and len(read) > 4)
    assert all(page.html == html(int(page.url[-1])) for page in pages)
