"""Headers between a client and the server behind: which are passed on, in both directions."""

from collections.abc import Iterable, Sequence

Headers = Sequence[tuple[bytes, bytes]]

# What holds for one connection alone (RFC 9110, 7.6.1), and what is said anew on the next one.
_OF_CONNECTION = frozenset(
    (b"connection", b"keep-alive", b"proxy-authenticate", b"proxy-authorization", b"proxy-connection", b"te",
     b"trailer", b"transfer-encoding", b"upgrade", b"http2-settings")
)  # fmt: skip
_CREDENTIALS = frozenset((b"authorization", b"api-key", b"x-api-key"))
# The body is read here, so it comes in one piece and plain; a page's origin was looked at here; cookies are of a host.
_OURS = frozenset((b"host", b"content-length", b"expect", b"accept-encoding", b"origin", b"referer", b"cookie"))
# Said by this server, or about the name of the other one: a browser would take them as said about ours.
_THEIRS = frozenset((b"date", b"set-cookie", b"strict-transport-security", b"alt-svc"))


def to_upstream(headers: Headers, *, credentials: bool) -> list[tuple[str, str]]:
    """Headers of a client for the server behind.

    Args:
        headers: As the client sent them, names in small letters.
        credentials: Whether its key is meant for the server behind; one that is meant for this server goes nowhere.

    Returns:
        Those to send. Replies are asked for uncompressed, so that they can be cited in.
    """
    left_out = _OF_CONNECTION | _OURS | _named(headers) | (frozenset() if credentials else _CREDENTIALS)
    kept = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers if name not in left_out]
    return [*kept, ("accept-encoding", "identity")]


def to_client(headers: Headers, *, length: bool) -> list[tuple[bytes, bytes]]:
    """Headers of a reply for the client.

    Args:
        headers: As the server behind sent them.
        length: Whether the body is passed on byte for byte, so that its length holds.

    Returns:
        Those to send, names in small letters.
    """
    small = [(name.lower(), value) for name, value in headers]
    left_out = _OF_CONNECTION | _THEIRS | _named(small) | (frozenset() if length else frozenset((b"content-length",)))
    return [(name, value) for name, value in small if name not in left_out]


def _named(headers: Iterable[tuple[bytes, bytes]]) -> frozenset[bytes]:
    """Headers that `Connection` names as its own."""
    named = b",".join(value for name, value in headers if name == b"connection")
    return frozenset(name.strip().lower() for name in named.split(b","))
