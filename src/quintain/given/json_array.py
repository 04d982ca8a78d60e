"""Items of a JSON array, one after the other: a file of gigabytes is never held whole."""

import codecs
import json
from collections.abc import Iterator
from typing import Any, BinaryIO

from quintain.errors import RecordError
from quintain.limits import LINE_BYTES

_CHUNK_BYTES = 1 << 20
_BLANK = " \t\r\n"
_LONGEST_WORD = 32
"""Characters before the end of what was read within which an error may come of its end, as in half of `false`."""


def array_items(file: BinaryIO, name: str) -> Iterator[tuple[int, int, Any]]:
    """Read the items of an array.

    Args:
        file: A file whose content is one JSON array, at its beginning.
        name: Name of the file, for messages.

    Yields:
        tuple[int, int, Any]: Number of the item, from 1, the line on which it begins, and its value.

    Raises:
        RecordError: The array is cut off or no JSON; what comes behind the place cannot be told from it.
    """
    text = _Text(file, name)
    text.skip_blanks()
    text.take("[")
    text.skip_blanks()
    number = 0
    if text.peek() == "]":
        text.take("]")
    else:
        while True:
            number += 1
            line = text.line
            yield number, line, text.value(number)
            text.skip_blanks()
            if text.peek() != ",":
                break
            text.take(",")
            text.skip_blanks()
        text.take("]")
    text.skip_blanks()
    if text.peek():
        raise RecordError(f"{name}, line {text.line}: something stands behind the end of the array; take it out")


class _Text:
    """The text of a file, of which only a stretch is in memory."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        self._file = file
        self._name = name
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._scan = json.JSONDecoder().raw_decode
        self._text = ""
        self._at = 0
        self._ended = False
        self.line = 1
        self._read(_CHUNK_BYTES)
        self._at = int(self._text.startswith("\ufeff"))

    def peek(self) -> str:
        """The next character; empty at the end."""
        if self._at >= len(self._text):
            self._read(_CHUNK_BYTES)
        return self._text[self._at : self._at + 1]

    def skip_blanks(self) -> None:
        """Go on to what is no white space."""
        while (character := self.peek()) and character in _BLANK:
            self.line += character == "\n"
            self._at += 1

    def take(self, wanted: str) -> None:
        """Go past a character that must come next."""
        if (found := self.peek()) != wanted:
            what = f"{found!r} stands where {wanted!r} must" if found else f"the array ends before its {wanted!r}"
            raise self._broken(what)
        self._at += 1

    def value(self, number: int) -> Any:
        """Read a value; the text grows until the value is whole."""
        size = _CHUNK_BYTES
        while True:
            try:
                value, end = self._scan(self._text, self._at)
            except RecursionError:
                raise self._broken(f"item {number}: brackets are nested too deep") from None
            except ValueError as error:
                if not self._may_go_on(error):
                    raise self._broken(f"item {number}: {getattr(error, 'msg', error)}") from None
            else:
                if end < len(self._text) or self._ended:  # a number could go on
                    self.line += self._text.count("\n", self._at, end)
                    self._at = end
                    return value
            self._read(size)
            size *= 2

    def _may_go_on(self, error: ValueError) -> bool:
        """True where what stands there may be the beginning of something longer."""
        if self._ended or len(self._text) - self._at > LINE_BYTES or not isinstance(error, json.JSONDecodeError):
            return False
        return error.msg.startswith("Unterminated string") or len(self._text) - error.pos < _LONGEST_WORD

    def _read(self, size: int) -> None:
        if self._ended:
            return
        data = self._file.read(size)
        self._ended = not data
        try:
            more = self._decoder.decode(data, final=self._ended)
        except UnicodeDecodeError:
            raise self._broken("what follows is not UTF-8") from None
        self._text = self._text[self._at :] + more
        self._at = 0

    def _broken(self, what: str) -> RecordError:
        return RecordError(
            f"{self._name}, line {self.line}: {what}. An array cannot be read past such a place: mend it, or write one "
            "object on each line (.jsonl), where a bad row costs itself alone"
        )
