"""Replies of OpenAI's chat completions, read as far as servers agree on them and however they bend them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from quintain.finish_reasons import Ending, read_ending
from quintain.message_words import ForeignPart, Words, read_words
from quintain.models.event_stream import StreamBroken, is_event_stream, joined
from quintain.models.lenient_json import read_json, without_mark
from quintain.models.refusals import error_in, is_of_request, message_of, shortened, status_of
from quintain.models.reported_usage import likely_tokens, read_usage
from quintain.models.retries import is_passing
from quintain.records import FinishReason
from quintain.usage import Usage


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
    reasoning: str = ""
    """What the server told apart as reasoning."""
    passing: bool = False
    """Whether an `error` may be none when the same is asked again."""
    refused: bool = False
    """Whether an `error` is the server's word for a request that it does not take as it is."""


class BadBody(Exception):
    """A body that is not what the protocol promises: it counts as an answer that did not arrive."""


def read_body(body: bytes, prompt_bytes: int, most_tokens: int | None = None) -> Reply:
    """Read the body of a reply with status 200.

    Args:
        body: What came: JSON, or a stream of events that nobody asked for.
        prompt_bytes: Length of what was asked, to guess its tokens when the server does not count.
        most_tokens: Limit of what may be written, to see whether it was reached when the server does not say.

    Returns:
        The reply; one that a server gave but that cannot be read has finish_reason `error` and the reason as its text.

    Raises:
        BadBody: The body is empty, cut off, or no JSON object.
    """
    body = without_mark(body)
    if not body.strip():
        raise BadBody("it is empty")
    try:
        answer = joined(body) if is_event_stream(body) else read_json(body)
        return read_answer(answer, prompt_bytes, len(body), most_tokens)
    except ForeignPart as error:
        return _foreign(error, prompt_bytes, len(body))
    except RecursionError:
        return unreadable("the reply is no chat completion: it is nested too deeply", prompt_bytes, len(body))
    except UnicodeDecodeError as error:
        return unreadable(f"the reply is not UTF-8: {error.reason} at byte {error.start}", prompt_bytes, len(body))
    except StreamBroken as error:
        raise BadBody(f"{error}, at last {shortened(body[-200:])!r}") from None
    except ValueError as error:
        raise BadBody(f"{error}, in {shortened(body)!r}") from None


def read_answer(answer: Any, prompt_bytes: int, body_bytes: int, most_tokens: int | None = None) -> Reply:
    """Read the JSON of a reply.

    Args:
        answer: The JSON.
        prompt_bytes: Length of what was asked.
        body_bytes: Length of what came.
        most_tokens: Limit of what may be written.

    Returns:
        The reply; one that cannot be read has finish_reason `error` and the reason as its text.
    """
    try:
        return _read_answer(answer, prompt_bytes, body_bytes, most_tokens)
    except ForeignPart as error:
        return _foreign(error, prompt_bytes, body_bytes)
    except RecursionError:
        return unreadable("the reply is no chat completion: it is nested too deeply", prompt_bytes, body_bytes)


def _read_answer(answer: Any, prompt_bytes: int, body_bytes: int, most_tokens: int | None) -> Reply:
    if (error := error_in(answer)) is not None:
        reason, status = message_of(error) or shortened(str(error).encode("utf-8", "replace")), status_of(error)
        of_request = is_of_request(status, reason.encode("utf-8", "replace"))
        passing = is_passing(status) and not of_request
        return _error(f"the server says: {reason}", answer, prompt_bytes, 0, of_request=of_request, passing=passing)
    if not isinstance(answer, dict):
        return unreadable(f"the reply is no chat completion: it is {_kind(answer)}", prompt_bytes, body_bytes)
    choices = answer.get("choices")
    if choices is None:
        choices = []
    if not isinstance(choices, list):
        return unreadable(f"the reply is no chat completion: $.choices is {_kind(choices)}", prompt_bytes, body_bytes)
    messages = [
        choice["message"] for choice in choices if isinstance(choice, dict) and isinstance(choice.get("message"), dict)
    ]
    if len(messages) < len(choices):
        return unreadable(
            "the reply is no chat completion: $.choices[...].message is no object", prompt_bytes, body_bytes
        )
    said = [read_words(message) for message in messages]
    said_bytes = sum(_bytes(words) for words in said)
    if len(choices) != 1:
        reason = f"the reply holds {len(choices)} choices, one was asked for"
        return _error(reason, answer, prompt_bytes, said_bytes)
    usage, estimated = read_usage(answer.get("usage"), prompt_bytes, said_bytes)
    stated = choices[0].get("finish_reason")
    ending = read_ending(stated)
    if "finish_reason" not in choices[0]:
        # A server that never says why it ended is believed, unless it wrote all that it was allowed to.
        ending = "length" if most_tokens and usage.completion_tokens >= most_tokens else "whole"
    text, finish = _read_choice(said[0], ending, stated)
    if finish == "error":
        return _error(
            text, answer, prompt_bytes, said_bytes, of_request=ending == "blocked", passing=ending == "unknown"
        )
    return Reply(_whole_characters(text), finish, usage, estimated, reasoning=_whole_characters(said[0].reasoning))


def _read_choice(words: Words, ending: Ending, stated: Any) -> tuple[str, FinishReason]:
    if ending == "length":
        return words.text or "", "length"
    if ending == "unknown":
        return (
            f"the server ended the reply with finish_reason {_shown(stated)}, which does not say that it is whole",
            "error",
        )
    if ending != "whole":
        return f"the server ended the reply with finish_reason {_shown(stated)}", "error"
    if words.calls_tool:
        return "the reply calls a tool", "error"
    if words.text is None and words.refusal:
        return words.refusal, "stop"
    if not words.text and words.reasoning:
        return "the reply is reasoning without a response", "error"
    if words.text is None:
        return "the reply has no content", "error"
    return words.text, "stop"


def _error(
    why: str, answer: Any, prompt_bytes: int, said_bytes: int, *, of_request: bool = False, passing: bool = False
) -> Reply:
    stated = answer.get("usage") if isinstance(answer, dict) else None
    usage, estimated = read_usage(stated, prompt_bytes, said_bytes)
    return Reply(_whole_characters(why), "error", usage, estimated, of_request=of_request, passing=passing)


def _foreign(error: ForeignPart, prompt_bytes: int, body_bytes: int) -> Reply:
    return unreadable(f"the reply cannot be read: {error}", prompt_bytes, body_bytes)


def unreadable(why: str, prompt_bytes: int, body_bytes: int) -> Reply:
    """A reply that a server gave and that cannot be read: an error of its request, which may have to be paid."""
    return Reply(why, "error", Usage(1, likely_tokens(prompt_bytes), likely_tokens(body_bytes)), estimated=True)


def _whole_characters(text: str) -> str:
    """The text with U+FFFD for halves of pairs, which no file and no server can take."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _bytes(words: Words) -> int:
    return sum(len(text.encode("utf-8", "replace")) for text in (words.text or "", words.reasoning, words.refusal))


def _shown(stated: Any) -> str:
    return "none" if stated is None else repr(stated)[:60]


def _kind(value: Any) -> str:
    kinds: Sequence[tuple[type, str]] = ((list, "a list"), (dict, "an object"), (str, "a text"))
    return next((name for kind, name in kinds if isinstance(value, kind)), f"{value!r:.40}")
