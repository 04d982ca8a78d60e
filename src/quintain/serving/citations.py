"""Citations of edits in replies: which edits the model was given, under the name `quintain`."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

import msgspec

from quintain.methods.lte import Hit
from quintain.models.lenient_json import read_json
from quintain.serving.json_body import Body, json_bytes

FIELD = "quintain"
"""Field of a reply, or of a chunk of one, that cites."""
HEADER = b"quintain-edits"
"""Header that cites by ids alone, on replies whose body cannot: errors, and bodies that nobody here can read."""


def citation_of(hits: Iterable[Hit]) -> Body:
    """The field that cites edits; nothing where there are none.

    >>> citation_of([])
    {}
    """
    edits = [{"id": hit.id, "fact": hit.edit.fact} for hit in hits]
    return {FIELD: {"edits": edits}} if edits else {}


def citing_header(hits: Iterable[Hit]) -> tuple[bytes, bytes]:
    """The header that cites edits; an id that no header can carry is percent-encoded."""
    return HEADER, ", ".join(quote(hit.id, safe="") for hit in hits).encode()


def with_citation(reply: bytes, citation: Body) -> bytes:
    """Put a citation into the JSON object of a reply, all of whose own bytes stay as they are.

    Args:
        reply: What a server sent.
        citation: What `citation_of` made.

    Returns:
        The object with one more field; unchanged where it is no object. Edits that the server cites itself, being a
        student with a memory of its own, follow ours.

    >>> with_citation(b'{"id": "a"}', {"quintain": {"edits": []}})
    b'{"id": "a","quintain": {"edits": []}}'
    """
    found = object_in(reply)
    if not found:
        return reply
    if FIELD in found:
        theirs = found[FIELD].get("edits") if isinstance(found[FIELD], dict) else None
        merged = {"edits": [*citation[FIELD]["edits"], *(theirs if isinstance(theirs, list) else ())]}
        return json_bytes(found | {FIELD: merged}, nan=True)
    head, _, tail = reply.rpartition(b"}")
    return head + b"," + json_bytes(citation)[1:-1] + b"}" + tail


def object_in(text: bytes) -> dict[str, Any]:
    """The JSON object that a text is; empty where it is none."""
    try:
        found = read_json(text)
    except (ValueError, RecursionError, msgspec.DecodeError):
        return {}
    return found if isinstance(found, dict) else {}
