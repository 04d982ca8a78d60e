"""Quotes of a judge, found again in the response: evidence that a reader can check."""

import json
from collections.abc import Iterator
from typing import Any

Spans = tuple[tuple[int, int], ...]

_DECODER = json.JSONDecoder(strict=False)
# A reply holds one object, perhaps after a false start; garbage of a thousand braces is not worth a thousand readings.
_MOST_STARTS = 20


def find_quotes(reply: str, response: str, level: int) -> tuple[Spans, ...]:
    """Find the quoted words of a structured reply.

    Args:
        reply: What the judge said.
        response: What it judged.
        level: How many constraints it was asked about.

    Returns:
        For each constraint the place of its quote in the response, as [start, end), or nothing where the judge quoted
        nothing or something that does not stand there.
    """
    verdicts = read_verdicts(reply)
    if len(verdicts) != level:
        return ((),) * level
    return tuple(_place(verdict.get("quote"), response) for verdict in verdicts)


def read_verdicts(reply: str) -> list[dict[str, Any]]:
    """The list `verdicts` of the last JSON object in a reply that has one; empty where none has."""
    found: list[dict[str, Any]] = []
    for value in _objects(reply):
        verdicts = value.get("verdicts")
        if isinstance(verdicts, list) and all(isinstance(each, dict) for each in verdicts):
            found = verdicts
    return found


def _objects(text: str) -> Iterator[dict[str, Any]]:
    start = text.find("{")
    for _ in range(_MOST_STARTS):
        if start < 0:
            return
        try:
            value, end = _DECODER.raw_decode(text, start)
        except (ValueError, RecursionError):  # among them a number of more digits than Python reads
            start = text.find("{", start + 1)
            continue
        yield value
        start = text.find("{", end)


def _place(quote: object, response: str) -> Spans:
    if not isinstance(quote, str) or not quote.strip():
        return ()
    start = response.find(quote.strip())
    return ((start, start + len(quote.strip())),) if start >= 0 else ()
