"""A damage of an archive, of whatever kind a crawl brings, costs the record that it hits and no other."""

import gzip
import io
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quintain.records import RawPage
from quintain.text.web_archive import write_warc
from quintain.web.gzip_members import GZIP
from quintain.web.warc import read_warc
from quintain.web.warc_fast import read_warc_fast
from quintain.web.warc_framing import framed_records
from tests.web.archives import LIMIT, html, reasons, urls


def test_a_file_with_all_records_in_one_gzip_member_is_read(archive):
    path, _ = archive
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes())))
    assert len(urls(read_warc(path, LIMIT))) == 5


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
            found = [one for _, one in framed_records(counted, LIMIT)]
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
    path.write_bytes(data[: offsets[2]] + GZIP * 30_000 + data[offsets[2] :])
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
    path.write_bytes(GZIP + data if zipped else b"WARC/1.0\r\n" + data)
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
