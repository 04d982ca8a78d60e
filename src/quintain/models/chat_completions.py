"""The chat-completions wire format of OpenAI, as far as servers agree on it."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import msgspec

from quintain.models.content_parts import told_in
from quintain.models.endpoint_settings import Dialect
from quintain.models.language_model import Sampling
from quintain.models.reported_usage import likely_tokens, read_usage
from quintain.models.system_turns import merge_system
from quintain.reasoning import with_trace
from quintain.records import FinishReason, Message
from quintain.usage import Usage

_LONGEST_REASON = 300
_TOO_LONG = re.compile(
    r"context (length|window|size)|maximum.{0,20}(length|tokens)|too long|too many tokens", re.IGNORECASE
)
_TOKENS_PER_TURN = 16
_LONGEST_INTEGER = 40


@dataclass(frozen=True)
class ApiDialect:
    """Dialect of the API: names of fields and roles that families of endpoints do not share."""

    limit: str = "max_tokens"
    """Field for the most tokens to write."""
    seed: str = "seed"
    """Field for the seed; empty when there is none."""
    draws: bool = True
    """Whether temperature and top_p may be set."""
    system: str = "system"
    """Role of the system turn; empty when it must be part of the first user turn."""


DIALECTS: dict[Dialect, ApiDialect] = {
    "standard": ApiDialect(),
    "reasoning": ApiDialect(limit="max_completion_tokens", seed="", draws=False, system="developer"),
    "mistral": ApiDialect(seed="random_seed"),
    "no-system": ApiDialect(system=""),
}


@dataclass(frozen=True)
class Reply:
    """One answer that arrived whole."""

    text: str
    """What the model said, or for `error` why there is nothing to read."""
    finish_reason: FinishReason
    """As in a Completion."""
    usage: Usage
    """What it cost."""
    estimated: bool = False
    """Whether the usage is in part a guess, because the server left it out or it cannot be."""
    of_request: bool = False
    """Whether an `error` lies in what was asked, so that it says nothing about the endpoint."""


class BadBody(Exception):
    """A body that is not what the protocol promises: it counts as an answer that did not arrive."""


class _Message(msgspec.Struct):
    content: Any = None
    refusal: str | None = None
    reasoning_content: Any = None
    reasoning: Any = None


class _Choice(msgspec.Struct):
    message: _Message
    finish_reason: str | None = None


class _Body(msgspec.Struct):
    choices: list[_Choice] | None = None
    usage: Any = None
    error: Any = None


_DECODER = msgspec.json.Decoder(_Body)
_ENCODER = msgspec.json.Encoder()


def write_body(
    model: str,
    messages: Sequence[Message],
    sampling: Sampling,
    seed: int,
    dialect: ApiDialect,
    extra: dict[str, Any],
) -> bytes:
    """Put a chat as the body of an HTTP request.

    Args:
        model: Name of the model at the endpoint.
        messages: The chat.
        sampling: How tokens are drawn.
        seed: Seed of this draw.
        dialect: Names that this endpoint uses.
        extra: Further fields.

    Returns:
        JSON, UTF-8.
    """
    body: dict[str, Any] = {"model": model, "messages": _turns(messages, dialect)}
    body[dialect.limit] = sampling.max_new_tokens
    if dialect.draws:
        body |= {"temperature": sampling.temperature, "top_p": sampling.top_p}
    if dialect.seed:
        body[dialect.seed] = seed
    return _ENCODER.encode(body | extra)


def _turns(messages: Sequence[Message], dialect: ApiDialect) -> list[dict[str, str]]:
    turns = [{"role": turn.role, "content": turn.content} for turn in messages]
    if not dialect.system:
        return merge_system(turns)
    return [turn | {"role": dialect.system} if turn["role"] == "system" else turn for turn in turns]


def most_usage(messages: Sequence[Message], sampling: Sampling) -> Usage:
    """The most a call may cost: a token is at least one byte of the chat, and each turn brings marks of its own."""
    prompt = sum(len(turn.content.encode("utf-8", "surrogatepass")) + _TOKENS_PER_TURN for turn in messages)
    return Usage(1, prompt, sampling.max_new_tokens)


def read_body(body: bytes, prompt_bytes: int) -> Reply:
    """Read the body of a reply with status 200.

    Args:
        body: What came.
        prompt_bytes: Length of what was asked, to guess its tokens when the server does not count.

    Returns:
        The reply; one that a server gave but that cannot be read has finish_reason `error` and the reason as its text.

    Raises:
        BadBody: The body is empty, cut off, or no JSON object.
    """
    if not body.strip():
        raise BadBody("it is empty")
    try:
        answer = _decode(body)
    except msgspec.ValidationError as error:
        return unreadable(f"the reply is no chat completion: {error}", prompt_bytes, len(body))
    except RecursionError:
        return unreadable("the reply is no chat completion: it is nested too deeply", prompt_bytes, len(body))
    except UnicodeDecodeError as error:
        return unreadable(f"the reply is not UTF-8: {error.reason} at byte {error.start}", prompt_bytes, len(body))
    except ValueError as error:
        raise BadBody(f"{error}, in {_shortened(body)!r}") from None
    if answer.error is not None:
        return unreadable(f"the server says: {reason_in(body)}", prompt_bytes, 0)
    choices = answer.choices or []
    text, finish = _read_choices(choices)
    said = sum(_written_bytes(one.message) for one in choices)
    usage, estimated = read_usage(answer.usage, prompt_bytes, said)
    filtered = any(choice.finish_reason == "content_filter" for choice in choices)
    return Reply(_whole_characters(text), finish, usage, estimated, of_request=filtered)


def unreadable(why: str, prompt_bytes: int, body_bytes: int) -> Reply:
    """A reply that a server gave and that cannot be read: an error of its request, which may have to be paid."""
    return Reply(why, "error", Usage(1, likely_tokens(prompt_bytes), likely_tokens(body_bytes)), estimated=True)


def _written_bytes(message: _Message) -> int:
    parts = (message.content or message.refusal, message.reasoning_content or message.reasoning)
    return sum(len(str(part or "").encode("utf-8", "replace")) for part in parts)


def _decode(body: bytes) -> _Body:
    """Read JSON strictly, and else as servers in Python and JavaScript write it: with NaN, halves of pairs, any number.

    The words are worth more than a number beside them that is none.
    """
    try:
        return _DECODER.decode(body)
    except UnicodeDecodeError:
        raise
    except msgspec.DecodeError as strict:
        try:
            lenient = json.loads(body.decode("utf-8-sig"), parse_int=_integer)
        except UnicodeDecodeError:
            raise
        except ValueError:
            raise strict from None
        return msgspec.convert(lenient, _Body)


def _integer(digits: str) -> float:
    return int(digits) if len(digits) <= _LONGEST_INTEGER else float("inf")


def _whole_characters(text: str) -> str:
    """The text with U+FFFD for halves of pairs, which no file and no server can take."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _read_choices(choices: Sequence[_Choice]) -> tuple[str, FinishReason]:
    if len(choices) != 1:
        return f"the reply holds {len(choices)} choices, one was asked for", "error"
    message, why = choices[0].message, choices[0].finish_reason
    try:
        told = told_in(message.content, message.reasoning_content or message.reasoning)
    except ValueError as error:
        return str(error), "error"
    text = (
        None
        if told is None
        else with_trace(told._replace(cut=why == "length" and bool(told.reasoning) and not told.response))
    )
    if why == "length":
        return text or "", "length"
    if why in ("content_filter", "tool_calls", "function_call"):
        return f"the server ended the reply with finish_reason {why!r}", "error"
    if text is None:
        refusal = message.refusal
        return (refusal, "stop") if refusal else ("the reply has no content", "error")
    return text, "stop"


def status_in(body: bytes) -> int:
    """Status of an error that came with status 200, as gateways send them; 200 when there is none."""
    if b'"error"' not in body:
        return HTTPStatus.OK
    error = _object(body).get("error")
    code = error.get("code") if isinstance(error, dict) else None
    return code if isinstance(code, int) and 400 <= code < 600 else HTTPStatus.OK


def reason_in(body: bytes) -> str:
    """The reason that the body of an error gives, on one short line."""
    found = _object(body)
    error = found.get("error", found)
    if isinstance(error, dict):
        error = error.get("message") or error.get("detail") or error.get("error")
    return _line(error) if isinstance(error, str) and error.strip() else _shortened(body)


def is_quota(body: bytes) -> bool:
    """True when an error says that nothing more will be answered until somebody pays."""
    return b"insufficient_quota" in body or b"billing_" in body


def is_too_long(body: bytes) -> bool:
    """True when an error says that this chat does not fit the model's context."""
    return b"context_length" in body or _TOO_LONG.search(reason_in(body)) is not None


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _shortened(body: bytes) -> str:
    return _line(body[: 4 * _LONGEST_REASON].decode("utf-8", "replace")) or "(no text)"


def _line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_REASON else f"{line[:_LONGEST_REASON]} ..."
