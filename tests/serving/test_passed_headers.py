"""Headers of one connection, keys and cookies stay on their side."""

from quintain.serving.passed_headers import to_client, to_upstream

CAME = [
    (b"host", b"localhost"), (b"connection", b"close, X-Own"), (b"x-own", b"1"), (b"te", b"trailers"),
    (b"content-length", b"7"), (b"accept-encoding", b"br"), (b"cookie", b"a=b"), (b"origin", b"http://localhost"),
    (b"authorization", b"Bearer k"), (b"api-key", b"k"), (b"x-trace", b"1"), (b"x-trace", b"2"),
    (b"content-type", b"application/json"), (b"x-name", "\u00fc".encode("latin-1")),
]  # fmt: skip
KEPT = [("x-trace", "1"), ("x-trace", "2"), ("content-type", "application/json"), ("x-name", "\u00fc")]


def test_a_key_goes_on_only_where_it_is_meant_to():
    plain = ("accept-encoding", "identity")
    assert to_upstream(CAME, credentials=False) == [*KEPT, plain]
    assert to_upstream(CAME, credentials=True) == [("authorization", "Bearer k"), ("api-key", "k"), *KEPT, plain]


def test_what_a_server_says_of_its_own_name_or_connection_is_not_said_of_this_one():
    came = [
        (b"Date", b"now"), (b"Set-Cookie", b"a=b"), (b"Strict-Transport-Security", b"max-age=1"), (b"Alt-Svc", b"h3"),
        (b"Transfer-Encoding", b"chunked"), (b"Content-Length", b"7"), (b"X-Id", b"7"), (b"Server", b"uvicorn"),
    ]  # fmt: skip
    assert to_client(came, length=False) == [(b"x-id", b"7"), (b"server", b"uvicorn")]
    assert to_client(came, length=True) == [(b"content-length", b"7"), (b"x-id", b"7"), (b"server", b"uvicorn")]
