"""Errors of endpoints, in the many forms and wordings of providers: status, reason, and what they speak about."""

import re
from http import HTTPStatus
from typing import Any

from quintain.models.lenient_json import read_json

_LONGEST_REASON = 300
_ENOUGH_BYTES = 65_536
"""Longest beginning of an error that is searched for words."""

# Nothing more is answered until somebody pays; "exceeded your current quota" alone may be a limit per minute (Gemini).
_UNPAID = re.compile(
    rb"insufficient_quota|billing_|credit balance is too low|insufficient balance|ExceededBudget", re.IGNORECASE
)
_TOO_LONG_CODES = re.compile(
    rb"context_length|context_size_error|context_window_exceeded|request_too_large|prompt_too_long|input_too_long|"
    rb"string_above_max_length|max_prompt_tokens_exceeded|expected maxLength",
    re.IGNORECASE,
)
# A chat is too long when a message names what was asked, a measure of it, and that it is beyond a limit. One that
# speaks of the limit for what is written alone (`max_tokens must be <= 8192`) speaks of a setting.
_ASKED = re.compile(
    r"\b(prompt|input|context|messages?|request|requested|sequence|conversation|text|chat|token count)|"
    r"输入|上下文|提示",
    re.IGNORECASE,
)
_MEASURE = re.compile(r"token|length|context|\bsize\b|characters|\blong|too large|长|大小", re.IGNORECASE)
_BEYOND = re.compile(
    r"exceed|too (long|large|big|many)|(longer|larger|greater|higher|bigger) than|more than|over the|overflow|"
    r"maximum|at most|up to|"
    r"less than|fewer than|must (be|have) (<|≤|at most|less|no more|fewer)|<=|≤|reduce|shorten|shorter|"
    r"context (window|length|size) (of|is|has)|"
    r"\blimit(ed)? (of|to|is)|should be \[|cannot fit|does ?n[o']t fit|not fit|only .{0,40}(window|context)|"
    r"超|过长|太长|最大",
    re.IGNORECASE,
)
# What Go's programs call a request that took too long or was given up, and what is said of many requests together.
_OF_TIME = re.compile(r"context (deadline|cancel)|per (second|minute|min|hour|day)\b|rate.?limit", re.IGNORECASE)
_NEVER_FITS = re.compile(r"(request|input|prompt|message)s? (is |are )?too (large|long|big)", re.IGNORECASE)
_FILTERED = re.compile(
    rb"content_filter|content_policy|content management policy|data_inspection_failed|DataInspectionFailed|"
    rb"safety system|invalid_prompt|prohibited_content|content_blocked",
    re.IGNORECASE,
)
# Types and names that stand for a status where none is given.
_STATUS_WORDS = (
    (re.compile(r"rate.?limit|too.?many.?requests|resource.?exhausted|throttl", re.IGNORECASE), 429),
    (re.compile(r"authenti|invalid.?api.?key|incorrect.?api.?key|unauthor", re.IGNORECASE), 401),
    (re.compile(r"permission|forbidden", re.IGNORECASE), 403),
    (re.compile(r"not.?found", re.IGNORECASE), 404),
    (re.compile(r"overload|unavailable|busy|capacity", re.IGNORECASE), 503),
    (re.compile(r"invalid.?request|invalid.?argument|invalid.?param|bad.?request|validation", re.IGNORECASE), 400),
)
_SERVER_ERROR = 500
_FINE = ("0", "200", "ok", "success", "false")
"""Codes, in small letters, of what is no error."""
_STATUSES = {str(status) for status in range(400, 600)}
_WORDS_OF_STATUS = ("code", "status", "type", "status_code", "error_code")
_MESSAGES = ("message", "detail", "error", "msg", "status_msg", "error_msg", "error_message", "errors")


def error_in(answer: Any) -> Any:
    """The error that a reply with status 200 holds in place of a completion, or beside a part of one.

    Args:
        answer: The JSON of the reply.

    Returns:
        The error, a text or an object; None when there is none.
    """
    if isinstance(answer, list):  # Gemini puts its errors into a list
        answer = next((one for one in answer if isinstance(one, dict)), None)
    if not isinstance(answer, dict):
        return None
    choices = answer.get("choices")
    choices = choices if isinstance(choices, list) else []
    inside = [choice["error"] for choice in choices if isinstance(choice, dict) and "error" in choice]
    for error in (answer.get("error"), answer.get("errors"), *inside):
        # Beside a reply an object of empty fields is none; in place of one whatever it says is.
        if _is_error(error) or (not choices and isinstance(error, dict) and any(error.values())):
            return error
    state = answer.get("base_resp")  # MiniMax
    if isinstance(state, dict) and state.get("status_code") not in (None, 0):
        return state
    if not choices and (answer.get("object") == "error" or answer.get("type") == "error"):
        return answer
    if not choices and any(isinstance(answer.get(name), str) for name in _MESSAGES):
        return answer
    return None


def _is_error(error: Any) -> bool:
    if isinstance(error, dict):
        code = error.get("code")
        if isinstance(code, int | float | str) and str(code).lower() in _FINE:
            return False  # gateways write `{"code": 0, "message": "success"}` beside every reply
        return any(error.get(name) for name in _MESSAGES) or code not in (None, "")
    if isinstance(error, str):
        return error.strip().lower() not in ("", "none", "null", *_FINE)
    return bool(error) and error is not True


def status_of(error: Any) -> int:
    """Status that an error stands for; 500, which may pass, where it does not say.

    >>> status_of({"code": "503", "message": "busy"}), status_of({"type": "rate_limit_error"}), status_of("boom")
    (503, 429, 500)
    """
    if isinstance(error, list):
        error = next((one for one in error if isinstance(one, dict)), {})
    if not isinstance(error, dict):
        return _SERVER_ERROR
    named = [error.get(name) for name in _WORDS_OF_STATUS]
    for value in named:
        if isinstance(value, int | str) and str(value) in _STATUSES:
            return int(value)
    words = " ".join(value for value in named if isinstance(value, str))
    inner = error.get("error")
    if isinstance(inner, dict) and "error" not in inner:
        return status_of(inner)
    return next((status for pattern, status in _STATUS_WORDS if pattern.search(words)), _SERVER_ERROR)


def status_in(body: bytes) -> int:
    """Status of an error that came with status 200 in place of a reply, as gateways do; 200 when there is none."""
    if b"error" not in body:
        return HTTPStatus.OK
    answer = _decoded(body)
    if isinstance(answer, dict) and answer.get("choices"):
        return HTTPStatus.OK  # a part of a reply came, and may have to be paid
    error = error_in(answer)
    return HTTPStatus.OK if error is None else status_of(error)


def reason_in(body: bytes) -> str:
    """The reason that the body of an error gives, on one short line."""
    try:
        return message_of(_decoded(body)) or shortened(body)
    except RecursionError:
        return shortened(body)


def message_of(found: Any) -> str:
    """The message of an error, on one short line; empty where it has none."""
    if isinstance(found, str):
        return line_of(found)
    if isinstance(found, list):
        return line_of("; ".join(filter(None, map(message_of, found[:3]))))
    if not isinstance(found, dict):
        return ""
    if isinstance(found.get("msg"), str) and isinstance(found.get("loc"), list):  # pydantic's, as FastAPI sends them
        return line_of(f"{'.'.join(map(str, found['loc']))}: {found['msg']}")
    inner = found.get("error")
    if inner and not isinstance(inner, bool) and (said := message_of(inner)):
        return said
    return next((said for name in _MESSAGES if (said := message_of(found.get(name)))), "")


def is_quota(body: bytes) -> bool:
    """True when an error says that nothing more will be answered until somebody pays."""
    return _UNPAID.search(body, 0, _ENOUGH_BYTES) is not None


def is_too_long(body: bytes) -> bool:
    """True when an error says that this chat does not fit the model's context."""
    if _TOO_LONG_CODES.search(body, 0, _ENOUGH_BYTES):
        return True
    said = reason_in(body)
    if _OF_TIME.search(said):
        return False
    return all(pattern.search(said) for pattern in (_ASKED, _MEASURE, _BEYOND))


def is_of_request(status: int, body: bytes) -> bool:
    """True when an error lies in what one request says, so that the next one may well be answered.

    Args:
        status: HTTP status.
        body: Body of the error.

    Returns:
        Whether the chat is too long, or a filter holds it back.
    """
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return _NEVER_FITS.search(reason_in(body)) is not None  # more tokens than a whole minute allows
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return True
    if status > _SERVER_ERROR:
        return False  # what is too long there is a queue
    return is_too_long(body) or (status < _SERVER_ERROR and _FILTERED.search(body, 0, _ENOUGH_BYTES) is not None)


def _decoded(body: bytes) -> Any:
    try:
        return read_json(body)
    except (ValueError, RecursionError):
        return None


def shortened(body: bytes) -> str:
    """The beginning of a body, on one short line."""
    return line_of(body[: 4 * _LONGEST_REASON].decode("utf-8", "replace")) or "(no text)"


def line_of(text: str) -> str:
    """A text on one short line."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_REASON else f"{line[:_LONGEST_REASON]} ..."
