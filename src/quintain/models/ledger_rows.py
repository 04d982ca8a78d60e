"""One answered call as the ledger keeps it: written, read back, and looked through for faults."""

import math
import time
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from quintain.models.reported_usage import likely_tokens
from quintain.records import Completion, Origin, Request
from quintain.usage import MOST_TOKENS

CallRow = tuple[str, str, str, str, str, bytes, bytes, int, int, float]
"""key, role, stage, model, prompt, request, completion, prompt_tokens, completion_tokens, answered_at."""
COLUMNS = 10
_NAMES = ("role", "stage", "model", "prompt")
_READ_COMPLETION = msgspec.json.Decoder(Completion).decode
_READ_REQUEST = msgspec.json.Decoder(Request).decode
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, UnicodeEncodeError, TypeError, RecursionError)


def call_row(role: str, stage: str, model: str, key: str, request: Request, completion: Completion) -> CallRow | None:
    """A call as the ledger keeps it; None where it cannot be written, such as half a surrogate pair."""
    try:
        "".join((key, role, stage, model, request.prompt)).encode()
        asked = msgspec.json.encode(request)
        read, written = _counts(asked, completion)
        if not (_is_count(completion.prompt_tokens) and _is_count(completion.completion_tokens)):
            completion = replace(completion, id="", prompt_tokens=read, completion_tokens=written)
        said = msgspec.json.encode(completion)
    except (UnicodeEncodeError, TypeError, RecursionError, OverflowError):
        return None
    return (key, role, stage, model, request.prompt, asked, said, read, written, time.time())


def read_completion(blob: Any) -> Completion | None:
    """Read a completion as the ledger keeps it; None where it is damaged: what cannot be read, or has another id."""
    try:
        completion = _READ_COMPLETION(blob)
        return completion if replace(completion, id="").id == completion.id else None
    except _UNREADABLE:
        return None


def read_request(blob: Any) -> Request | None:
    """Read a request as the ledger keeps it; None where it is damaged."""
    try:
        return _READ_REQUEST(blob)
    except _UNREADABLE:
        return None


@dataclass(frozen=True)
class ExaminedCall:
    """Readable rest of a row of calls."""

    row: CallRow | None
    """The row with its faults mended; None where there is no answer left."""
    faults: tuple[str, ...] = ()
    """What is wrong with it as it stands."""


def examine(values: tuple[Any, ...]) -> ExaminedCall:
    """Look through a row of calls.

    An answer that can be read is kept whatever is wrong around it: a request that is lost gives way to one that says
    so, and counts are those of the answer.

    Args:
        values: The columns, of any type.

    Returns:
        The row as it should be, and its faults.
    """
    key, *names, asked, said, read, written, at = values
    if not isinstance(key, str) or not key or "\ufffd" in key:
        return ExaminedCall(None, ("its key cannot be read",))
    where = f"call {key[:12]}"
    completion = read_completion(said)
    if completion is None:
        return ExaminedCall(None, (f"{where}: its answer cannot be read",))
    faults = [
        f"{where}: its {name} is no text"
        for name, text in zip(_NAMES, names, strict=True)
        if not isinstance(text, str) or "\ufffd" in text
    ]
    role, stage, model, prompt = (name.replace("\ufffd", "?") if isinstance(name, str) else "" for name in names)
    if not (isinstance(asked, str | bytes) and read_request(asked)):
        faults.append(f"{where}: its request cannot be read")
        lost = Origin(knobs={"lost": "the ledger was damaged"})
        asked = msgspec.json.encode(
            Request(id=completion.request_id, prompt=prompt, fields={}, messages=(), origin=lost)
        )
    if not isinstance(at, float | int) or not math.isfinite(at):
        faults.append(f"{where}: its time is none")
        at = 0.0
    counts = _counts(asked, completion)
    if (read, written) != counts:
        faults.append(f"{where}: it counts {read!r} + {written!r} tokens, its answer {counts[0]} + {counts[1]}")
    row = (key, role, stage, model, prompt, _bytes(asked), _bytes(said), *counts, float(at))
    return ExaminedCall(row, tuple(faults))


def _counts(asked: str | bytes, completion: Completion) -> tuple[int, int]:
    """Tokens of a call as its answer has them; a guess from the text where they are no counts."""
    texts = (len(asked), len(completion.text.encode("utf-8", "replace")))
    stated = (completion.prompt_tokens, completion.completion_tokens)
    read, written = (
        count if _is_count(count) else likely_tokens(text_bytes)
        for count, text_bytes in zip(stated, texts, strict=True)
    )
    return read, written


def _is_count(count: Any) -> bool:
    return type(count) is int and 0 <= count <= MOST_TOKENS


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("utf-8", "replace")
