"""The question of a chat that is on its way to another server: its last user turn, all else left as it came."""

import json
from dataclasses import dataclass
from typing import Any

import msgspec

from quintain.text.surrogates import without_surrogates

_BOM = b"\xef\xbb\xbf"
_FIELDS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_TURNS = msgspec.json.Decoder(list[msgspec.Raw])
_MOST_CHOICES = 128


@dataclass(frozen=True)
class LastQuestion:
    """The last user turn of a chat; behind it may stand calls of tools and their results, which serve its answer."""

    text: str
    """What is asked; of a content in parts the texts, a line break between them."""
    choices: int
    """Number of choices that are asked for."""
    _body: dict[str, msgspec.Raw]
    _turns: list[msgspec.Raw]
    _place: int
    _parts: list[Any] | None

    def rewritten(self, text: str) -> bytes:
        """The body with another text in place of the question.

        Args:
            text: The text; it takes the place of the first part that is one, and the other texts go.

        Returns:
            JSON in which every other field and turn is as it came.
        """
        content: object = text
        if self._parts is not None:
            at = next(place for place, part in enumerate(self._parts) if _text_of(part) is not None)
            content = [
                part | {"text": text} if place == at else part
                for place, part in enumerate(self._parts)
                if place == at or _text_of(part) is None
            ]
        turns = [*self._turns]
        turns[self._place] = _written(_fields(turns[self._place]) | {"content": _raw(content)})
        return bytes(_written(self._body | {"messages": msgspec.Raw(b"[" + b",".join(map(bytes, turns)) + b"]")}))


def last_question(body: bytes) -> LastQuestion | None:
    """Find the question of a chat.

    Args:
        body: Body of a request for a chat completion.

    Returns:
        The question; None where there is none that could be read: the other server says what it makes of it.

    >>> chat = b'{"messages": [{"role": "user", "content": "Who?"}], "top_p": 1.50}'
    >>> last_question(chat).rewritten("Who is it?")
    b'{"messages":[{"role":"user","content":"Who is it?"}],"top_p":1.50}'
    """
    try:
        fields = _fields(body.removeprefix(_BOM))
        turns = _list(fields["messages"])
        place = next(place for place in reversed(range(len(turns))) if _role(turns[place]) == "user")
        content = json.loads(bytes(_fields(turns[place])["content"]))
        choices = json.loads(bytes(fields["n"])) if "n" in fields else 1
    except (msgspec.MsgspecError, ValueError, KeyError, StopIteration, RecursionError):
        return None
    parts = content if isinstance(content, list) else None
    texts = [text for part in parts if (text := _text_of(part)) is not None] if parts else [content]
    if not texts or not all(isinstance(text, str) for text in texts):
        return None
    asked = choices if type(choices) is int and 1 <= choices <= _MOST_CHOICES else 1
    return LastQuestion(without_surrogates("\n".join(texts)), asked, fields, turns, place, parts)


def _fields(text: bytes | msgspec.Raw) -> dict[str, msgspec.Raw]:
    try:
        return _FIELDS.decode(text)
    except msgspec.DecodeError:  # halves of characters, NaN: Python's reader takes them, and so may the server behind
        found = json.loads(bytes(text))
    if not isinstance(found, dict):
        raise ValueError("no object")
    return {name: _raw(value) for name, value in found.items()}


def _list(text: msgspec.Raw) -> list[msgspec.Raw]:
    try:
        return _TURNS.decode(text)
    except msgspec.DecodeError:
        found = json.loads(bytes(text))
    if not isinstance(found, list):
        raise ValueError("no list")
    return [_raw(value) for value in found]


def _raw(value: object) -> msgspec.Raw:
    return msgspec.Raw(json.dumps(value).encode())


def _written(fields: dict[str, msgspec.Raw]) -> msgspec.Raw:
    each = (json.dumps(name).encode() + b":" + bytes(value) for name, value in fields.items())
    return msgspec.Raw(b"{" + b",".join(each) + b"}")


def _role(turn: msgspec.Raw) -> object:
    return json.loads(bytes(_fields(turn)["role"]))


def _text_of(part: Any) -> str | None:
    """The text of a part of a content; None for an image and the like."""
    if not isinstance(part, dict) or part.get("type") not in ("text", "input_text"):
        return None
    text = part.get("text")
    return text if isinstance(text, str) else None
