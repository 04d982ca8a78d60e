"""A completion that came as server-sent events, put together as if it had come as one."""

import re
from collections.abc import Iterator
from typing import Any

from quintain.message_words import CALLS, read_words
from quintain.models.lenient_json import read_json

_BEGINNING = re.compile(rb"\s*(data|event|id|retry)?:")
_DONE = b"[DONE]"


class StreamBroken(Exception):
    """A stream that ends before its completion does."""


def is_event_stream(body: bytes) -> bool:
    """True when a body is a stream of events and no JSON."""
    return _BEGINNING.match(body) is not None


def joined(body: bytes) -> dict[str, Any]:
    """Put the events of a stream together.

    Args:
        body: The whole stream.

    Returns:
        The object that a reply in one piece would have been, as far as the stream has it.

    Raises:
        StreamBroken: It ends early, with neither a reason to finish nor its last mark, or an event is no JSON.
        ForeignPart: It holds something else than text.
    """
    whole: dict[str, Any] = {}
    choices: dict[str, dict[str, Any]] = {}
    done = False
    for data in _events(body):
        if data == _DONE:
            done = True
            break
        try:
            event = read_json(data)
        except ValueError:
            raise StreamBroken("an event of the stream is no JSON") from None
        if not isinstance(event, dict):
            continue
        whole |= {name: value for name, value in event.items() if value is not None and name != "choices"}
        given = event.get("choices")
        for choice in given if isinstance(given, list) else ():
            if isinstance(choice, dict):
                _add(choices.setdefault(str(choice.get("index", 0)), {}), choice)
    whole["choices"] = list(choices.values())
    finished = done or "error" in whole or any(choice.get("finish_reason") for choice in choices.values())
    if not finished and (choices or len(whole) == 1):
        raise StreamBroken("the stream ends before its completion does")
    return whole


def _events(body: bytes) -> Iterator[bytes]:
    """The data of each event; comments and other fields are left out."""
    for event in body.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n\n"):
        lines = [line[5:].strip() for raw in event.split(b"\n") if (line := raw.lstrip()).startswith(b"data:")]
        data = b"\n".join(lines).strip()
        # Several lines are one event, but some servers leave the blank line between two events out.
        yield from lines if len(lines) > 1 and not _is_json(data) else [data] if data else []


def _is_json(data: bytes) -> bool:
    try:
        read_json(data)
    except ValueError:
        return False
    return True


def _add(whole: dict[str, Any], choice: dict[str, Any]) -> None:
    """Add what an event brings to a choice."""
    message = whole.setdefault("message", {})
    if "finish_reason" in choice:  # a server that never says why it ends is believed, as in a reply in one piece
        whole.setdefault("finish_reason", None)
    piece = choice.get("delta") if isinstance(choice.get("delta"), dict) else choice.get("message")
    if isinstance(piece, dict):
        words = read_words(piece)
        for name, text in (("content", words.text), ("reasoning", words.reasoning), ("refusal", words.refusal)):
            if text is not None and (text or name == "content"):
                message[name] = message.get(name, "") + text
        message |= {name: piece[name] for name in CALLS if piece.get(name)}
    if choice.get("finish_reason"):
        whole["finish_reason"] = choice["finish_reason"]
    if choice.get("error"):
        whole["error"] = choice["error"]
