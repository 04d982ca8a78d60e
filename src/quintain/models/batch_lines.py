"""Files of the batch interface: one chat a line out, one reply a line back."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from quintain.models.chat_completions import Reply, read_answer
from quintain.models.lenient_json import read_json
from quintain.models.questions import Question
from quintain.models.refusals import is_of_request, message_of
from quintain.usage import NOTHING

ENDPOINT = "/v1/chat/completions"
"""Path of the lines, the same at every provider."""
MOST_LINES = 50_000
"""Most chats of one batch."""
MOST_BYTES = 90_000_000
"""Longest file of one batch; providers take 100 MB or more."""


def file_of(questions: Mapping[str, Question]) -> bytes:
    """Write chats as a file.

    Args:
        questions: Id → chat.

    Returns:
        JSON lines.
    """
    return b"".join(map(_line, questions, questions.values()))


def _line(custom_id: str, question: Question) -> bytes:
    line = {"custom_id": custom_id, "method": "POST", "url": ENDPOINT, "body": msgspec.Raw(question.body)}
    return msgspec.json.encode(line) + b"\n"


def portions(questions: Mapping[str, Question]) -> Iterator[dict[str, Question]]:
    """Divide chats into as few batches as the limits of one allow, in order."""
    portion: dict[str, Question] = {}
    size = 0
    for custom_id, question in questions.items():
        length = len(question.body) + 200
        if portion and (len(portion) == MOST_LINES or size + length > MOST_BYTES):
            yield portion
            portion, size = {}, 0
        portion[custom_id] = question
        size += length
    if portion:
        yield portion


def replies_in(files: Sequence[bytes], questions: Mapping[str, Question]) -> dict[str, Reply]:
    """Read the files of a batch that has ended.

    Args:
        files: Its output and its errors.
        questions: Id → chat.

    Returns:
        Id → reply, for every chat that has one; of two the one that is no error.
    """
    replies: dict[str, Reply] = {}
    for line in (line for file in files for line in file.removeprefix(b"\xef\xbb\xbf").split(b"\n")):
        try:
            said = read_json(line) if line.strip() else None
        except (ValueError, RecursionError):
            continue  # its chat goes without a reply
        if not isinstance(said, dict):
            continue
        custom_id = said.get("custom_id")
        if not isinstance(custom_id, str) or custom_id not in questions:
            continue
        reply = _reply(said, questions[custom_id])
        if custom_id not in replies or replies[custom_id].finish_reason == "error":
            replies[custom_id] = reply
    return replies


def _reply(said: dict[str, Any], question: Question) -> Reply:
    response = said.get("response")
    if not isinstance(response, dict):
        return Reply(f"the batch has no reply to it: {message_of(said.get('error')) or 'no reason'}", "error", NOTHING)
    status, body = response.get("status_code", 200), response.get("body")
    if type(status) is int and not 200 <= status < 300:
        of_request = is_of_request(status, json.dumps(body).encode())
        return Reply(f"HTTP {status}: {message_of(body) or 'no reason'}", "error", NOTHING, of_request=of_request)
    written_bytes = 0 if body is None else len(json.dumps(body))
    return read_answer(body, question.prompt_bytes, written_bytes, question.most.completion_tokens)
