"""Bodies of responses, in encodings as crawlers and servers write them."""

import gzip
import zlib

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quintain.web.http_response import read_response
from quintain.web.warc_framing import DamagedError

PAGE = "<html><body><p>Zwölf Schiffe lagen im Hafen.</p></body></html>".encode() * 20
LIMIT = 10_000


def body_of(sent, *headers, limit=LIMIT):
    block = b"\r\n".join([b"HTTP/1.1 200 OK", b"Content-Type: text/html", *headers, b"", sent])
    return read_response(block).body(limit)


def by_arrow(codec):
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, codec) as stream:
        stream.write(PAGE)
    return sink.getvalue().to_pybytes()


def raw_deflate():
    deflate = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return deflate.compress(PAGE) + deflate.flush()


@pytest.mark.parametrize(
    ("named", "sent"),
    [
        (b"gzip", gzip.compress(PAGE, mtime=0)),
        (b"x-gzip", gzip.compress(PAGE, mtime=0)),
        (b"GZIP", gzip.compress(PAGE[:99], mtime=0) + gzip.compress(PAGE[99:], mtime=0)),
        (b"deflate", zlib.compress(PAGE)),
        (b"deflate", raw_deflate()),
        (b"br", by_arrow("brotli")),
        (b"zstd", by_arrow("zstd")),
        (b"gzip, gzip", gzip.compress(gzip.compress(PAGE, mtime=0), mtime=0)),
        (b"gzip, gzip", gzip.compress(PAGE, mtime=0)),  # undone once already
    ],
)
def test_encodings_are_undone(named, sent):
    assert body_of(sent, b"Content-Encoding: " + named) == PAGE


@pytest.mark.parametrize("named", [b"gzip", b"br", b"utf-8", b"none", b"identity", b"8bit", b"amz-1.0", b""])
def test_a_header_whose_encoding_was_undone_or_never_was_one_does_no_harm(named):
    assert body_of(PAGE, b"Content-Encoding: " + named) == PAGE


@pytest.mark.parametrize(
    ("named", "sent"),
    [(b"br", gzip.compress(PAGE, mtime=0)), (b"utf-8", gzip.compress(PAGE, mtime=0)), (b"gzip", by_arrow("zstd"))],
)
def test_a_body_that_shows_another_encoding_than_its_header_names_is_read(named, sent):
    assert body_of(sent, b"Content-Encoding: " + named) == PAGE


def test_a_compressed_body_without_a_header_is_read():
    assert body_of(gzip.compress(PAGE, mtime=0)) == PAGE


@pytest.mark.parametrize("named", [b"compress", b"zstd", b"br", b"sdch"])
def test_what_nothing_reads_is_damaged_and_named(named):
    with pytest.raises(DamagedError, match=rf"no decoder .* {named.decode()}") as raised:
        body_of(bytes(range(200, 256)) + b"\0\1\2", b"Content-Encoding: " + named)
    assert raised.value.reason == "encoding"


def test_a_body_that_was_cut_off_gives_what_is_there():
    sent = gzip.compress(bytes(range(256)) * 4000)
    found = body_of(sent[: len(sent) // 2], b"Content-Encoding: gzip", limit=2_000_000)
    assert found
    assert (bytes(range(256)) * 4000).startswith(found)


@pytest.mark.parametrize("named", [b"gzip", b"deflate"])
def test_a_bomb_is_inflated_to_one_byte_over_the_limit(named):
    pack = gzip.compress if named == b"gzip" else zlib.compress
    assert len(body_of(pack(bytes(5_000_000)), b"Content-Encoding: " + named)) == LIMIT + 1


def test_chunks_are_joined_and_a_header_without_chunks_does_no_harm():
    chunked = b"".join(b"%x;ext=1\r\n%s\r\n" % (len(part), part) for part in (PAGE[:7], PAGE[7:])) + b"0\r\n\r\n"
    header = b"Transfer-Encoding: chunked"
    assert body_of(chunked, header) == PAGE
    assert body_of(PAGE, header) == PAGE
    assert body_of(chunked[:300], header) == PAGE[: 300 - len(b"7;ext=1\r\n\r\n4f5;ext=1\r\n")]


def test_folded_and_repeated_headers_are_read():
    block = b"HTTP/2 200\nContent-Type: text/html;\n charset=koi8-r\nContent-Type: text/plain\n\nx"
    found = read_response(block)
    assert (found.status, found.content_type) == ("200", "text/html; charset=koi8-r")


@given(st.binary(max_size=300), st.sampled_from([b"gzip", b"br", b"zstd", b"deflate", b"x", b"gzip,br"]))
def test_any_bytes_are_a_body_or_damaged(sent, named):
    reasons = []
    try:
        found = body_of(sent, b"Content-Encoding: " + named, b"Transfer-Encoding: chunked")
    except DamagedError as damage:
        found = b""
        reasons.append(damage.reason)
    assert isinstance(found, bytes)
    assert set(reasons) <= {"encoding"}
