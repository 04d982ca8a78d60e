"""Server-sent events of another server, passed on as they come, with a citation on the first chunk of each choice."""

import re
from typing import Any

from quintain.serving.citations import object_in, with_citation
from quintain.serving.json_body import Body

_END = re.compile(rb"\r\n\r\n|\n\n|\r\r")
_DATA = re.compile(rb"^data:[ \t]*(.*?)[ \t\r]*$", re.MULTILINE)
_LONGEST_EVENT = 1 << 20
"""Bytes of an event that may be held back until it is whole; longer ones are passed on as they come, uncited."""


class CitedEvents:
    """Puts a citation into a stream; every event is passed on when it is whole.

    Args:
        citation: What is put into a chunk.
        choices: Number of choices that were asked for.
    """

    def __init__(self, citation: Body, choices: int) -> None:
        self._citation = citation
        self._missing = choices
        self._begun: set[Any] = set()
        self._held = b""
        self._searched = 0

    def feed(self, piece: bytes) -> bytes:
        """Take in the next bytes.

        Args:
            piece: What came.

        Returns:
            What can be passed on.
        """
        if not self._missing:
            return piece
        self._held += piece
        ready = []
        while self._missing and (end := _END.search(self._held, self._searched)):
            ready.append(self._cited(self._held[: end.end()]))
            self._held, self._searched = self._held[end.end() :], 0
        self._searched = max(0, len(self._held) - 3)  # an end may be half there
        if len(self._held) > _LONGEST_EVENT:
            self._missing = 0
        if not self._missing:
            ready.append(self.rest())
        return b"".join(ready)

    def rest(self) -> bytes:
        """The bytes that were held back, at the end of the stream."""
        held, self._held = self._held, b""
        return held

    def _cited(self, event: bytes) -> bytes:
        data = _DATA.findall(event)
        if len(data) != 1 or not (chunk := object_in(data[0])):
            return event
        choices = chunk.get("choices")
        new = {
            choice.get("index", 0)
            for choice in (choices if isinstance(choices, list) else ())
            if isinstance(choice, dict) and isinstance(choice.get("index", 0), int)
        } - self._begun
        if not new:
            return event
        self._begun |= new
        self._missing = max(0, self._missing - len(new))
        return event.replace(data[0], with_citation(data[0], self._citation), 1)
