"""A file of pairs without a project: every line becomes a row of a training, or a reason."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from quintain.doctor.row_survey import RowSurvey
from quintain.errors import RecordError
from quintain.limits import LINE_BYTES
from quintain.text.json_lines import UnreadableLineError, decode_line, lines
from quintain.training.row_rendering import RenderedRow, render_row, turns_of

if TYPE_CHECKING:
    from quintain.models.response_tokens import ResponseEncoder

BLANK, UNREADABLE, NO_ROW = "blank-line", "unreadable-line", "no-row"
"""Reasons beside those of RenderedRow."""


@dataclass(frozen=True, kw_only=True)
class InspectedLine:
    """A line of a file of pairs, and what becomes of it."""

    number: int
    """Its number, from 1."""
    id: str | int
    """The row's own id; the number of the line where it has none."""
    reason: str
    """Why it is dropped, one word and perhaps details behind a colon; empty for a row that is learned from."""
    row: RenderedRow = field(default_factory=RenderedRow)
    """The row, empty where the line is none."""

    def count_in(self, survey: RowSurvey) -> None:
        """Count it among the others."""
        name = f"line {self.number}"
        if self.reason and not self.row.reason:
            survey.drop(name, self.reason.partition(":")[0])
        else:
            survey.add(name, self.row)

    def as_json(self) -> str:
        """The line of JSON that `quintain doctor --json` prints; in ASCII, so that no text in it ends a line."""
        return json.dumps(
            {
                "id": self.id,
                "line": self.number,
                "status": "dropped" if self.reason else "kept",
                "reason": self.reason,
                "prompt": self.row.prompt,
                "learned": "" if self.reason else self.row.learned,
            }
        )


def inspected_lines(path: Path, encoder: "ResponseEncoder", max_length: int | None) -> Iterator[InspectedLine]:
    """Render every line of a file as the training would.

    Args:
        path: JSON lines with `instruction`, `response`, and perhaps `context`; or with `messages`.
        encoder: Encoder of the student.
        max_length: Longest row, in tokens; None where there is no limit.

    Yields:
        InspectedLine: One for each line, in order.

    Raises:
        RecordError: The file cannot be read.
    """
    try:
        with path.open("rb") as file:
            for number, line in lines(file):
                yield _inspected(number, line, encoder, max_length)
    except OSError as error:
        raise RecordError(f"{path} cannot be read: {error.strerror or error}") from None


def _inspected(number: int, line: bytes, encoder: "ResponseEncoder", max_length: int | None) -> InspectedLine:
    if not line.strip():
        return InspectedLine(number=number, id=number, reason=BLANK)
    if len(line) > LINE_BYTES:
        return InspectedLine(number=number, id=number, reason=f"{UNREADABLE}: longer than {LINE_BYTES:,} bytes")
    try:
        found = decode_line(line, json.loads)
    except UnreadableLineError as error:
        return InspectedLine(number=number, id=number, reason=f"{UNREADABLE}: {error}")
    if not isinstance(found, Mapping):
        return InspectedLine(number=number, id=number, reason=f"{NO_ROW}: the line holds no object of JSON")
    own = found.get("id")
    named = own if isinstance(own, str | int) and not isinstance(own, bool) and own != "" else number
    try:
        turns = turns_of(_as_one_chat(found))
    except RecordError as error:
        return InspectedLine(number=number, id=named, reason=f"{NO_ROW}: {error}")
    row = render_row(encoder, turns, max_length)
    return InspectedLine(number=number, id=named, reason=row.reason, row=row)


def _as_one_chat(found: Mapping[str, Any]) -> dict[str, Any]:
    """A row whose `messages` are the whole chat, or else stand before its instruction; empty columns left out."""
    row = {name: value for name, value in found.items() if value is not None}
    messages, asked, said = row.get("messages"), row.get("instruction"), row.get("response")
    if not isinstance(messages, list) or asked is None or said is None:
        return row
    turns = [turn if isinstance(turn, Mapping) else {} for turn in messages]
    if turns and turns[-1].get("role") == "assistant" and turns[-1].get("content") == said:
        return row
    again = bool(turns) and turns[-1].get("role") == "user" and turns[-1].get("content") == asked
    return {"context": messages[:-1] if again else messages, "instruction": asked, "response": said}
